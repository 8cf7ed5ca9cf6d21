"""Meetings on both engines: what was agreed comes back as it was, a closed meeting is never rewritten, areas hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from cases.agenda import Matters
from cases.assessment import Month, Objection, Ruling
from cases.calendar import WorkCalendar
from cases.decisions import Answerable
from cases.desk import Desk
from cases.errors import IllegalAction, StoreUnavailable, UnknownCase
from cases.meeting_desk import MeetingDesk, UnknownMeeting
from cases.meetings import KINDS
from cases.model import EVERYWHERE, Account, Action, CaseNo, Role, Scope, Standing
from cases.ports import Change
from cases.supervision import Target, answer, draw, enter, rectify, supervise
from storage.engine import Engine
from storage.meetings import SqlMeetings
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import filed

LEADER = Account("leader", Role.LEADER, "", "指挥长")
URBAN = Account("urban", Role.UNIT, "", "城管", unit="U-urban")
KNOWN = (Answerable("U-urban", "城管中队"), Answerable("T-N", "北镇", is_grid=True))


@pytest.fixture
def meetings(engine: Engine) -> SqlMeetings:
    return SqlMeetings(engine)


@pytest.fixture
def heard() -> list[Change]:
    return []


@pytest.fixture
def door(meetings: SqlMeetings, heard: list[Change]) -> MeetingDesk:
    return MeetingDesk(meetings, WorkCalendar(), heard.extend)


def test_meeting_goes_from_call_to_a_kept_decision(
    door: MeetingDesk, meetings: SqlMeetings, desk: Desk, views: SqlViews, heard: list[Change]
) -> None:
    (number,) = filed(desk, report("a"))
    held = door.open(KINDS["three_level"], {"T-N": Matters(), "T-S": Matters()}, LEADER, MONDAY_9)
    with pytest.raises(IllegalAction):
        door.open(KINDS["weekly"], {}, LEADER, MONDAY_9)
    door.reorder(held.no, "T-S", -1, LEADER)
    door.call(held.no, "T-N", LEADER)
    door.note_presence(held.no, "T-S", "absent", LEADER)
    made = door.decide(held.no, "城管 办 现场核处 周五前", number, KNOWN, LEADER, EVERYWHERE, MONDAY_9)
    assert (made.grid, made.unit, made.case) == ("T-N", "U-urban", number)
    story = views.events(number, EVERYWHERE)[-1]
    assert (story.action, story.by) == (Action.NOTE, "leader")
    assert made.no in story.why
    assert {change.kind for change in heard} == {"meeting", "case", "decision"}
    over = door.close(held.no, LEADER, MONDAY_9 + timedelta(hours=1))
    assert meetings.past("") == [over]
    assert [item.grid for item in over.agenda] == ["T-S", "T-N"]
    assert meetings.open_meeting("") is None
    assert meetings.decisions(EVERYWHERE, meeting=held.no) == [made]
    assert meetings.decisions(Scope("T-N")) == [made]
    assert meetings.decisions(Scope("T-S")) == []


def test_task_is_done_by_its_unit_and_verified_by_another(door: MeetingDesk, meetings: SqlMeetings) -> None:
    held = door.open(KINDS["joint"], {}, LEADER, MONDAY_9)
    made = door.decide(held.no, "城管 办 报方案 明天", "", KNOWN, LEADER, EVERYWHERE, MONDAY_9)
    own = door.decide(held.no, "北镇 办 走访 3日内", "", KNOWN, LEADER, EVERYWHERE, MONDAY_9)
    assert meetings.decisions_for("U-urban", "") == [made]
    assert meetings.decisions_for(None, "T-N") == [own]
    door.finish(made.no, URBAN, "方案已报", MONDAY_9 + timedelta(days=2))
    kept = door.verify(made.no, LEADER, MONDAY_9 + timedelta(days=3))
    assert kept.standing(MONDAY_9 + timedelta(days=9)) is Standing.OVERDUE
    assert meetings.decisions_for("U-urban", "") == []
    with pytest.raises(UnknownMeeting):
        door.send_back(own.no, Account("elsewhere", Role.LEADER, "T-S", ""), MONDAY_9)


def test_refused_line_or_case_leaves_nothing(door: MeetingDesk, meetings: SqlMeetings) -> None:
    held = door.open(KINDS["joint"], {}, LEADER, MONDAY_9)
    with pytest.raises(UnknownCase):
        door.decide(held.no, "城管 办 核处 明天", "20261116-000999", KNOWN, LEADER, EVERYWHERE, MONDAY_9)
    assert meetings.decisions(EVERYWHERE) == []
    with pytest.raises(UnknownMeeting):
        door.call(held.no, "T-N", Account("other", Role.LEADER, "T-N", ""))


def test_closed_meeting_is_not_rewritten_even_past_the_rules(door: MeetingDesk, meetings: SqlMeetings) -> None:
    held = door.open(KINDS["joint"], {}, LEADER, MONDAY_9)
    door.close(held.no, LEADER, MONDAY_9)
    with pytest.raises((StoreUnavailable, IntegrityError)), meetings.transaction() as tx:
        tx.save_meeting(held)
    assert meetings.meeting(held.no, "") is not None
    assert meetings.meeting(held.no, "T-N") is None


def test_matters_are_read_by_grid(desk: Desk, meetings: SqlMeetings) -> None:
    first, second = filed(desk, report("a"), report("b"))
    desk.act(first, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(second, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    desk.act(first, Action.LINK, {"to": second, "kind": "repeat"}, DUTY, EVERYWHERE, 2, MONDAY_9)
    with desk.store.transaction() as tx:
        code = tx.open_cases()[0].grids[0]
    found = meetings.matters([code, "nowhere"], EVERYWHERE, MONDAY_9)
    assert (len(found[code].cases), found[code].repeats, found[code].week) == (2, {first, second}, 2)
    assert found[code].usual is None
    assert found["nowhere"].cases == []


def test_supervision_ledger_and_rulings_come_back_as_they_were(meetings: SqlMeetings) -> None:
    target = Target("", "U-urban", "", "城管中队", CaseNo("20261116-000001"))
    one = supervise("S1", target, "not_handled", "三次未清", LEADER, WorkCalendar(), MONDAY_9)
    said = answer(one, URBAN, "在办", MONDAY_9)
    entry = enter("Z1", target, "台账不全", "补齐", MONDAY_9 + timedelta(days=9), LEADER, MONDAY_9)
    drawn = draw("H1", "", ["Z1", "Z2"], 1, 7, LEADER, MONDAY_9)
    ruling = Ruling("2026-11/T-N/letter", True, "leader", MONDAY_9, "同意")
    objected = Objection(Month(2026, 11), "T-N", CaseNo("20261116-000001"), "属上级事项", "town", MONDAY_9)
    upheld = replace(objected, upheld=True, ruled_by="leader", ruled_at=MONDAY_9, ruled_why="属实")
    with meetings.transaction() as tx:
        tx.save_supervision(one)
        tx.save_supervision(said)
        tx.save_rectification(entry)
        tx.save_rectification(rectify(entry, URBAN, "已补", MONDAY_9))
        tx.add_look_back(drawn)
        tx.add_ruling("", ruling)
        tx.save_objection("", objected)
        tx.save_objection("", upheld)
    assert meetings.supervisions(EVERYWHERE) == [said]
    assert meetings.rectifications(EVERYWHERE)[0].steps[-1].what == "整改"
    assert (meetings.look_backs(EVERYWHERE), meetings.rulings("")) == ([drawn], [ruling])
    assert meetings.objections("", "2026-11") == [upheld]
    assert meetings.supervisions(Scope("T-N")) == []
