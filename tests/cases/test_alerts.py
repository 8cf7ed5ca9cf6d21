"""Who must hear of an alert that nobody answers, what is put aside and comes back, and which alerts are one matter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.alerts import AlertAction, Level, Patience, act, grouped, level_due, told_to, turn
from cases.errors import BadAction, IllegalAction, NotAllowed, UnknownAlert, UnknownCode
from cases.model import (
    EVERYWHERE,
    Account,
    Action,
    Alert,
    AlertLevel,
    AlertNo,
    AlertState,
    CaseNo,
    Place,
    Role,
    Scope,
)
from tests.cases.build import ANALYST, DUTY, LEADER, report
from tests.cases.build import MONDAY_9 as NOW
from tests.cases.test_desk import Room
from tests.cases.test_desk import alert as alert_report

PATIENCE = Patience()
GRIDS = ("a", "a1")


def leader(name: str, area: str, role: Role = Role.LEADER, **more: bool) -> Account:
    return Account(name, role, area, name, **more)


LEADERS = [leader("镇", ""), leader("村", "a"), leader("别村", "b"), leader("值班", "a", Role.DUTY)]


def alert(number: int = 1, seconds: float = 120, **given: object) -> Alert:
    """A red alert, received so many seconds ago."""
    at = NOW - timedelta(seconds=seconds)
    plain: dict[str, object] = {"at": at, "received_at": at, "state": AlertState.NEW, "source": "test"} | given
    no, place = AlertNo(f"A20261116-{number:04d}"), Place(120.1, 30.2, GRIDS)
    return Alert(no=no, version=1, level=AlertLevel.RED, origin="video", kind="持刀滋事", text="", place=place, **plain)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "level"),
    [
        (0, Level.SEAT),
        (119.9, Level.SEAT),
        (120, Level.COMMANDER),
        (299.9, Level.COMMANDER),
        (300, Level.ABOVE),
        (86400, Level.ABOVE),
    ],
)
def test_two_minutes_to_the_commander_and_three_more_to_the_next(seconds: float, level: Level) -> None:
    assert level_due(alert(1, seconds), NOW, PATIENCE) is level


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.RAISED])
def test_an_answered_alert_does_not_rise(state: AlertState) -> None:
    assert level_due(alert(1, 9999, state=state), NOW, PATIENCE) is Level.SEAT
    assert turn(alert(1, 9999, state=state), NOW, PATIENCE, LEADERS) == []


@pytest.mark.parametrize(("seconds", "level"), [(-60, Level.SEAT), (30, Level.SEAT), (130, Level.COMMANDER)])
def test_a_shelved_alert_waits_anew_when_its_time_is_over(seconds: float, level: Level) -> None:
    until = NOW - timedelta(seconds=seconds)
    assert level_due(alert(1, 9999, state=AlertState.SHELVED, shelved_until=until), NOW, PATIENCE) is level


@pytest.mark.parametrize(
    ("level", "accounts", "told"),
    [
        (Level.COMMANDER, LEADERS, ("村",)),
        (Level.ABOVE, LEADERS, ("镇",)),
        (Level.COMMANDER, LEADERS[:1], ("镇",)),
        (Level.ABOVE, LEADERS[:1], ()),
        (Level.COMMANDER, [leader("村", "a", disabled=True)], ()),
        (Level.COMMANDER, [leader("乙", "a"), leader("甲", "a")], ("乙", "甲")),
    ],
)
def test_the_nearest_commander_hears_first_and_the_wider_area_next(
    level: Level, accounts: list[Account], told: tuple[str, ...]
) -> None:
    assert told_to(level, GRIDS, accounts) == told


def test_a_late_clock_tells_each_level_once_and_in_order() -> None:
    steps = turn(alert(1, 301), NOW, PATIENCE, LEADERS)
    assert [(s.event.level, s.event.told, s.event.version) for s in steps] == [
        (Level.COMMANDER, ("村",), 2),
        (Level.ABOVE, ("镇",), 3),
    ]
    assert steps[0].event.why == "2 分钟无人确认"
    assert turn(steps[-1].after, NOW, PATIENCE, LEADERS) == []


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"minutes": 0, "reason": "x"}, "minutes"),
        ({"minutes": 1441, "reason": "x"}, "minutes"),
        ({"minutes": True, "reason": "x"}, "minutes"),
        ({"minutes": "5", "reason": "x"}, "minutes"),
        ({"minutes": 5}, "reason"),
        ({"minutes": 5, "reason": "  "}, "reason"),
    ],
)
def test_putting_aside_needs_a_time_and_a_reason(details: dict[str, object], field: str) -> None:
    with pytest.raises(BadAction) as refused:
        act(alert(), "shelve", details, DUTY, NOW)
    assert refused.value.field == field


def test_what_has_become_a_case_is_not_put_aside_and_what_does_not_rest_is_not_brought_back() -> None:
    with pytest.raises(IllegalAction):
        act(
            alert(state=AlertState.RAISED, case=CaseNo("20261116-000001")),
            "shelve",
            {"minutes": 5, "reason": "x"},
            DUTY,
            NOW,
        )
    with pytest.raises(IllegalAction):
        act(alert(), "unshelve", {}, DUTY, NOW)


def ago(number: int, minutes: float, **given: object) -> Alert:
    """One of several alerts of a source."""
    return alert(number, minutes * 60, **given)


def test_the_same_source_within_ten_minutes_is_one_matter() -> None:
    alerts = [ago(1, 25), ago(2, 16), ago(3, 7), ago(4, 3, source="other"), ago(5, 1, state=AlertState.ACKNOWLEDGED)]
    numbers = [[each.no[-1] for each in group.alerts] for group in grouped(alerts, NOW, PATIENCE)]
    assert numbers == [["1", "2", "3"], ["4"], ["5"]]
    assert len(grouped(alerts[:3], NOW, Patience(same=timedelta(minutes=8)))) == 3


def test_eleven_minutes_later_is_another_matter_and_an_exercise_is_never_the_real_thing() -> None:
    apart = grouped([ago(1, 20), ago(2, 9)], NOW, PATIENCE)
    drill = grouped([ago(1, 5), ago(2, 4, exercise=True)], NOW, PATIENCE)
    assert [len(group.alerts) for group in [*apart, *drill]] == [1, 1, 1, 1]


# at the desk ------------------------------------------------------------------------------------------------


class Roll:
    """Two commanders; only one unit and one worker exist."""

    def missing(self, units, workers):
        return frozenset({*units, *workers} - {"U-urban", "W-0001"})

    def accounts(self):
        return [leader("村", "G1"), leader("镇", "")]


@pytest.fixture
def room() -> Room:
    return Room(roll=Roll())


def steps(room: Room) -> list[tuple[AlertAction, tuple[str, ...]]]:
    return [(event.action, event.told) for event in room.store.alert_steps]


def test_the_clock_records_each_rise_once_and_rings(room: Room) -> None:
    number = room.file(alert_report())[0].receipt.number
    turned = [room.desk.turn_alerts(NOW + timedelta(seconds=s)) for s in (0, 119, 120, 121, 299, 300, 900)]
    assert turned == [0, 0, 1, 0, 0, 1, 0]
    assert steps(room) == [(AlertAction.ESCALATE, ("村",)), (AlertAction.ESCALATE, ("镇",))]
    risen = room.store.alerts[number]
    assert (risen.risen, risen.told, risen.risen_at) == (2, ("镇",), NOW + timedelta(seconds=300))
    assert [(bell.kind, bell.version) for bell in room.bells] == [("alert", 1), ("alert", 2), ("alert", 3)]


def test_what_is_put_aside_comes_back_by_itself_and_rises_anew(room: Room) -> None:
    number = room.file(alert_report())[0].receipt.number
    room.desk.turn_alerts(NOW + timedelta(minutes=2))
    at = NOW + timedelta(minutes=3)
    shelved = room.desk.act_on_alert(number, "shelve", {"minutes": 15, "reason": "试机"}, DUTY, EVERYWHERE, at)
    assert (shelved.risen, shelved.told) == (0, ())
    assert [room.desk.turn_alerts(at + timedelta(minutes=m)) for m in (14, 15, 16, 17)] == [0, 1, 0, 1]
    assert [action for action, _ in steps(room)] == [
        AlertAction.ESCALATE,
        AlertAction.SHELVE,
        AlertAction.RETURN,
        AlertAction.ESCALATE,
    ]
    assert room.store.alerts[number].state is AlertState.NEW


def test_an_answer_ends_the_waiting(room: Room) -> None:
    number = room.file(alert_report())[0].receipt.number
    room.desk.act_on_alert(number, "acknowledge", {}, DUTY, EVERYWHERE, NOW)
    assert room.desk.turn_alerts(NOW + timedelta(hours=1)) == 0


def test_absent_comes_before_forbidden_and_forbidden_before_wrong(room: Room) -> None:
    number = room.file(alert_report())[0].receipt.number
    for scope, no in ((EVERYWHERE, AlertNo("A20261116-9999")), (Scope("elsewhere"), number)):
        with pytest.raises(UnknownAlert):
            room.desk.act_on_alert(no, "acknowledge", {}, ANALYST, scope, NOW)
    with pytest.raises(NotAllowed):
        room.desk.act_on_alert(number, "explode", {}, ANALYST, EVERYWHERE, NOW)
    with pytest.raises(BadAction):
        room.desk.act_on_alert(number, "explode", {}, DUTY, EVERYWHERE, NOW)


@pytest.mark.parametrize("nobody", [{"unit": "U-nobody"}, {"worker": "W-nobody"}])
def test_the_desk_sends_nothing_to_nobody(room: Room, nobody: dict[str, str]) -> None:

    number = room.file(report())[0].receipt.number
    room.act(number, Action.ACCEPT)
    with pytest.raises(UnknownCode):
        room.act(number, Action.DISPATCH, **nobody)
    with pytest.raises(IllegalAction):
        room.act(number, Action.REWORK, actor=LEADER, **nobody)
    assert room.store.cases[number].version == 2
