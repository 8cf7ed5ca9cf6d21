"""The watch: two different people sign, each open case stands in the digest once, a seat knows when it is empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cases import shifts
from cases.decisions import Decision
from cases.errors import BadAction, CaseError, IllegalAction, NotAllowed, UnknownShift
from cases.model import Account, Action, AlertState, CaseNo, Role, Standing, State
from cases.shift_desk import ShiftDesk
from cases.shifts import Matters, Seat, Shift, WatchRules
from tests.cases.build import MONDAY_9, case, report
from tests.cases.test_alerts import alert
from tests.cases.test_desk import Room

RULES = WatchRules()
FIVE = timedelta(minutes=5)


def officer(name: str, area: str = "", role: Role = Role.DUTY, **more: bool) -> Account:
    return Account(name, role, area, name, **more)


A, B = officer("值班员甲"), officer("值班员乙")


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def desk(room: Room) -> ShiftDesk:
    return ShiftDesk(room.store, room.bells.extend)


def handed(desk: ShiftDesk, at: datetime = MONDAY_9) -> Shift:
    return desk.hand_over(A, MONDAY_9 - timedelta(hours=12), " 留意三号楼 ", (), at)


# signatures -------------------------------------------------------------------------------------------------


def test_two_accounts_sign_and_what_the_first_tracked_goes_with_the_watch(room: Room, desk: ShiftDesk) -> None:
    mine, other = (answer.receipt.number for answer in room.file(report("a"), report("b")))
    room.act(mine, Action.ACCEPT)  # by 值班员甲, its first contact from now on
    shift = handed(desk)
    assert (shift.no, shift.notes, shift.due_at) == ("J20261116-01", "留意三号楼", MONDAY_9 + timedelta(minutes=15))
    taken = desk.take_over(shift.no, B, "session", MONDAY_9 + FIVE)
    assert (taken.incoming, taken.taken_at, taken.how, taken.moved) == ("值班员乙", MONDAY_9 + FIVE, "session", 1)
    assert [room.store.cases[no].first_contact for no in (mine, other)] == ["值班员乙", None]
    event = room.store.happened[-1]
    assert (event.action, event.by, event.changes["first_contact"]) == (Action.HAND_OVER, "值班员乙", "值班员乙")
    assert "J20261116-01" in event.why


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (A, NotAllowed),
        (officer("指挥长", role=Role.LEADER), NotAllowed),
        (officer("外村", "G1"), NotAllowed),
        (officer("停用", disabled=True), NotAllowed),
    ],
)
def test_the_second_signature_is_another_officer_of_the_same_seat(
    desk: ShiftDesk, who: Account, refusal: type[CaseError]
) -> None:
    with pytest.raises(refusal):
        desk.take_over(handed(desk).no, who, "session", MONDAY_9)


def test_what_is_signed_never_changes(room: Room, desk: ShiftDesk) -> None:
    shift = handed(desk)
    taken = desk.take_over(shift.no, B, "seat", MONDAY_9)
    with pytest.raises(IllegalAction):
        desk.take_over(shift.no, officer("值班员丙"), "session", MONDAY_9)
    with pytest.raises(IllegalAction):
        desk.withdraw(shift.no, A, MONDAY_9)
    assert room.store.handovers[shift.no] == taken


def test_one_hands_over_once_and_may_stay_after_all(desk: ShiftDesk) -> None:
    shift = handed(desk)
    with pytest.raises(IllegalAction):
        handed(desk)
    with pytest.raises(NotAllowed):
        desk.withdraw(shift.no, B, MONDAY_9)
    assert desk.withdraw(shift.no, A, MONDAY_9).withdrawn_at == MONDAY_9
    assert handed(desk).no == "J20261116-02"


def test_only_an_officer_hands_over_and_notes_have_an_end(desk: ShiftDesk) -> None:
    with pytest.raises(NotAllowed):
        desk.hand_over(officer("分析员", role=Role.ANALYST), MONDAY_9, "", (), MONDAY_9)
    with pytest.raises(BadAction):
        desk.hand_over(A, MONDAY_9, "长" * 4001, (), MONDAY_9)
    with pytest.raises(UnknownShift):
        desk.take_over("J20261116-99", B, "session", MONDAY_9)


# the digest -------------------------------------------------------------------------------------------------


def numbered(count: int, **changes: object):
    return case(no=CaseNo(f"20261116-{count:06d}"), **changes)


def test_every_open_case_stands_in_exactly_one_section() -> None:
    states = [(standing, state) for standing in Standing for state in (State.ACTIVE, State.SUSPENDED, State.RETURNED)]
    cases = [
        numbered(i, standing=standing, state=state, pending=pending, exercise=drill)
        for i, (standing, state, pending, drill) in enumerate(
            (*each, pending, drill) for each in states for pending in (None, "3") for drill in (False, True)
        )
    ]
    sections = shifts.digest(Matters(cases, (), (), (), (), ()), MONDAY_9)
    lines = [line.number for section in sections for line in section.lines]
    assert sorted(lines) == sorted(case.no for case in cases)
    drills = next(section for section in sections if section.key == "exercise")
    assert {line.number for line in drills.lines} == {each.no for each in cases if each.exercise}


def test_alerts_that_wait_and_alerts_that_rest_are_told_apart() -> None:
    until = MONDAY_9 + timedelta(minutes=10)
    over = MONDAY_9 - timedelta(minutes=1)
    alerts = [
        alert(1),
        alert(2, state=AlertState.SHELVED, shelved_until=until, why="试机"),
        alert(3, state=AlertState.SHELVED, shelved_until=over),
    ]
    told = {section.key: section.lines for section in shifts.digest(Matters((), alerts, (), (), (), ()), MONDAY_9)}
    assert [line.number[-1] for line in told["alerts"]] == ["1", "3"]
    assert [(line.number[-1], line.why) for line in told["shelved"]] == [("2", "至 11-16 09:10 · 试机")]


# the seat ---------------------------------------------------------------------------------------------------


def minded(seat: Seat, start: datetime, minutes: int, every_s: int = 15) -> tuple[Seat, dict[date, timedelta]]:
    """Mind a seat for some minutes, a turn every quarter of a minute."""
    total: dict[date, timedelta] = {}
    for turn in range(1, minutes * 60 // every_s + 1):
        seat, spans = shifts.watched(seat, start + timedelta(seconds=turn * every_s), RULES)
        for day, span in spans.items():
            total[day] = total.get(day, timedelta()) + span
    return seat, total


def sat(at: datetime) -> Seat:
    return Seat("", at, at, at, at)


def test_a_seat_is_empty_only_after_five_minutes_and_then_all_of_them_count() -> None:
    seat, total = minded(sat(MONDAY_9), MONDAY_9, 5)
    assert (shifts.unmanned_since(seat, MONDAY_9 + FIVE, RULES), total) == (None, {})
    seat, total = minded(sat(MONDAY_9), MONDAY_9, 20)
    assert shifts.unmanned_since(seat, MONDAY_9 + 4 * FIVE, RULES) == MONDAY_9
    assert total == {date(2026, 11, 16): timedelta(minutes=20)}


def test_a_hand_at_the_seat_ends_it() -> None:
    seat, _ = minded(sat(MONDAY_9), MONDAY_9, 20)
    back = MONDAY_9 + timedelta(minutes=20)
    seat, total = minded(replace(seat, active_at=back), back, 4)
    assert (shifts.unmanned_since(seat, back + timedelta(minutes=4), RULES), total) == (None, {})


def test_what_the_room_did_not_see_is_not_counted() -> None:
    later = MONDAY_9 + timedelta(hours=8)
    seat, spans = shifts.watched(sat(MONDAY_9), later, RULES)
    assert (spans, shifts.unmanned_since(seat, later, RULES)) == ({}, None)
    assert shifts.watched(seat, later, RULES)[1] == {}


def test_an_empty_night_is_cut_at_midnight() -> None:
    evening = datetime(2026, 11, 16, 15, 50, tzinfo=UTC)  # 23:50 in Shanghai
    _, total = minded(sat(evening), evening, 25)
    assert total == {date(2026, 11, 16): timedelta(minutes=10), date(2026, 11, 17): timedelta(minutes=15)}


def test_decisions_that_near_their_day_are_handed_over_and_those_done_are_not() -> None:
    def decided(no: str, warn: int, due: int, **more: object) -> Decision:
        spans = (MONDAY_9 - timedelta(days=5), MONDAY_9 + timedelta(hours=warn), MONDAY_9 + timedelta(hours=due))
        about = (None, None, "", "值班席", f"事项 {no}", "指挥长")
        return Decision(no, 1, "M1", "", "", *about, *spans, **more)  # type: ignore[arg-type]

    decisions = [
        decided("late", -9, -2),
        decided("near", -1, 9),
        decided("green", 5, 90),
        decided("done", -9, -2, done_at=MONDAY_9),
    ]
    told = {s.key: s.lines for s in shifts.digest(Matters((), (), (), (), (), (), decisions), MONDAY_9)}
    assert [(line.number, line.why) for line in told["decisions"]] == [
        ("late", "办结已超 2 小时"),
        ("near", "须于 11-16 18:00 前办结"),
    ]
