"""The record on both engines: what is filed is kept whole, once, under consecutive numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.desk import Desk
from cases.errors import StaleCase, UnknownCase
from cases.model import EVERYWHERE, Action, AlertState, CaseNo, Scope, Stage, Standing, WorkerId, WorkerStatus
from cases.ports import CaseFilter
from storage.engine import Engine
from storage.positions import SqlPositions
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import NORTH, SOUTH, alert_report, filed, full_report, seen, status_report


def test_a_case_comes_back_as_it_was_filed(desk: Desk, views: SqlViews) -> None:
    arrival = full_report()
    [no] = filed(desk, arrival)
    assert seen(views, no) == desk.case_of(arrival, no, MONDAY_9)
    [first] = views.events(no, EVERYWHERE)
    assert (first.seq, first.version, first.action, first.by) == (1, 1, Action.REPORT, "W-0001")


def test_numbers_are_consecutive_within_the_local_day(desk: Desk) -> None:
    assert filed(desk, report("a"), report("b")) == ["20261116-000001", "20261116-000002"]
    assert filed(desk, report("c")) == ["20261116-000003"]
    evening = MONDAY_9 + timedelta(hours=16)  # 01:00 the next day in Shanghai
    assert filed(desk, report("d"), now=evening) == ["20261117-000001"]


def test_a_repeat_gets_the_first_answer_and_other_content_a_conflict(desk: Desk, views: SqlViews) -> None:
    [first] = desk.file([report("a", flags=("ON_BORDER",))], MONDAY_9)
    again, other = desk.file([report("a"), report("a", fingerprint="else")], MONDAY_9 + timedelta(days=3))
    assert again.receipt == first.receipt
    assert again.duplicate
    assert (other.code, other.ok) == ("CONFLICT", False)
    assert views.cases(EVERYWHERE, CaseFilter()).total == 1


def test_the_same_id_from_another_source_is_another_report(desk: Desk) -> None:
    assert len(set(filed(desk, report("a"), report("a", source="hotline")))) == 2


def test_a_thousand_receipts_are_found_in_one_question(desk: Desk) -> None:
    many = [report(f"r{n}", source=f"dev-{n % 7}") for n in range(1100)]
    first = desk.file(many, MONDAY_9)
    again = desk.file(many, MONDAY_9)
    assert [a.receipt for a in again] == [a.receipt for a in first]
    assert all(a.duplicate for a in again)


def test_an_exception_undoes_the_whole_transaction(engine: Engine, desk: Desk, views: SqlViews) -> None:
    def change_ones_mind() -> None:
        with SqlStore(engine).transaction() as tx:
            tx.next("event", 5)
            tx.add_cases([desk.case_of(full_report(), CaseNo("20261116-000009"), MONDAY_9)])
            raise RuntimeError("thought better of it")

    with pytest.raises(RuntimeError, match="thought better"):
        change_ones_mind()
    assert views.cases(EVERYWHERE, CaseFilter()).total == 0
    assert filed(desk, report("a")) == ["20261116-000001"]
    assert views.changed_since(0)[0] == 1


def test_actions_change_row_and_events_together(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, full_report())
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    after = desk.act(no, Action.DISPATCH, {"worker": "W-0001"}, DUTY, EVERYWHERE, 2, MONDAY_9 + timedelta(seconds=30))
    assert seen(views, no) == after
    assert after.stage is Stage.DISPATCHED
    happened = views.events(no, EVERYWHERE)
    assert [(e.seq, e.version, e.action) for e in happened] == [
        (1, 1, Action.REPORT),
        (2, 2, Action.ACCEPT),
        (3, 3, Action.DISPATCH),
    ]
    assert happened[2].changes["dispatched_at"] == MONDAY_9 + timedelta(seconds=30)
    assert happened[2].changes["stage"] is Stage.DISPATCHED


def test_a_stale_view_is_refused_and_names_who_was_first(desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    with pytest.raises(StaleCase, match=DUTY.name):
        desk.act(no, Action.DISPATCH, {"worker": "W-0001"}, DUTY, EVERYWHERE, 1, MONDAY_9)


def test_a_case_outside_the_scope_is_an_unknown_case(desk: Desk) -> None:
    [no] = filed(desk, full_report())
    with pytest.raises(UnknownCase):
        desk.act(no, Action.ACCEPT, {}, DUTY, Scope("T-S"), 1, MONDAY_9)
    with pytest.raises(UnknownCase):
        desk.act(CaseNo("20261116-000777"), Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)


def test_a_case_moved_to_another_grid_is_seen_there_and_no_more_here(
    engine: Engine, desk: Desk, views: SqlViews
) -> None:
    [no] = filed(desk, full_report())
    with SqlStore(engine).transaction() as tx:
        case = tx.case(no, EVERYWHERE)
        assert case is not None
        tx.save_case(replace(case, version=2, place=replace(case.place, grids=SOUTH)))
    assert views.case(no, Scope("T-N")) is None
    assert views.cases(Scope("T-S-1"), CaseFilter()).items == (seen(views, no),)


def test_clocks_speak_once_when_the_light_changes(desk: Desk, views: SqlViews) -> None:
    [no, _] = filed(desk, report("a"), report("b", category="dispute.land"))
    case = seen(views, no)
    assert case.warn_at is not None
    assert case.due_at is not None
    heard = [desk.turn_clocks(at) for at in (MONDAY_9, case.warn_at, case.warn_at, case.due_at, case.due_at)]
    assert heard == [0, 3, 0, 1, 0]  # with the light of the whole those of 受理 of both
    assert seen(views, no).standing is Standing.OVERDUE
    assert views.events(no, EVERYWHERE)[-1].changes == {"standing": Standing.OVERDUE}


def test_a_fresh_case_is_given_until_its_clocks_start_and_never_if_they_run(engine: Engine, desk: Desk) -> None:
    desk.file([report("1"), report("2"), report("3")], MONDAY_9)
    with SqlStore(engine).transaction() as tx:
        first, second, third = tx.open_cases()
        tx.save_clocks(desk.clocks.stages.start(first))
        assert tx.unclocked(2) == ([second], second.no)
        tx.start_clocks(desk.clocks.stages.start(second), second.no)
        assert tx.unclocked(2) == ([third], third.no)
        tx.start_clocks(desk.clocks.stages.start(third), third.no)
        assert tx.unclocked(2) == ([], None)


def test_first_clocks_that_come_late_leave_what_an_action_did_to_them(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    with SqlStore(engine).overview() as seen:
        [fresh], _ = seen.unclocked(5)
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    with SqlStore(engine).transaction() as tx:
        after = tx.clocks(no)
        tx.start_clocks(desk.clocks.stages.start(fresh), fresh.no)
        assert (tx.clocks(no), tx.unclocked(5)) == (after, ([], None))


def test_what_is_looked_for_outside_the_write_turn_waits_for_no_writer(engine: Engine) -> None:
    store = SqlStore(engine)
    with store.transaction(), store.overview() as seen:
        assert (seen.unclocked(5), seen.due(MONDAY_9, 5), seen.clocks_due(MONDAY_9, 5)) == (([], None), [], [])


def test_a_suspended_clock_rests(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, report("a"))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(no, Action.SUSPEND, {"reason": "等待鉴定"}, DUTY, EVERYWHERE, 2, MONDAY_9)
    assert desk.turn_clocks(MONDAY_9 + timedelta(days=30)) == 0


def test_an_alert_is_kept_acknowledged_and_becomes_a_case(desk: Desk, views: SqlViews) -> None:
    [answer] = desk.file([alert_report()], MONDAY_9)
    assert answer.receipt is not None
    assert answer.receipt.number == "A20261116-0001"
    views = replace(views, clock=lambda: MONDAY_9)
    [alert] = views.alerts(EVERYWHERE)
    assert (alert.state, alert.place.grids, alert.level) == (AlertState.NEW, NORTH, "orange")
    raised = desk.act_on_alert(alert.no, "raise_case", {}, DUTY, EVERYWHERE, MONDAY_9)
    assert views.alerts(Scope("T-N")) == [raised]
    assert raised.case is not None
    assert seen(views, raised.case).title == "广场人员聚集"


def test_a_dispatch_is_a_task_until_the_worker_acknowledges(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, full_report())
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(no, Action.DISPATCH, {"worker": "W-0001"}, DUTY, EVERYWHERE, 2, MONDAY_9)
    positions = SqlPositions(engine)
    [task] = positions.open_tasks(WorkerId("W-0001"))
    assert (task.case, task.version, task.by, task.lon) == (no, 3, DUTY.name, 120.123456789)
    assert not positions.acknowledge(task.id, WorkerId("W-0002"), MONDAY_9)
    assert positions.acknowledge(task.id, WorkerId("W-0001"), MONDAY_9)
    assert positions.acknowledge(task.id, WorkerId("W-0001"), MONDAY_9 + timedelta(hours=1))
    assert positions.open_tasks(WorkerId("W-0001")) == []


def test_on_scene_is_the_cases_arrival(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, full_report())
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(no, Action.DISPATCH, {"worker": "W-0001"}, DUTY, EVERYWHERE, 2, MONDAY_9)
    word = status_report("s1", "W-0001", WorkerStatus.ON_SCENE, no)
    assert [a.duplicate for a in (*desk.file([word], MONDAY_9), *desk.file([word], MONDAY_9))] == [False, True]
    assert seen(views, no).arrived_at == MONDAY_9
    [refused] = desk.file([status_report("s2", "W-0002", WorkerStatus.ON_SCENE, no)], MONDAY_9)
    assert refused.code == "NOT_YOURS"
