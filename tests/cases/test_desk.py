"""The desk: repeats, conflicts, staleness, tasks, alerts, clocks and past lives, on a store in memory."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar import WorkCalendar
from cases.desk import Desk, Past, Step
from cases.errors import BadAction, CaseError, IllegalAction, NotAllowed, StaleCase, UnknownCase
from cases.model import (
    EVERYWHERE,
    Action,
    AlertLevel,
    AlertReport,
    AlertState,
    Place,
    Scope,
    Stage,
    Standing,
    StatusReport,
    WorkerStatus,
)
from cases.ports import Change
from tests.cases.build import ANALYST, DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, report
from tests.cases.memory import MemoryStore


class Room:
    """A desk on an empty store, with the bells it rang."""

    def __init__(self, calendar: WorkCalendar = WorkCalendar(), **rules: object) -> None:  # noqa: B008
        self.store = MemoryStore()
        self.bells: list[Change] = []
        self.desk = Desk(self.store, calendar, self.bells.extend, **rules)

    def file(self, *arrivals, at=MONDAY_9):
        return self.desk.file(arrivals, at)

    def act(self, no, action, actor=DUTY, seen=None, scope=EVERYWHERE, at=MONDAY_9, **details):
        seen = self.store.cases[no].version if seen is None and no in self.store.cases else seen or 0
        return self.desk.act(no, action, details, actor, scope, seen, at)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def filed(room: Room) -> str:
    return room.file(report())[0].receipt.number


def status(worker="W-0001", status=WorkerStatus.ON_SCENE, case=None, id="s1"):
    return StatusReport(f"dev-{worker}", id, f"fp-{id}", MONDAY_9, MONDAY_9, worker, status, case)


def alert(id="a1", level=AlertLevel.RED):
    place = Place(120.1, 30.2, ("G1",))
    return AlertReport("cam", id, f"fp-{id}", MONDAY_9, MONDAY_9, level, "video", "fire", "烟火", place)


def test_a_batch_is_numbered_in_order_and_answered_one_by_one(room: Room) -> None:
    answers = room.file(report("a"), report("b"), alert())
    assert [a.receipt.number for a in answers] == ["20261116-000001", "20261116-000002", "A20261116-0001"]
    assert [e.seq for e in room.store.happened] == [1, 2]
    assert room.store.cases["20261116-000001"].due_at is not None


def test_the_same_report_again_gets_its_first_answer(room: Room) -> None:
    first, again = room.file(report("a"))[0], room.file(report("a"), report("a"))
    assert all(a.duplicate and a.receipt == first.receipt for a in again)
    assert len(room.store.cases) == 1


def test_twice_in_one_batch_is_one_case(room: Room) -> None:
    first, second = room.file(report("a"), report("a"))
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.receipt == second.receipt


def test_the_same_id_with_other_content_is_a_conflict_and_leaves_no_trace(room: Room) -> None:
    room.file(report("a"))
    answer = room.file(report("a", fingerprint="other"))[0]
    assert (answer.ok, answer.code) == (False, "CONFLICT")
    assert len(room.store.kept) == 1


def test_an_action_moves_row_and_event_and_rings_the_bell(room: Room, filed: str) -> None:
    room.bells.clear()
    after = room.act(filed, Action.ACCEPT)
    assert (after.stage, room.store.happened[-1].action) == (Stage.ACCEPTED, Action.ACCEPT)
    assert room.bells == [Change("case", filed, 2)]


def test_refusals_come_in_the_contract_order(room: Room, filed: str) -> None:
    with pytest.raises(UnknownCase):
        room.act("20261116-999999", Action.ACCEPT)
    with pytest.raises(UnknownCase):
        room.act(filed, Action.ACCEPT, scope=Scope("elsewhere"))
    room.act(filed, Action.ACCEPT)
    with pytest.raises(NotAllowed):
        room.act(filed, Action.CLOSE, ANALYST, seen=1)
    with pytest.raises(StaleCase) as stale:
        room.act(filed, Action.CLOSE, seen=1)
    assert stale.value.version == 2 and "值班员甲" in stale.value.msg
    with pytest.raises(IllegalAction):
        room.act(filed, Action.CLOSE)
    with pytest.raises(BadAction):
        room.act(filed, Action.SUSPEND)


def test_a_refused_action_leaves_everything_as_it_was(room: Room, filed: str) -> None:
    before = (dict(room.store.cases), list(room.store.happened), dict(room.store.counters))
    with pytest.raises(CaseError):
        room.act(filed, Action.CLOSE)
    assert (room.store.cases, room.store.happened, room.store.counters) == before


def test_a_dispatch_to_a_worker_is_a_task_and_on_scene_is_the_arrival(room: Room, filed: str) -> None:
    room.act(filed, Action.ACCEPT)
    room.act(filed, Action.DISPATCH, worker="W-0001", unit="U-urban")
    assert [t.worker for t in room.store.tasks] == ["W-0001"]
    assert room.file(status(case=filed))[0].ok
    assert room.store.cases[filed].arrived_at == MONDAY_9
    assert room.file(status("W-0002", case=filed, id="s2"))[0].code == "NOT_YOURS"
    assert room.file(status(case="20261116-777777", id="s3"))[0].code == "NOT_YOURS"


def test_merging_into_nothing_is_refused(room: Room, filed: str) -> None:
    with pytest.raises(BadAction):
        room.act(filed, Action.MERGE, into="20261116-000099")
    other = room.file(report("b"))[0].receipt.number
    assert room.act(filed, Action.MERGE, into=other).merged_into == other
    assert room.act(filed, Action.UNMERGE).merged_into is None


def test_the_clock_of_every_due_case_speaks_once(room: Room, filed: str) -> None:
    late = room.store.cases[filed].due_at + timedelta(minutes=1)
    assert (room.desk.turn_clocks(late), room.desk.turn_clocks(late)) == (2, 0)  # 受理's and the whole's
    assert room.store.cases[filed].standing is Standing.OVERDUE
    assert room.store.happened[-1].changes == {"standing": Standing.OVERDUE}


def test_an_approved_extension_moves_the_deadline(room: Room, filed: str) -> None:
    room.act(filed, Action.ACCEPT)
    before = room.store.cases[filed].due_at
    room.act(filed, Action.EXTEND, reason="等待鉴定", days=2)
    assert room.store.cases[filed].due_at == before
    assert room.act(filed, Action.APPROVE, LEADER).due_at > before
    with pytest.raises(IllegalAction):
        room.act(filed, Action.APPROVE, LEADER)


def test_an_alert_is_acknowledged_once_and_may_become_a_case(room: Room) -> None:
    number = room.file(alert())[0].receipt.number
    first = room.desk.act_on_alert(number, "acknowledge", {}, DUTY, EVERYWHERE, MONDAY_9)
    again = room.desk.act_on_alert(number, "acknowledge", {}, LEADER, EVERYWHERE, MONDAY_9)
    assert first == again and first.by == "值班员甲"
    raised = room.desk.act_on_alert(number, "raise_case", {"category": "safety.fire"}, DUTY, EVERYWHERE, MONDAY_9)
    assert raised.state is AlertState.RAISED
    assert room.store.cases[raised.case].severity == 1
    with pytest.raises(IllegalAction):
        room.desk.act_on_alert(number, "raise_case", {}, DUTY, EVERYWHERE, MONDAY_9)
    with pytest.raises(BadAction):
        room.desk.act_on_alert(number, "shelve", {"minutes": 0, "reason": "x"}, DUTY, EVERYWHERE, MONDAY_9)
    with pytest.raises(NotAllowed):
        room.desk.act_on_alert(number, "acknowledge", {}, ANALYST, EVERYWHERE, MONDAY_9)


def past(id="p1", days=3) -> Past:
    def at(hours: float):
        return MONDAY_9 - timedelta(days=30) + timedelta(hours=hours)

    steps = (
        Step(at(0.2), Action.ACCEPT, DUTY),
        Step(at(0.4), Action.DISPATCH, DUTY, {"unit": "U-urban"}),
        Step(at(24 * days), Action.HANDLE, UNIT),
        Step(at(24 * days + 1), Action.VERIFY, VERIFIER),
        Step(at(24 * days + 2), Action.CLOSE, DUTY),
    )
    return Past(report(id, at=at(0), received_at=at(0), demo=True), steps)


def test_a_past_case_lives_by_the_same_rules_and_only_once(room: Room) -> None:
    room.desk.backfill([past("p1"), past("p2", days=0.1)])
    room.desk.backfill([past("p1"), past("p2", days=0.1)])
    late, quick = room.store.cases.values()
    assert (late.stage, late.standing, quick.standing) == (Stage.CLOSED, Standing.OVERDUE, Standing.ON_TIME)
    assert late.no.startswith("20261017-") and room.bells == []
    assert [e.seq for e in room.store.happened] == list(range(1, len(room.store.happened) + 1))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from([DUTY, LEADER, UNIT, VERIFIER])), max_size=25))
def test_replaying_the_events_gives_the_row(steps) -> None:
    room = Room()
    no = room.file(report())[0].receipt.number
    start = room.store.cases[no]
    details = {"reason": "x", "text": "x", "unit": "U-urban", "score": 3, "days": 1, "to": "n"}
    for n, (action, actor) in enumerate(steps):
        at = MONDAY_9 + timedelta(hours=n)
        room.desk.turn_clocks(at)
        try:
            room.act(no, action, actor, at=at, **details)
        except CaseError:
            continue
    row, replayed = room.store.cases[no], {}
    for event in room.store.happened:
        replayed |= event.changes
    for name, value in replayed.items():
        assert getattr(row, name) == value, name
    assert row.version == start.version + len(room.store.happened) - 1
