"""The record: cases, alerts, events and receipts, written in one transaction or not at all.

This is the intake's hot path: rows go to the driver as tuples, many a statement, without a mapping layer between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from cases.alerts import AlertEvent
from cases.model import (
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
from cases.ports import Overview, Transaction
from cases.rule_watch import Watch
from cases.shifts import Shift
from storage import search_tail, tables
from storage.codes import new_token
from storage.engine import Engine
from storage.instants import micros
from storage.rows import (
    alert_event_row,
    alert_of,
    alert_row,
    case_id,
    case_of,
    case_row,
    clock_of,
    clock_row,
    event_of,
    event_row,
    handoff_of,
    handoff_row,
    link_of,
    link_row,
    mediation_row,
    receipt_of,
    receipt_row,
    status_row,
    watch_of,
    watch_row,
    whistle_of,
    whistle_row,
)
from storage.scope import alert_in, case_in
from storage.shifts import keep_shift, open_shifts, read_shift

_Rows = Sequence[tuple[object, ...]]
_KEYS_A_STATEMENT = 512


@dataclass(frozen=True, slots=True)
class SqlStore:
    """The record in SQL (ports.Store)."""

    engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a write transaction; no other writer runs until it ends. StoreUnavailable: nothing was saved."""
        with self.engine.write() as connection:
            yield SqlTransaction(connection, self.engine.mark)

    @contextmanager
    def overview(self) -> Iterator[Overview]:
        """One moment of the record, for reading only. StoreUnavailable when it does not answer."""
        with self.engine.read() as connection:
            yield SqlTransaction(connection, self.engine.mark)


@dataclass(slots=True)
class SqlTransaction:
    """One write transaction (ports.Transaction)."""

    connection: sa.Connection
    mark: str
    _grids: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the cases and alerts that were read
    _words: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the cases that were read

    def receipts(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
        """The receipts that exist for these (source, id) pairs."""
        wanted = list(dict.fromkeys(keys))
        found: dict[tuple[str, str], Receipt] = {}
        for start in range(0, len(wanted), _KEYS_A_STATEMENT):
            some = wanted[start : start + _KEYS_A_STATEMENT]
            some += some[-1:] * (_full_size(len(some)) - len(some))
            pairs = ",".join([f"({self.mark},{self.mark})"] * len(some))
            rows = self._driver.execute(
                f"WITH wanted(a, b) AS (VALUES {pairs}) SELECT r.* FROM wanted CROSS JOIN receipts AS r "  # noqa: S608
                "WHERE r.source = wanted.a AND r.id = wanted.b",
                tuple(part for pair in some for part in pair),
            )
            for row in rows:
                receipt = receipt_of(row)
                found[receipt.source, receipt.id] = receipt
        return found

    def next(self, counter: str, count: int) -> int:
        """Take `count` consecutive numbers of a counter; the first of them (counters begin at 1)."""
        (last,) = self._driver.execute(_TAKE.format(mark=self.mark), (counter, count)).fetchone()
        return int(last) - count + 1

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case as it stands; None when absent or outside the scope. The write turn keeps others from it."""
        row = self.connection.execute(
            sa.select(tables.cases).where(tables.cases.c.no == no, case_in(scope))
        ).one_or_none()
        return None if row is None else self._read(case_of(row))

    def alert(self, no: AlertNo, scope: Scope) -> Alert | None:
        """One alert as it stands; None when absent or outside the scope."""
        row = self.connection.execute(
            sa.select(tables.alerts).where(tables.alerts.c.no == no, alert_in(scope))
        ).one_or_none()
        if row is None:
            return None
        alert = alert_of(row)
        self._grids[alert.no] = alert.place.grids
        return alert

    def last_event(self, no: CaseNo) -> Event | None:
        """The newest event of a case."""
        mine = tables.events.c.case_id == case_id(no)
        row = self.connection.execute(
            sa.select(tables.events).where(mine).order_by(tables.events.c.seq.desc()).limit(1)
        ).one_or_none()
        return None if row is None else event_of(row)

    def events(self, no: CaseNo) -> list[Event]:
        """All events of a case, oldest first."""
        return [event_of(row) for row in self._of(tables.events, no, tables.events.c.seq)]

    def children(self, no: CaseNo) -> list[Case]:
        """The sub-tasks of a case, by number."""
        mine = sa.select(tables.cases).where(tables.cases.c.parent == no).order_by(tables.cases.c.id)
        return [self._read(case_of(row)) for row in self.connection.execute(mine)]

    def whistles(self, no: CaseNo) -> list[Whistle]:
        """The whistles of a case, oldest first."""
        order = (tables.whistles.c.version, tables.whistles.c.unit)
        return [whistle_of(row) for row in self._of(tables.whistles, no, *order)]

    def whistles_late(self, now: datetime, limit: int) -> list[Whistle]:
        """Whistles of open cases whose answer or arrival is late at `now` and was not told to be, oldest first."""
        c, at = tables.whistles.c, micros(now)
        told = sa.func.coalesce(c.told_late, 0)
        answer = sa.and_(c.answered_at.is_(None), told < 1)
        late = sa.or_(sa.and_(c.arrive_by < at, told < 2), sa.and_(c.answer_by < at, answer))
        is_open = sa.exists().where(tables.cases.c.id == c.case_id, tables.OPEN)
        query = sa.select(tables.whistles).where(c.arrived_at.is_(None), c.answer_by < at, late, is_open)
        rows = self.connection.execute(query.order_by(c.answer_by, c.case_id, c.unit).limit(limit))
        return [whistle_of(row) for row in rows]

    def links(self, no: CaseNo) -> list[Link]:
        """The links of a case, whichever end it is."""
        links, number = tables.links, case_id(no)
        mine = sa.or_(links.c.case_id == number, links.c.other_id == number)
        return [link_of(row) for row in self.connection.execute(sa.select(links).where(mine).order_by(links.c.at))]

    def handoffs(self, no: CaseNo) -> list[Handoff]:
        """The hand-offs of a case, oldest first."""
        return [handoff_of(row) for row in self._of(tables.handoffs, no, tables.handoffs.c.version)]

    def clocks(self, no: CaseNo) -> list[StageClock]:
        """The clocks of a case's steps and promises, oldest first, those that ended too."""
        return [clock_of(row) for row in self._of(tables.clocks, no, tables.clocks.c.since, tables.clocks.c.step)]

    def clocks_due(self, now: datetime, limit: int) -> list[StageClock]:
        """Running clocks of open cases whose light must change at `now`; steps of suspended cases rest."""
        rows = self.connection.execute(_CLOCKS_DUE, {"now": micros(now), "limit": limit})
        return [clock_of(row) for row in rows]

    def unclocked(self, limit: int) -> tuple[list[Case], CaseNo | None]:
        """Open cases without clocks that came in after the last that was given its first ones, oldest first.

        And the last case that was looked at, None when no case is new.
        """
        rows = self.connection.execute(_UNCLOCKED, {"limit": limit}).all()
        return [self._read(case_of(row[:-1])) for row in rows if not row[-1]], rows[-1].no if rows else None

    def start_clocks(self, clocks: Sequence[StageClock], last: CaseNo) -> None:
        """Insert the first clocks of cases up to `last`; those that an action started meanwhile stay as they are."""
        self._add_clocks(clocks, "ON CONFLICT DO NOTHING")
        self.connection.execute(_CLOCKED, {"id": case_id(last)})

    def save_clocks(self, clocks: Sequence[StageClock]) -> None:
        """Insert clocks, or write those that are there."""
        self._add_clocks(clocks, _CLOCK_AGAIN)

    def _add_clocks(self, clocks: Sequence[StageClock], where_known: str) -> None:
        if clocks:
            marks = ",".join([self.mark] * len(tables.clocks.columns))
            rows = [clock_row(clock) for clock in clocks]
            self.connection.exec_driver_sql(f"INSERT INTO clocks VALUES ({marks}) {where_known}", rows)  # noqa: S608

    def due(self, now: datetime, limit: int) -> list[Case]:
        """Open cases whose light must change at `now`, the most overdue first; suspended clocks rest."""
        rows = self.connection.execute(_DUE, {"now": micros(now), "limit": limit})
        return [self._read(case_of(row)) for row in rows]

    def open_cases(self) -> list[Case]:
        """Every open case, by number."""
        rows = self.connection.execute(sa.select(tables.cases).where(tables.OPEN).order_by(tables.cases.c.id))
        return [self._read(case_of(row)) for row in rows]

    def add_cases(self, cases: Sequence[Case]) -> None:
        """Insert new cases and the grids that hold them."""
        rows = [case_row(case) for case in cases]
        self._insert(tables.cases, rows)
        ids = [(row[0], case.place.grids) for row, case in zip(rows, cases, strict=True)]
        self._insert(tables.case_grids, [(code, number) for number, codes in ids for code in codes])
        search_tail.add(self.connection, cases, self.mark)
        self._insert(tables.codes, [(case_id(case.no), new_token(case.received_at)) for case in cases])

    def save_case(self, case: Case) -> None:
        """Write a case that was read in this transaction."""
        before = self._grids[case.no]
        row = case_row(case)
        self._update(tables.cases, row)
        if case.place.grids != before:
            self._move(tables.case_grids, row[0], before, case.place.grids)
        if _words_of(case) != self._words[case.no]:
            search_tail.change(self.connection, case, self.mark)

    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        """Insert new alerts."""
        self._insert(tables.alerts, [alert_row(alert) for alert in alerts])
        self._insert(tables.alert_grids, [(code, alert.no) for alert in alerts for code in alert.place.grids])
        self._follow([(alert.no, alert.version) for alert in alerts])

    def save_alert(self, alert: Alert) -> None:
        """Write an alert that was read in this transaction."""
        before = self._grids[alert.no]
        self._update(tables.alerts, alert_row(alert))
        if alert.place.grids != before:
            self._move(tables.alert_grids, alert.no, before, alert.place.grids)

    def alert_reach(self, no: AlertNo) -> frozenset[str]:
        """Every grid in which an alert is seen."""
        reach = tables.alert_grids
        return frozenset(self.connection.execute(sa.select(reach.c.code).where(reach.c.alert == no)).scalars())

    def reach_alert(self, no: AlertNo, codes: Collection[str]) -> None:
        """Let an alert be seen in further grids than those of its place."""
        self._insert(tables.alert_grids, [(code, no) for code in sorted(codes)])

    def restless_alerts(self, now: datetime, limit: int) -> list[Alert]:
        """Unanswered alerts that have not risen all the way, and those whose shelving is over; oldest first."""
        found = [alert_of(row) for row in self.connection.execute(_RESTLESS, {"now": micros(now), "limit": limit})]
        self._grids |= {alert.no: alert.place.grids for alert in found}
        return found

    def shift(self, no: str) -> Shift | None:
        """One handover of the watch."""
        return read_shift(self.connection, no)

    def open_shifts(self, area: str) -> list[Shift]:
        """Handovers of an area's seat that nobody has signed for, oldest first."""
        return open_shifts(self.connection, area)

    def save_shift(self, shift: Shift) -> None:
        """Enter a handover, or sign one that is open; one that is signed for is never written again."""
        keep_shift(self.connection, shift)

    def add_alert_events(self, events: Sequence[AlertEvent]) -> None:
        """Append steps of alerts."""
        self._insert(tables.alert_events, [alert_event_row(event) for event in events])
        self._follow([(event.alert, event.version) for event in events])

    def _follow(self, moved: Sequence[tuple[AlertNo, int]]) -> None:
        """Number what alerts did, in the order of the commits, for those who follow them."""
        if moved:
            first = self.next("alert_change", len(moved))
            self._insert(tables.alert_changes, [(first + at, *each) for at, each in enumerate(moved)])

    def watch(self, rule: str, subject: str) -> Watch | None:
        """What a rule rings for, as it stands; None when it neither rings nor rests."""
        mine = sa.and_(tables.watches.c.rule == rule, tables.watches.c.subject == subject)
        row = self.connection.execute(sa.select(tables.watches).where(mine)).one_or_none()
        return None if row is None else watch_of(row)

    def save_watch(self, watch: Watch) -> None:
        """Enter a watch, or write one that is there."""
        self._save(tables.watches, [watch_row(watch)])

    def drop_watch(self, watch: Watch) -> None:
        """Forget a watch whose rest is over."""
        mine = sa.and_(tables.watches.c.rule == watch.rule, tables.watches.c.subject == watch.subject)
        self.connection.execute(tables.watches.delete().where(mine))

    def add_events(self, events: Sequence[Event]) -> None:
        """Append events, already numbered."""
        self._insert(tables.events, [event_row(event) for event in events])

    def save_whistles(self, whistles: Sequence[Whistle]) -> None:
        """Insert whistles, or write those that are there."""
        self._save(tables.whistles, [whistle_row(whistle) for whistle in whistles])

    def save_handoffs(self, handoffs: Sequence[Handoff]) -> None:
        """Insert hand-offs, or write those that are there."""
        self._save(tables.handoffs, [handoff_row(handoff) for handoff in handoffs])

    def add_links(self, links: Sequence[Link]) -> None:
        """Append links between cases."""
        self._insert(tables.links, [link_row(link) for link in links])

    def add_mediations(self, mediations: Sequence[Mediation]) -> None:
        """Append attempts at mediation."""
        self._insert(tables.mediations, [mediation_row(mediation) for mediation in mediations])

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Append receipts."""
        self._insert(tables.receipts, [receipt_row(receipt) for receipt in receipts])

    def add_statuses(self, statuses: Sequence[StatusReport]) -> None:
        """Append workers' statuses."""
        self._insert(tables.statuses, [status_row(status) for status in statuses])

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Append tasks for workers."""
        self._insert(
            tables.tasks,
            [
                (
                    t.id,
                    t.case,
                    t.version,
                    t.worker,
                    t.title,
                    t.text,
                    t.lon,
                    t.lat,
                    t.by,
                    micros(t.at),
                    micros(t.acked_at),
                )
                for t in tasks
            ],
        )

    @property
    def _driver(self) -> Any:
        """The driver's own connection, in this transaction: what intake asks a hundred times a second goes past
        SQLAlchemy, whose share of such a statement is larger than the database's."""
        return self.connection.connection.driver_connection

    def _read(self, case: Case) -> Case:
        self._grids[case.no] = case.place.grids
        self._words[case.no] = _words_of(case)
        return case

    def _of(self, table: sa.Table, no: CaseNo, *order: sa.ColumnElement[Any]) -> sa.CursorResult[Any]:
        """The rows of one case."""
        return self.connection.execute(sa.select(table).where(table.c.case_id == case_id(no)).order_by(*order))

    def _save(self, table: sa.Table, rows: _Rows) -> None:
        """Put rows in the place of those with the same key."""
        keys = list(table.primary_key)
        for row in rows:
            mine = [column == value for column, value in zip(keys, row, strict=False)]
            self.connection.execute(table.delete().where(*mine))
        self._insert(table, rows)

    def _insert(self, table: sa.Table, rows: _Rows) -> None:
        """Insert rows that have the table's columns, in its order."""
        if not rows:
            return
        names, kept = _filled(table, rows)
        self._driver.cursor().executemany(_insertion(table.name, names, self.mark), kept)

    def _update(self, table: sa.Table, row: tuple[object, ...]) -> None:
        """Write every column of a row that is found by its first one, the key."""
        key, *rest = [column.name for column in table.columns]
        sets = ",".join(f'"{name}" = {self.mark}' for name in rest)
        self.connection.exec_driver_sql(
            f"UPDATE {table.name} SET {sets} WHERE {key} = {self.mark}",  # noqa: S608
            (*row[1:], row[0]),
        )

    def _move(self, table: sa.Table, key: object, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        """Replace the grids of one case or alert."""
        code, owner = table.columns
        self.connection.execute(table.delete().where(owner == key, code.in_(before)))
        self._insert(table, [(each, key) for each in after])


def _words_of(case: Case) -> tuple[str, ...]:
    return case.title, case.text, case.place.address


def _full_size(count: int) -> int:
    """The next power of two: a handful of statements to prepare, instead of one for every size of batch."""
    return 1 << (count - 1).bit_length()


@lru_cache(maxsize=256)
def _insertion(table: str, names: tuple[str, ...], mark: str) -> str:
    columns = ",".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES ({','.join([mark] * len(names))})"  # noqa: S608


@lru_cache(maxsize=64)
def _columns(table: sa.Table) -> tuple[tuple[str, ...], bool]:
    """A table's columns, and whether any of them may be without a value."""
    return tuple(column.name for column in table.columns), any(column.nullable for column in table.columns)


def _filled(table: sa.Table, rows: _Rows) -> tuple[tuple[str, ...], _Rows]:
    """The rows without the columns in which none of them has a value: binding NULL costs SQLite's driver dear."""
    names, may_lack = _columns(table)
    if not may_lack:
        return names, rows
    full = [
        (n, values) for n, values in zip(names, zip(*rows, strict=True), strict=True) if values.count(None) < len(rows)
    ]
    return tuple(name for name, _ in full), list(zip(*(values for _, values in full), strict=True))


_TAKE = (
    "INSERT INTO counters (name, value) VALUES ({mark}, {mark}) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)

_RESTLESS = sa.text(
    "SELECT * FROM alerts WHERE (state = 'new' AND (risen IS NULL OR risen < 2) AND cleared_at IS NULL)"
    " OR (state = 'shelved' AND shelved_until <= :now)"
    " OR (expires_at <= :now AND state IN ('new', 'shelved')) ORDER BY received_at, no LIMIT :limit"
)
_CLOCK_AGAIN = "ON CONFLICT (case_id, step, since) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in ("warn_at", "due_at", "standing", "ended_at", "turns_at")
)
# Worded so that it begins with what is due: as a join it began with all open cases.
_CLOCKS_DUE = sa.text(
    "SELECT * FROM clocks WHERE turns_at <= :now AND EXISTS (SELECT 1 FROM cases WHERE cases.id = clocks.case_id"
    " AND is_open = 1 AND (state <> 'suspended' OR step = 'promise')) ORDER BY turns_at, case_id LIMIT :limit"
)
_UNCLOCKED = sa.text(
    "SELECT cases.*, EXISTS (SELECT 1 FROM clocks WHERE clocks.case_id = cases.id)"
    " FROM cases WHERE is_open = 1 AND id > COALESCE((SELECT value FROM counters WHERE name = 'clocked'), 0)"
    " ORDER BY id LIMIT :limit"
)
_CLOCKED = sa.text(
    "INSERT INTO counters (name, value) VALUES ('clocked', :id) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)

_DUE = sa.text(
    "SELECT * FROM cases WHERE is_open = 1 AND state <> 'suspended' AND ("
    " (due_at <= :now AND standing <> 'overdue')"
    " OR (due_at > :now AND warn_at <= :now AND standing <> 'at_risk')"
    " OR (due_at > :now AND (warn_at IS NULL OR warn_at > :now) AND standing <> 'on_time'))"
    " ORDER BY due_at, id LIMIT :limit"
)
