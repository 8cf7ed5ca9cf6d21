"""The record as a desk writes it: what is asked before, what one transaction changes, and the bells after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cases.alerts import AlertEvent
from cases.model import (
    Account,
    Alert,
    AlertNo,
    Case,
    CaseNo,
    Event,
    Handoff,
    Link,
    Mediation,
    Receipt,
    Scope,
    StageClock,
    StatusReport,
    Task,
    Whistle,
)
from cases.rule_watch import Watch
from cases.shifts import Shift

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit touched: a bell, not the news itself. `kind` is case, alert, task or worker."""

    kind: str
    number: str
    version: int


Tell = Callable[[Sequence[Change]], None]


class Overview(Protocol):
    """What time has to do next: looked for without the write turn, found again within it."""

    def unclocked(self, limit: int) -> tuple[list[Case], CaseNo | None]:
        """Open cases without clocks that came in after the last that was given its first ones, oldest first.

        And the last case that was looked at, None when no case is new.
        """

    def clocks_due(self, now: datetime, limit: int) -> list[StageClock]:
        """Running clocks of open cases whose light must change at `now`; steps of suspended cases rest."""

    def due(self, now: datetime, limit: int) -> list[Case]:
        """Open cases whose light must change at `now`."""

    def whistles_late(self, now: datetime, limit: int) -> list[Whistle]:
        """Whistles of open cases whose answer or arrival is late at `now` and was not told to be, oldest first."""

    def restless_alerts(self, now: datetime, limit: int) -> list[Alert]:
        """Unanswered alerts that have not risen all the way, and those whose shelving is over; oldest first."""


class Transaction(Overview, Protocol):
    """One write transaction; leaving its context commits, an exception undoes all of it."""

    def receipts(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
        """The receipts that exist for these (source, id) pairs."""

    def next(self, counter: str, count: int) -> int:
        """Take `count` consecutive numbers of a counter; the first of them (counters begin at 1)."""

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case as it stands, held against other writers; None when absent or outside the scope."""

    def alert(self, no: AlertNo, scope: Scope) -> Alert | None:
        """One alert as it stands; None when absent or outside the scope."""

    def last_event(self, no: CaseNo) -> Event | None:
        """The newest event of a case."""

    def events(self, no: CaseNo) -> list[Event]:
        """All events of a case, oldest first."""

    def children(self, no: CaseNo) -> list[Case]:
        """The sub-tasks of a case, by number."""

    def whistles(self, no: CaseNo) -> list[Whistle]:
        """The whistles of a case, oldest first."""

    def links(self, no: CaseNo) -> list[Link]:
        """The links of a case, whichever end it is."""

    def handoffs(self, no: CaseNo) -> list[Handoff]:
        """The hand-offs of a case, oldest first."""

    def clocks(self, no: CaseNo) -> list[StageClock]:
        """The clocks of a case's steps and promises, oldest first, those that ended too."""

    def start_clocks(self, clocks: Sequence[StageClock], last: CaseNo) -> None:
        """Insert the first clocks of cases up to `last`; those that an action started meanwhile stay as they are."""

    def save_clocks(self, clocks: Sequence[StageClock]) -> None:
        """Insert clocks, or write those that are there."""

    def open_cases(self) -> list[Case]:
        """Every open case."""

    def add_cases(self, cases: Sequence[Case]) -> None:
        """Insert new cases and the grids that hold them."""

    def save_case(self, case: Case) -> None:
        """Write a case that was read in this transaction."""

    def add_alert_events(self, events: Sequence[AlertEvent]) -> None:
        """Append steps of alerts."""

    def shift(self, no: str) -> Shift | None:
        """One handover of the watch."""

    def open_shifts(self, area: str) -> list[Shift]:
        """Handovers of an area's seat that nobody has signed for, oldest first."""

    def save_shift(self, shift: Shift) -> None:
        """Enter a handover, or sign one that is open; one that is signed for is never written again."""

    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        """Insert new alerts."""

    def save_alert(self, alert: Alert) -> None:
        """Write an alert that was read in this transaction."""

    def alert_reach(self, no: AlertNo) -> frozenset[str]:
        """Every grid in which an alert is seen."""

    def reach_alert(self, no: AlertNo, codes: Collection[str]) -> None:
        """Let an alert be seen in further grids than those of its place."""

    def watch(self, rule: str, subject: str) -> Watch | None:
        """What a rule rings for, as it stands; None when it neither rings nor rests."""

    def save_watch(self, watch: Watch) -> None:
        """Enter a watch, or write one that is there."""

    def drop_watch(self, watch: Watch) -> None:
        """Forget a watch whose rest is over."""

    def add_events(self, events: Sequence[Event]) -> None:
        """Append events, already numbered."""

    def save_whistles(self, whistles: Sequence[Whistle]) -> None:
        """Insert whistles, or write those that are there."""

    def save_handoffs(self, handoffs: Sequence[Handoff]) -> None:
        """Insert hand-offs, or write those that are there."""

    def add_links(self, links: Sequence[Link]) -> None:
        """Append links between cases."""

    def add_mediations(self, mediations: Sequence[Mediation]) -> None:
        """Append attempts at mediation."""

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Append receipts."""

    def add_statuses(self, statuses: Sequence[StatusReport]) -> None:
        """Append workers' statuses."""

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Append tasks for workers."""


class Roll(Protocol):
    """Who there is, as far as the desk must know. Blocking."""

    def missing(self, units: Collection[str], workers: Collection[str]) -> frozenset[str]:
        """The ids of these units and workers that do not exist."""

    def accounts(self) -> Sequence[Account]:
        """Every account, disabled ones included."""


class Store(Protocol):
    """The record. StoreUnavailable means: nothing was saved."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a write transaction (BEGIN IMMEDIATE on SQLite)."""

    def overview(self) -> AbstractContextManager[Overview]:
        """What stands now, for reading only; nobody waits for it, and it may have moved when one writes."""
