"""A small real store in memory: the ports as dicts; a transaction that fails changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cases.alerts import AlertEvent, has_expired
from cases.deadlines import standing
from cases.model import (
    Alert,
    AlertNo,
    AlertState,
    Case,
    CaseNo,
    Event,
    Handoff,
    Link,
    Mediation,
    Receipt,
    Scope,
    StageClock,
    State,
    StatusReport,
    Task,
    Whistle,
)
from cases.rule_watch import Watch
from cases.shifts import Shift
from cases.whistles import lateness


@dataclass
class MemoryStore:
    """Everything that was committed."""

    cases: dict[str, Case] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    happened: list[Event] = field(default_factory=list)
    handovers: dict[str, Shift] = field(default_factory=dict)
    alert_steps: list[AlertEvent] = field(default_factory=list)
    reached: dict[AlertNo, frozenset[str]] = field(default_factory=dict)
    kept: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    statuses: list[StatusReport] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    called: dict[tuple[str, int, str], Whistle] = field(default_factory=dict)
    tied: list[Link] = field(default_factory=list)
    tried: list[Mediation] = field(default_factory=list)
    handed: dict[tuple[str, int], Handoff] = field(default_factory=dict)
    ticking: dict[tuple[str, str, datetime], StageClock] = field(default_factory=dict)
    clocked: str = ""
    watching: dict[tuple[str, str], Watch] = field(default_factory=dict)

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        before = copy.deepcopy(self.__dict__)
        try:
            yield self
        except BaseException:
            self.__dict__.update(before)
            raise

    @contextmanager
    def overview(self) -> Iterator[MemoryStore]:
        yield self

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
        return next((e for e in reversed(self.happened) if e.case == no), None)

    def events(self, no: CaseNo) -> list[Event]:
        return [e for e in self.happened if e.case == no]

    def children(self, no: CaseNo) -> list[Case]:
        return [c for c in self.cases.values() if c.parent == no]

    def whistles(self, no: CaseNo) -> list[Whistle]:
        return [w for w in self.called.values() if w.case == no]

    def links(self, no: CaseNo) -> list[Link]:
        return [link for link in self.tied if no in (link.case, link.other)]

    def handoffs(self, no: CaseNo) -> list[Handoff]:
        return [h for h in self.handed.values() if h.case == no]

    def whistles_late(self, now: datetime, limit: int) -> list[Whistle]:
        late = [w for w in self.called.values() if lateness(w, now) > w.told_late and self.cases[w.case].is_open]
        return sorted(late, key=lambda w: (w.answer_by, w.case, w.unit))[:limit]

    def save_whistles(self, whistles: Sequence[Whistle]) -> None:
        self.called |= {(w.case, w.version, w.unit): w for w in whistles}

    def save_handoffs(self, handoffs: Sequence[Handoff]) -> None:
        self.handed |= {(h.case, h.version): h for h in handoffs}

    def add_links(self, links: Sequence[Link]) -> None:
        self.tied += links

    def add_mediations(self, mediations: Sequence[Mediation]) -> None:
        self.tried += mediations

    def clocks(self, no: CaseNo) -> list[StageClock]:
        return sorted((c for c in self.ticking.values() if c.case == no), key=lambda c: (c.since, c.step))

    def clocks_due(self, now: datetime, limit: int) -> list[StageClock]:
        running = [c for c in self.ticking.values() if c.turns_at and c.turns_at <= now and self.cases[c.case].is_open]
        return [c for c in running if self.cases[c.case].state is not State.SUSPENDED or c.step == "promise"][:limit]

    def unclocked(self, limit: int) -> tuple[list[Case], CaseNo | None]:
        new = sorted((c for c in self.open_cases() if c.no > self.clocked), key=lambda c: c.no)[:limit]
        return [c for c in new if not self.clocks(c.no)], new[-1].no if new else None

    def start_clocks(self, clocks: Sequence[StageClock], last: CaseNo) -> None:
        self.ticking = {(c.case, c.step, c.since): c for c in clocks} | self.ticking
        self.clocked = last

    def save_clocks(self, clocks: Sequence[StageClock]) -> None:
        self.ticking |= {(c.case, c.step, c.since): c for c in clocks}

    def due(self, now: datetime, limit: int) -> list[Case]:
        return [c for c in self.cases.values() if standing(c, now) is not c.standing][:limit]

    def open_cases(self) -> list[Case]:
        return [c for c in self.cases.values() if c.is_open]

    def add_cases(self, cases: Sequence[Case]) -> None:
        self.cases |= {c.no: c for c in cases}

    def save_case(self, case: Case) -> None:
        self.cases[case.no] = case

    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        self.alerts |= {a.no: a for a in alerts}

    def save_alert(self, alert: Alert) -> None:
        self.alerts[alert.no] = alert

    def alert_reach(self, no: AlertNo) -> frozenset[str]:
        return frozenset(self.alerts[no].place.grids) | self.reached.get(no, frozenset())

    def reach_alert(self, no: AlertNo, codes: Collection[str]) -> None:
        self.reached[no] = self.reached.get(no, frozenset()) | frozenset(codes)

    def restless_alerts(self, now: datetime, limit: int) -> list[Alert]:
        return [
            a
            for a in self.alerts.values()
            if (a.state is AlertState.NEW and a.risen < 2 and a.cleared_at is None)
            or (a.state is AlertState.SHELVED and a.shelved_until is not None and a.shelved_until <= now)
            or has_expired(a, now)
        ][:limit]

    def shift(self, no: str) -> Shift | None:
        return self.handovers.get(no)

    def open_shifts(self, area: str) -> list[Shift]:
        return [s for s in self.handovers.values() if s.area == area and s.is_open]

    def save_shift(self, shift: Shift) -> None:
        self.handovers[shift.no] = shift

    def add_alert_events(self, events: Sequence[AlertEvent]) -> None:
        self.alert_steps += events

    def watch(self, rule: str, subject: str) -> Watch | None:
        return self.watching.get((rule, subject))

    def save_watch(self, watch: Watch) -> None:
        self.watching[watch.rule, watch.subject] = watch

    def drop_watch(self, watch: Watch) -> None:
        del self.watching[watch.rule, watch.subject]

    def add_events(self, events: Sequence[Event]) -> None:
        self.happened += events

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        self.kept |= {(r.source, r.id): r for r in receipts}

    def add_statuses(self, statuses: Sequence[StatusReport]) -> None:
        self.statuses += statuses

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        self.tasks += tasks
