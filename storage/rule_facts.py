"""What alert rules are judged by, from the record: calls for help, late cases, what came in, fixes near a fence."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.model import Case, CaseNo, Event, Fix, Standing
from cases.rule_signals import HelpWord
from cases.rule_watch import Watch
from storage.engine import Engine
from storage.instants import instant, micros
from storage.positions import fix_of
from storage.rows import case_id, case_of, codes_of, event_of, watch_of
from storage.tables import OPEN, alerts, cases, events, last_fixes, receipts, registers, statuses, tracks, watches

Box = tuple[float, float, float, float]
MOST_PLACES = 500  # that one fence lies around


@dataclass(frozen=True, slots=True)
class CameIn:
    """One report as a cluster counts it: when it happened, when we heard of it, what and where (WGS-84)."""

    id: int
    at: datetime
    received_at: datetime
    category: str
    exercise: bool
    grids: tuple[str, ...]
    lon: float | None
    lat: float | None
    source: str


_CAME_IN = (
    cases.c.id,
    cases.c.reported_at,
    cases.c.received_at,
    cases.c.category,
    cases.c.exercise,
    cases.c.grids,
    cases.c.lon,
    cases.c.lat,
    cases.c.source,
)


@dataclass(frozen=True, slots=True)
class SqlRuleFacts:
    """The facts of now; every method is one quick read by an index. Blocking."""

    engine: Engine

    def watches(self) -> list[Watch]:
        """Whatever rings or rests."""
        with self.engine.read() as connection:
            return [watch_of(row) for row in connection.execute(sa.select(watches))]

    def help_words(self, since: datetime, until: datetime | None = None) -> list[HelpWord]:
        """Workers' words about their own safety said in [since, until), oldest first."""
        c = statuses.c
        query = sa.select(c.worker, c.at, c.received_at, c.sos, c.exercise).where(
            c.sos.is_not(None), c.at >= micros(since)
        )
        query = query if until is None else query.where(c.at < micros(until))
        with self.engine.read() as connection:
            rows = connection.execute(query.order_by(c.at)).all()
        return [
            HelpWord(row.worker, instant(row.at), instant(row.received_at), bool(row.sos), bool(row.exercise))
            for row in rows
        ]

    def late_cases(self, since: datetime, numbers: Collection[CaseNo]) -> list[Case]:
        """Open cases that became late since an instant, and those of `numbers` however they stand."""
        late = sa.and_(OPEN, cases.c.standing == Standing.OVERDUE.value, cases.c.due_at >= micros(since))
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(cases).where(late)).all()
            if numbers:
                named = sa.select(cases).where(cases.c.id.in_([case_id(no) for no in numbers]))
                rows = [*rows, *connection.execute(named)]
        return list({case.no: case for case in map(case_of, rows)}.values())

    def before(self, since: datetime) -> int:
        """The id after which the cases lie that were reported since an instant."""
        query = sa.select(sa.func.min(cases.c.id)).where(cases.c.reported_at >= micros(since))
        newest = sa.select(sa.func.max(cases.c.id))
        with self.engine.read() as connection:
            first: int | None = connection.execute(query).scalar_one()
            return first - 1 if first is not None else connection.execute(newest).scalar_one() or 0

    def came_in(self, after: int, limit: int) -> list[CameIn]:
        """The next reports after an id, in the order they came; sub-tasks are no reports."""
        query = sa.select(*_CAME_IN).where(cases.c.id > after, cases.c.parent.is_(None))
        with self.engine.read() as connection:
            return [_came_in(row) for row in connection.execute(query.order_by(cases.c.id).limit(limit))]

    def last_reports(self, devices: Collection[str], after: int) -> Mapping[str, datetime]:
        """When each device's newest report was received, of those after an id. Looks at every case since: seldom."""
        c = cases.c
        query = sa.select(c.source, sa.func.max(c.received_at)).where(c.id > after, c.source.in_(sorted(devices)))
        with self.engine.read() as connection:
            return {source: instant(at) for source, at in connection.execute(query.group_by(c.source))}

    def count(self, since: datetime, until: datetime) -> int:
        """How many cases were reported in [since, until)."""
        span = cases.c.reported_at.between(micros(since), micros(until) - 1)
        with self.engine.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(cases).where(span)).scalar_one()

    def turned_late(self, since: datetime, until: datetime) -> list[tuple[Case, list[Event]]]:
        """The cases whose light turned red by the clock in [since, until), each with its events from then on."""
        c = events.c
        turned = sa.select(c.case_id).where(c.action == sa.literal_column("'clock'"), c.changes.like('%"overdue"%'))
        turned = turned.where(c.at.between(micros(since), micros(until) - 1)).distinct()
        with self.engine.read() as connection:
            late = connection.execute(sa.select(cases).where(cases.c.id.in_(turned)).order_by(cases.c.id)).all()
            told = sa.select(events).where(c.case_id.in_(turned), c.at.between(micros(since), micros(until) - 1))
            found: dict[str, list[Event]] = {}
            for row in connection.execute(told.order_by(c.case_id, c.seq)):
                event = event_of(row)
                found.setdefault(event.case, []).append(event)
        return [(case, found[case.no]) for case in map(case_of, late)]

    def visitors(self, box: Box, since: datetime, until: datetime) -> list[str]:
        """Who was seen in a box (west, south, east, north, WGS-84) in [since, until). Looks at every kept fix."""
        c = tracks.c
        inside = sa.and_(c.lon.between(box[0], box[2]), c.lat.between(box[1], box[3]))
        query = sa.select(c.worker).where(c.at.between(micros(since), micros(until) - 1), inside).distinct()
        with self.engine.read() as connection:
            return list(connection.execute(query.order_by(c.worker)).scalars())

    def outside(self, since: datetime, until: datetime) -> list[tuple[datetime, str, tuple[str, ...], str, str]]:
        """Alerts that no rule raised, received in [since, until): when, level, grids, source, kind; no exercises."""
        c = alerts.c
        query = sa.select(c.received_at, c.level, c.grids, c.source, c.kind)
        query = query.where(c.received_at.between(micros(since), micros(until) - 1), c.rule.is_(None), c.exercise == 0)
        with self.engine.read() as connection:
            rows = connection.execute(query.order_by(c.received_at)).all()
        return [(instant(at), level, codes_of(grids), source, kind) for at, level, grids, source, kind in rows]

    def messages(self, devices: Collection[str], since: datetime, until: datetime) -> dict[str, list[datetime]]:
        """When each device's messages were filed in [since, until). Looks at every receipt: for the past only."""
        span = receipts.c.at.between(micros(since), micros(until) - 1)
        query = sa.select(receipts.c.source, receipts.c.at).where(receipts.c.source.in_(sorted(devices)), span)
        found: dict[str, list[datetime]] = {}
        with self.engine.read() as connection:
            for source, at in connection.execute(query.order_by(receipts.c.at)):
                found.setdefault(source, []).append(instant(at))
        return found

    def places(self, register: str, which: str) -> list[tuple[float, float]]:
        """Where the records of a register lie that have this number or this type, (lon, lat) WGS-84; at most 500."""
        c, told = registers.c, f'"type": {json.dumps(which, ensure_ascii=False)}'  # as `storage.registers` writes it
        wanted = sa.or_(c.key == which, c.fields.contains(told, autoescape=True))
        query = sa.select(c.lon, c.lat).where(c.kind == register, c.lon.is_not(None), c.lat.is_not(None), wanted)
        with self.engine.read() as connection:
            return [(row.lon, row.lat) for row in connection.execute(query.order_by(c.key).limit(MOST_PLACES))]

    def near(self, box: Box | None, workers: Collection[str]) -> list[Fix]:
        """The newest fix of whoever is in a box (west, south, east, north, WGS-84), and of these workers."""
        c = last_fixes.c
        ways: list[sa.ColumnElement[bool]] = [c.worker.in_(sorted(workers))]
        if box is not None:
            ways.append(sa.and_(c.lon.between(box[0], box[2]), c.lat.between(box[1], box[3])))
        query = sa.select(last_fixes).where(sa.or_(*ways))
        with self.engine.read() as connection:
            return [fix_of(row) for row in connection.execute(query.order_by(c.worker))]

    def tracks(self, workers: Collection[str], since: datetime, until: datetime) -> list[Fix]:
        """The kept fixes of these workers in [since, until)."""
        span = tracks.c.at.between(micros(since), micros(until) - 1)
        query = sa.select(tracks).where(tracks.c.worker.in_(sorted(workers)), span)
        with self.engine.read() as connection:
            return [fix_of(row) for row in connection.execute(query)]


def _came_in(row: Any) -> CameIn:
    id, at, received_at, category, exercise, grids, *place_and_source = row
    return CameIn(id, instant(at), instant(received_at), category, bool(exercise), codes_of(grids), *place_and_source)
