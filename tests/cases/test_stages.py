"""Clocks of single steps and of promises: started, ended, resting, telling, taken back; on a store in memory."""

from datetime import datetime, timedelta

import pytest

from cases.calendar import LOCAL, WorkCalendar
from cases.deadlines import TimeLimit, rested
from cases.desk import Desk
from cases.errors import BadAction, StaleCase
from cases.model import Action, Risk, StageClock, Standing
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, report
from tests.cases.test_desk import Room

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A local instant of November 2026; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def no(room: Room) -> str:
    return room.file(report(category="dispute.labour"))[0].receipt.number


def steps(room: Room, no: str) -> list[tuple[str, bool]]:
    """The steps that have clocks, and whether each is still running."""
    return [(clock.step, clock.ended_at is None) for clock in room.store.clocks(no)]


def running(room: Room, no: str, step: str | None = None) -> StageClock:
    [clock] = [c for c in room.store.clocks(no) if c.ended_at is None and c.step == (step or c.step)]
    return clock


def sent(room: Room, no: str) -> None:
    room.act(no, Action.ACCEPT)
    room.act(no, Action.DISPATCH, unit="U-urban")


def test_every_step_has_its_own_clock_and_keeps_how_long_it_took(room: Room, no: str) -> None:
    room.act(no, Action.ACCEPT, at=MONDAY_9 + HOUR)
    room.act(no, Action.DISPATCH, unit="U-urban", at=MONDAY_9 + 2 * HOUR)
    room.act(no, Action.SIGN, UNIT, at=MONDAY_9 + 3 * HOUR)
    assert running(room, no).due_at == at(23, 17, 30)  # 办理: five working days from Monday the 16th
    room.act(no, Action.HANDLE, UNIT, at=MONDAY_9 + DAY)
    assert running(room, no).due_at == at(19, 17, 30)  # 核查: two working days from Tuesday
    room.act(no, Action.VERIFY, VERIFIER, at=MONDAY_9 + DAY)
    assert [step for step, _ in steps(room, no)] == ["accept", "dispatch", "sign", "handle", "verify"]
    took = [clock.ended_at - clock.since for clock in room.store.clocks(no)]
    assert took == [HOUR, HOUR, HOUR, DAY - 3 * HOUR, timedelta()]
    room.act(no, Action.CLOSE)
    assert not any(is_running for _, is_running in steps(room, no))


def test_a_step_says_once_that_it_is_near_and_once_that_it_is_late(room: Room, no: str) -> None:
    said = []
    for minutes in (0, 83, 84, 100, 119, 120, 500):  # 受理: two working hours, yellow at seven tenths
        room.desk.turn_clocks(MONDAY_9 + timedelta(minutes=minutes))
        said.append(room.store.happened[-1].why)
    assert said == ["", "", *["受理将到时限"] * 3, *["受理已超时限"] * 2]
    last = room.store.happened[-1]
    assert (last.action, last.about["clock"], last.about["standing"]) == (Action.CLOCK, "accept", "overdue")
    assert room.store.cases[no].standing is Standing.ON_TIME  # the whole has its own light


def test_a_returned_or_transferred_case_gives_the_next_unit_its_whole_time(room: Room, no: str) -> None:
    sent(room, no)
    room.act(no, Action.TRANSFER, LEADER, unit="U-justice", reason="职责调整", at=at(17, 9))
    assert (running(room, no).step, running(room, no).since) == ("sign", at(17, 9))
    room.act(no, Action.RETURN, DUTY, reason="not_duty", at=at(17, 10))
    assert (running(room, no).step, running(room, no).since) == ("dispatch", at(17, 10))


def test_rework_begins_the_handling_anew(room: Room, no: str) -> None:
    sent(room, no)
    room.act(no, Action.SIGN, UNIT)
    room.act(no, Action.HANDLE, UNIT)
    room.act(no, Action.REWORK, VERIFIER, reason="现场未清", at=at(18, 9))
    assert (running(room, no).step, running(room, no).due_at) == ("handle", at(25, 17, 30))


def test_a_step_taken_back_finds_its_clock_as_late_as_it_was(room: Room, no: str) -> None:
    room.desk.turn_clocks(MONDAY_9)
    before = running(room, no)
    room.act(no, Action.ACCEPT, at=MONDAY_9 + HOUR)
    room.act(no, Action.UNDO, at=MONDAY_9 + HOUR + timedelta(seconds=5))
    assert running(room, no) == before
    assert steps(room, no) == [("accept", True), ("dispatch", False)]


def test_steps_rest_with_the_case_and_get_their_time_back(room: Room, no: str) -> None:
    sent(room, no)
    due = running(room, no).due_at
    assert due == at(16, 14, 30)  # 签收: four working hours from nine
    room.act(no, Action.SUSPEND, reason="当事人外出", at=at(16, 11))
    room.desk.turn_clocks(at(20, 9))
    assert running(room, no).standing is Standing.ON_TIME
    room.act(no, Action.RESUME, at=at(23, 9))
    assert running(room, no).due_at == at(23, 11)  # two working hours were left


@pytest.mark.parametrize(
    ("due", "unit", "after"),
    [
        (at(16, 10), "working_hours", at(16, 10)),  # late before it rested: late by as much afterwards
        (at(16, 14), "hours", at(17, 13)),  # rested for 23 hours
        (at(18, 10), "days", at(19, 9)),
        (at(16, 15), "working_hours", at(17, 14)),  # 11–12 and 13:30–15 were left
    ],
)
def test_a_rest_gives_back_the_limits_own_kind_of_time(due: datetime, unit: str, after: datetime) -> None:
    assert rested(due, at(16, 11), at(17, 10), TimeLimit(1, unit), WorkCalendar()) == after


def test_a_promise_has_its_own_light_and_event(room: Room, no: str) -> None:
    assert room.act(no, Action.PROMISE, by=3, text="先行核实").promised_at == at(19, 17, 30)
    event = room.store.happened[-1]
    assert (event.action, event.changes["promised_at"]) == (Action.PROMISE, at(19, 17, 30))
    room.act(no, Action.ACCEPT)
    room.act(no, Action.SUSPEND, reason="等待鉴定")
    room.desk.turn_clocks(at(19, 18))  # what was promised does not rest
    assert room.store.happened[-1].why == "承诺已超时限"
    assert running(room, no, "promise").standing is Standing.OVERDUE


def test_another_promise_needs_a_reason_and_keeps_the_first_on_record(room: Room, no: str) -> None:
    room.act(no, Action.PROMISE, by=at(17, 9).isoformat())
    with pytest.raises(BadAction, match="更改需填写"):
        room.act(no, Action.PROMISE, by=5)
    assert room.act(no, Action.PROMISE, by=5, reason="等待鉴定", at=at(16, 12)).promised_at == at(23, 17, 30)
    assert [clock.due_at for clock in room.store.clocks(no) if clock.step == "promise"] == [at(17, 9), at(23, 17, 30)]


@pytest.mark.parametrize("by", [0, 61, True, "明天", "2026-11-17T09:00:00", "2026-11-15T09:00:00+08:00", "", 2.5])
def test_a_promise_that_cannot_be_is_refused(room: Room, no: str, by: object) -> None:
    with pytest.raises(BadAction) as refused:
        room.act(no, Action.PROMISE, by=by)
    assert refused.value.field == "by" and room.store.cases[no].promised_at is None


def test_a_person_judges_the_risk_with_a_reason(room: Room, no: str) -> None:
    assert room.act(no, Action.ASSESS, risk="high", reason="多人聚集").risk is Risk.HIGH
    with pytest.raises(BadAction, match="风险须是"):
        room.act(no, Action.ASSESS, risk="red", reason="x")
    assert room.store.cases[no].severity == 3  # another field, another legend


def test_another_calendar_moves_the_clocks_of_steps_and_says_so(room: Room, no: str) -> None:
    sent(room, no)
    room.act(no, Action.SIGN, UNIT)
    before = running(room, no).due_at
    told = Desk(room.store, WorkCalendar(holidays=frozenset([at(18, 0).date()])), room.bells.extend)
    assert told.recompute_clocks(at(17, 9)) == 1
    assert (before, running(room, no).due_at) == (at(23, 17, 30), at(24, 17, 30))
    assert room.store.happened[-1].about["steps"] == {"handle": at(24, 17, 30).isoformat()}
    assert told.recompute_clocks(at(17, 9)) == 0


def test_sub_tasks_have_clocks_of_their_own(room: Room, no: str) -> None:
    room.act(no, Action.ACCEPT)
    room.act(no, Action.SPLIT, units="U-urban,U-justice", lead="U-urban")
    [child] = [number for number, case in room.store.cases.items() if case.parent == no]
    assert steps(room, child) == [("sign", True)]


def test_a_light_that_turns_beside_the_hand_makes_nobody_stale(room: Room, no: str) -> None:
    room.desk.turn_clocks(MONDAY_9 + 3 * HOUR)
    assert room.store.cases[no].version == 2
    assert room.act(no, Action.ACCEPT, seen=1, at=MONDAY_9 + 3 * HOUR).version == 3
    with pytest.raises(StaleCase, match="受理"):
        room.act(no, Action.NOTE, seen=2, text="x")
    with pytest.raises(StaleCase):
        room.act(no, Action.NOTE, seen=4, text="x")
