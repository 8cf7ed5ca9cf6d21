"""Warnings of other systems: what an update replaces, what a cancel takes back, who may, what an answer is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.alerts import AlertAction, as_it_was
from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import EVERYWHERE, AlertLevel, AlertState, Answer, Bulletin, BulletinKind, Place
from tests.cases.build import DUTY, MONDAY_9
from tests.cases.memory import MemoryStore

FIRST = Bulletin(
    "cap:met.example",
    "W-1",
    "fp-1",
    BulletinKind.ALERT,
    "met-1",
    MONDAY_9,
    MONDAY_9,
    AlertLevel.YELLOW,
    "暴雨",
    "黄色预警",
    Place(120.05, 30.05, ("A",)),
    frozenset({"A", "A1"}),
    expires_at=MONDAY_9 + timedelta(hours=6),
)
LATER = MONDAY_9 + timedelta(minutes=30)


def said(id: str, kind: BulletinKind = BulletinKind.UPDATE, **changes: object) -> Bulletin:
    """Another word of the same sender about the first."""
    given = {"earlier": (("cap:met.example", "W-1"),)} | changes
    return replace(FIRST, id=id, fingerprint=f"fp-{id}", kind=kind, **given)  # type: ignore[arg-type]


class Room:
    """A desk on an empty store."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.bells: list[object] = []
        self.desk = Desk(self.store, WorkCalendar(), self.bells.extend)

    def file(self, bulletin: Bulletin) -> Answer:
        return self.desk.file([bulletin], LATER)[0]

    def number(self, bulletin: Bulletin) -> str:
        answer = self.file(bulletin)
        assert answer.receipt is not None, answer
        return answer.receipt.number


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_warning_is_an_alert_that_waits_and_is_seen_wherever_it_holds(room: Room) -> None:
    alert = room.store.alerts[room.number(FIRST)]  # type: ignore[index]
    assert (alert.level, alert.kind, alert.origin, alert.source) == (AlertLevel.YELLOW, "暴雨", "cap", "met-1")
    assert (alert.state, alert.expires_at) == (AlertState.NEW, FIRST.expires_at)
    assert room.store.alert_reach(alert.no) == {"A", "A1"}


def test_the_same_message_again_gets_the_first_answer_and_other_words_a_conflict(room: Room) -> None:
    number = room.number(FIRST)
    again = room.file(FIRST)
    assert (again.duplicate, again.receipt and again.receipt.number) == (True, number)
    assert room.file(replace(FIRST, fingerprint="other")).code == "CONFLICT"
    assert len(room.store.alerts) == 1


def test_an_update_stands_in_the_place_of_what_it_replaces(room: Room) -> None:
    first = room.number(FIRST)
    second = room.number(said("W-2", level=AlertLevel.RED))
    old, new = room.store.alerts[first], room.store.alerts[second]  # type: ignore[index]
    assert (old.state, new.state, new.replaces) == (AlertState.WITHDRAWN, AlertState.NEW, (first,))
    [step] = room.store.alert_steps
    assert (step.action, step.by, second in step.why) == (AlertAction.WITHDRAW, "met.example", True)
    then = as_it_was(old, [step], MONDAY_9)
    assert then is not None
    assert then.state is AlertState.NEW


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, AlertState.ACKNOWLEDGED),
        ({"level": AlertLevel.BLUE}, AlertState.ACKNOWLEDGED),
        ({"level": AlertLevel.RED}, AlertState.NEW),
        ({"event": "雷电"}, AlertState.NEW),
        ({"reach": frozenset({"A", "A1", "B"})}, AlertState.NEW),
    ],
)
def test_an_answer_holds_until_there_is_more_to_say(room: Room, changes: dict[str, object], state: AlertState) -> None:
    first = room.number(FIRST)
    room.desk.act_on_alert(first, "acknowledge", {}, DUTY, EVERYWHERE, MONDAY_9)  # type: ignore[arg-type]
    new = room.store.alerts[room.number(said("W-2", **changes))]  # type: ignore[index]
    assert new.state is state
    assert new.by == (DUTY.name if state is AlertState.ACKNOWLEDGED else None)


def test_a_cancel_takes_the_warning_back_and_a_case_stays_a_case(room: Room) -> None:
    first = room.number(FIRST)
    assert room.number(said("W-9", BulletinKind.CANCEL)) == first
    assert room.store.alerts[first].state is AlertState.WITHDRAWN  # type: ignore[index]
    other = room.number(replace(FIRST, id="W-3", fingerprint="fp-3"))
    room.desk.act_on_alert(other, "raise_case", {}, DUTY, EVERYWHERE, MONDAY_9)  # type: ignore[arg-type]
    room.file(said("W-4", BulletinKind.CANCEL, earlier=(("cap:met.example", "W-3"),)))
    raised = room.store.alerts[other]  # type: ignore[index]
    assert (raised.state, raised.cleared_at) == (AlertState.RAISED, LATER)


def test_a_cancel_of_nothing_known_may_be_sent_again_later(room: Room) -> None:
    cancel = said("W-9", BulletinKind.CANCEL)
    assert room.file(cancel).code == "UNKNOWN_CODE"
    first = room.number(FIRST)
    assert room.number(cancel) == first


def test_only_who_brought_a_warning_changes_it_and_exercises_stay_among_themselves(room: Room) -> None:
    first = room.number(FIRST)
    assert room.file(said("W-2", device="stranger")).code == "NOT_YOURS"
    assert room.file(said("W-3", exercise=True)).code == "CONFLICT"
    assert room.file(said("W-4", BulletinKind.CANCEL, exercise=True)).code == "CONFLICT"
    assert room.store.alerts[first].state is AlertState.NEW  # type: ignore[index]


def test_a_warning_that_nobody_answered_ends_with_its_time_once(room: Room) -> None:
    first = room.number(FIRST)
    over = MONDAY_9 + timedelta(hours=7)
    assert room.desk.turn_alerts(over) == 1
    assert room.desk.turn_alerts(over) == 0
    assert room.store.alerts[first].state is AlertState.WITHDRAWN  # type: ignore[index]
    assert room.store.alert_steps[-1].action is AlertAction.EXPIRE
