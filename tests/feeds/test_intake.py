"""The intake role beside its reports: when the leader's chores have their turn, and who rings."""

from __future__ import annotations

import threading

from cases.errors import StoreUnavailable
from cases.ports import Change
from feeds.bells import HeldBells
from feeds.intake import CARRY_AGAIN_S, CARRY_S, CHORES_AFTER_S, Ease, keep_log_short


class Minutes:
    """A second's worth of work a time: how much of it intake waited for reports."""

    def __init__(self) -> None:
        self.at = self.waited = 0.0
        self.ease = Ease(lambda: self.waited, lambda: self.at)

    def second(self, waited: float) -> bool:
        """One second goes by; whether chores may be done now."""
        self.at, self.waited = self.at + 1.0, self.waited + waited
        return self.ease()


def test_chores_are_done_while_the_reports_leave_half_of_the_time() -> None:
    room = Minutes()
    assert [room.second(1.0), room.second(0.6), room.second(0.5)] == [True, True, True]


def test_a_flood_of_reports_comes_before_the_chores() -> None:
    room = Minutes()
    assert [room.second(0.1) for _ in range(5)] == [False] * 5
    assert room.second(0.9)


def test_a_flood_that_does_not_end_leaves_the_chores_their_turn_now_and_then() -> None:
    room = Minutes()
    flood = [room.second(0.0) for _ in range(3 * int(CHORES_AFTER_S))]
    assert [n for n, done in enumerate(flood, 1) if done] == [10, 20, 30]


def test_held_bells_are_taken_once() -> None:
    bells = HeldBells()
    bells([Change("case", "20261122-000001", 1)])
    bells([Change("alert", "A20261122-0001", 1)])
    assert [change.kind for change in bells.take()] == ["case", "alert"]
    assert bells.take() == []


class Watched(threading.Event):
    """Never waits; remembers how long it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0.0)
        return self.is_set()


def test_the_log_is_kept_short_also_after_a_disk_that_was_full() -> None:
    stop, tried = Watched(), []

    def carry_over() -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise StoreUnavailable("database or disk is full")
        stop.set()

    keep_log_short(carry_over, stop)
    assert tried == [0, 1]
    assert stop.asked == [CARRY_S, CARRY_AGAIN_S, CARRY_S]
