"""A whistle's times: as set where the call does not say, and what becomes late is told once."""

from __future__ import annotations

from datetime import timedelta

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import EVERYWHERE, Action, CaseNo
from cases.whistles import Late, WhistleTimes, lateness
from tests.cases.build import DUTY, MONDAY_9, OTHER_UNIT, report
from tests.cases.memory import MemoryStore

MINUTE = timedelta(minutes=1)
CALL = {"units": ["U-justice"], "reason": "联合处置"}


def whistled(store: MemoryStore) -> tuple[Desk, CaseNo]:
    """A desk whose units have 5 minutes to answer and 20 to arrive, and a case with a whistle out."""
    days = WorkCalendar(frozenset(), frozenset(), frozenset({2026}))
    times = WhistleTimes(5 * MINUTE, 20 * MINUTE)
    desk = Desk(store, days, lambda changes: None, whistle_times=times)
    answer = desk.file([report("a")], MONDAY_9)[0]
    assert answer.receipt is not None
    no = CaseNo(answer.receipt.number)
    desk.act(no, Action.WHISTLE, CALL, DUTY, EVERYWHERE, 1, MONDAY_9)
    return desk, no


def told(store: MemoryStore, no: CaseNo) -> list[str]:
    return [event.why for event in store.happened if event.case == no and "whistle" in event.about]


def test_each_lateness_is_an_event_and_is_told_once() -> None:
    store = MemoryStore()
    desk, no = whistled(store)
    heard = []
    for minute in (4, 5, 6, 7, 19, 21, 40):
        desk.turn_clocks(MONDAY_9 + minute * MINUTE)
        heard.append(len(told(store, no)))
    assert heard == [0, 0, 1, 1, 1, 2, 2]
    assert told(store, no) == ["应哨超时", "到场超时"]


def test_who_answered_in_time_is_late_only_where_he_does_not_come() -> None:
    store = MemoryStore()
    desk, no = whistled(store)
    desk.act(no, Action.ANSWER, {}, OTHER_UNIT, EVERYWHERE, store.cases[no].version, MONDAY_9 + MINUTE)
    desk.turn_clocks(MONDAY_9 + 10 * MINUTE)
    assert told(store, no) == []
    desk.act(no, Action.ARRIVE, {}, OTHER_UNIT, EVERYWHERE, store.cases[no].version, MONDAY_9 + 19 * MINUTE)
    desk.turn_clocks(MONDAY_9 + 60 * MINUTE)
    assert told(store, no) == []
    whistle = next(iter(store.called.values()))
    assert lateness(whistle, MONDAY_9 + 60 * MINUTE) is Late.NOTHING


def test_a_late_whistle_does_not_make_a_persons_screen_stale() -> None:
    store = MemoryStore()
    desk, no = whistled(store)
    shown = store.cases[no].version
    desk.turn_clocks(MONDAY_9 + 6 * MINUTE)
    assert store.cases[no].version == shown + 1
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, shown, MONDAY_9 + 7 * MINUTE)
