"""A small real store in memory: the ports as dicts; a transaction that fails changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cases.deadlines import standing
from cases.model import Alert, AlertNo, Case, CaseNo, Event, Receipt, Scope, StatusReport, Task


@dataclass
class MemoryStore:
    """Everything that was committed."""

    cases: dict[str, Case] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    kept: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    statuses: list[StatusReport] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        before = copy.deepcopy(self.__dict__)
        try:
            yield self
        except BaseException:
            self.__dict__.update(before)
            raise

    def receipts(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def next(self, counter: str, count: int) -> int:
        first = self.counters.get(counter, 0) + 1
        self.counters[counter] = first + count - 1
        return first

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        found = self.cases.get(no)
        return found if found and (scope.area == "" or scope.area in found.grids) else None

    def alert(self, no: AlertNo, scope: Scope) -> Alert | None:
        found = self.alerts.get(no)
        return found if found and (scope.area == "" or scope.area in found.place.grids) else None

    def last_event(self, no: CaseNo) -> Event | None:
        return next((e for e in reversed(self.events) if e.case == no), None)

    def due(self, now: datetime, limit: int) -> list[Case]:
        return [c for c in self.cases.values() if standing(c, now) is not c.standing][:limit]

    def add_cases(self, cases: Sequence[Case]) -> None:
        self.cases |= {c.no: c for c in cases}

    def save_case(self, case: Case) -> None:
        self.cases[case.no] = case

    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        self.alerts |= {a.no: a for a in alerts}

    def save_alert(self, alert: Alert) -> None:
        self.alerts[alert.no] = alert

    def add_events(self, events: Sequence[Event]) -> None:
        self.events += events

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        self.kept |= {(r.source, r.id): r for r in receipts}

    def add_statuses(self, statuses: Sequence[StatusReport]) -> None:
        self.statuses += statuses

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        self.tasks += tasks
