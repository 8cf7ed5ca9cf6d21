"""The demo's past: histories that the room's own rules allow, newest week first, the same when told again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from cases.calendar import LOCAL, WorkCalendar
from cases.desk import Desk, Past
from cases.model import Action, Case, CaseNo, Event, Receipt, Scope, Stage, StageClock
from cases.ports import Change
from feeds.demo.past import SOURCE, past
from feeds.demo.story import Story
from geo.grids import GridBook

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
CALENDAR = WorkCalendar()


class Memory:
    """A store that keeps rows in lists: what `Desk.backfill` needs of a transaction, and nothing else."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.events: list[Event] = []
        self.kept: dict[tuple[str, str], Receipt] = {}
        self._counters: Counter[str] = Counter()

    @contextmanager
    def transaction(self) -> Iterator[Memory]:
        yield self

    def receipts(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def next(self, counter: str, count: int) -> int:
        self._counters[counter] += count
        return self._counters[counter] - count + 1

    def add_cases(self, cases: Sequence[Case]) -> None:
        self.cases += cases

    def add_events(self, events: Sequence[Event]) -> None:
        self.events += events

    def save_clocks(self, clocks: Sequence[StageClock]) -> None:
        """Nothing of a past life is asked of its clocks here."""

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        self.kept |= {(r.source, r.id): r for r in receipts}

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        return next((case for case in self.cases if case.no == no), None)


def silence(changes: Sequence[Change]) -> None:
    raise AssertionError("a backfill rings no bell")


@pytest.fixture(scope="module")
def weeks(story: Story, book: GridBook) -> list[Past]:
    """A week and the day that is not over."""
    return list(past(NOW, story, book, CALENDAR, weeks=1))


@pytest.fixture(scope="module")
def memory(weeks: list[Past]) -> Memory:
    """The week as the desk filed them."""
    memory = Memory()
    Desk(memory, CALENDAR, silence).backfill(weeks)  # type: ignore[arg-type]
    return memory


def test_every_history_is_one_the_life_cycle_allows(memory: Memory, weeks: list[Past]) -> None:
    assert len(memory.cases) == len(weeks) > 1500  # an illegal step would have raised
    assert len({case.no for case in memory.cases}) == len(memory.cases)


def test_about_nine_in_ten_are_closed_in_time_some_late_some_open(memory: Memory) -> None:
    settled = [c for c in memory.cases if c.received_at < NOW - timedelta(days=4) and c.due_at and c.due_at < NOW]
    in_time = sum(c.closed_at is not None and c.due_at is not None and c.closed_at <= c.due_at for c in settled)
    assert 0.86 <= in_time / len(settled) <= 0.96
    assert any(c.closed_at and c.due_at and c.closed_at > c.due_at for c in settled)
    still_open = [c for c in memory.cases if c.is_open]
    assert 50 <= len(still_open) <= 600
    assert {c.stage for c in still_open} >= {Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLED, Stage.VERIFIED}


def test_lives_have_their_detours(memory: Memory) -> None:
    done = {event.action for event in memory.events}
    assert done >= {Action.RETURN, Action.REWORK, Action.EXTEND, Action.APPROVE, Action.SUSPEND, Action.RESUME}
    assert done >= {Action.REFUSE, Action.VOID, Action.ARRIVE, Action.URGE, Action.EVALUATE, Action.CLOCK}


def test_nothing_happens_before_its_report_or_after_now(memory: Memory) -> None:
    received = {case.no: case.received_at for case in memory.cases}
    for event in memory.events:
        assert received[event.case] <= event.at < NOW


def test_ordinary_work_is_not_done_at_night(memory: Memory) -> None:
    mild = {case.no for case in memory.cases if case.severity > 2}
    hands_on = (Action.HANDLE, Action.VERIFY, Action.CLOSE)
    hours = {e.at.astimezone(LOCAL).hour for e in memory.events if e.case in mild and e.action in hands_on}
    assert hours
    assert not hours & {23, 0, 1, 2, 3, 4, 5, 6}


def test_newest_day_comes_first_and_every_case_is_marked_as_demo(weeks: list[Past]) -> None:
    days = [p.report.received_at.astimezone(LOCAL).date() for p in weeks]
    assert days[0] == NOW.astimezone(LOCAL).date()
    assert sum(b > a + timedelta(days=1) for a, b in pairwise(days)) == 0
    assert all(p.report.demo and p.report.source == SOURCE and p.report.place.grids for p in weeks[:200])


def test_told_again_it_finds_its_receipts(story: Story, book: GridBook, weeks: list[Past]) -> None:
    memory = Memory()
    desk = Desk(memory, CALENDAR, silence)  # type: ignore[arg-type]
    desk.backfill(weeks[:200])  # broken off here
    again = list(islice(past(NOW, story, book, CALENDAR), 400))
    desk.backfill(again)
    assert len(memory.cases) == len({p.report.id for p in again}) == 400
