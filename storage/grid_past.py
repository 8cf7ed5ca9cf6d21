"""What happened in a cell, for the analyst: counted cases, counts by week, and where somebody has been."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.calendar import LOCAL
from cases.happenings import WEEK, Happening, Mix, Repeat, Told, of_addresses
from cases.model import Scope
from storage.engine import Engine
from storage.instants import instant, micros
from storage.received import received_in, slot
from storage.rows import case_id
from storage.scope import case_in
from storage.tables import COUNTED, case_grids, cases, tracks, worker_grids

_WEEK = int(WEEK.total_seconds()) * 1_000_000
_C = cases.c
_READ = (
    _C.no,
    _C.reported_at,
    _C.received_at,
    _C.category,
    _C.address,
    _C.lon,
    _C.lat,
    _C.accepted_at,
    _C.dispatched_at,
    _C.handled_at,
    _C.closed_at,
)
_STEP = 10_000  # of a degree, about 10 m: fixes nearer than that are one place

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SqlGridPast:
    """The past in SQL (ports.GridPast). Exercises, sub-tasks and merged or void cases never count."""

    engine: Engine

    def cases(
        self, scope: Scope, since: datetime, until: datetime, limit: int, box: Box | None = None
    ) -> list[Happening]:
        """Counted cases of the scope received in [since, until), newest first; `box` is west, south, east, north."""
        within, which = received_in(scope.area, since, until)
        wanted = [which]
        if box is not None:
            wanted += [_C.lon.between(box[0], box[2]), _C.lat.between(box[1], box[3])]
        query = sa.select(*_READ).select_from(within).where(*wanted).order_by(_C.id.desc()).limit(limit)
        with self.engine.read() as connection:
            rows = connection.execute(query).mappings()
            return [_happening({str(name): value for name, value in row.items()}) for row in rows]

    def weekly(self, codes: Collection[str], starts: Sequence[datetime], scope: Scope) -> Mapping[str, tuple[int, ...]]:
        """Of each grid how many were received in each week that begins at `starts` (oldest first, without gaps)."""
        begin = micros(starts[0])
        week = ((_C.received_at - begin) // _WEEK).label("week")
        oldest = case_id(f"{starts[0].astimezone(LOCAL):%Y%m%d}-000000")  # no case is numbered before its receipt
        inside = case_grids.join(cases, _C.id == case_grids.c.case_id)
        query = (
            sa.select(case_grids.c.code, week, sa.func.count())
            .select_from(inside)
            .where(case_grids.c.code.in_(codes), _counted(), case_in(scope))
            .where(
                _C.received_at >= begin, _C.received_at < begin + len(starts) * _WEEK, case_grids.c.case_id >= oldest
            )
            .group_by(case_grids.c.code, week)
        )
        counts = {code: [0] * len(starts) for code in codes}
        with self.engine.read() as connection:
            for code, number, many in connection.execute(query):
                counts[code][number] = many
        return {code: tuple(row) for code, row in counts.items()}

    def mix(self, scope: Scope, since: datetime, until: datetime) -> Mix:
        """How many received in [since, until) are of each kind, and of each hour of the week they were reported at."""
        within, which = received_in(scope.area, since, until)
        at, many = slot().label("slot"), sa.func.count().label("many")
        kinds = sa.select(_C.category, many).select_from(within).where(which).group_by(_C.category)
        slots = sa.select(at, many).select_from(within).where(which).group_by(at)
        hours = [[0] * 24 for _ in range(7)]
        with self.engine.read() as connection:
            for each, count in connection.execute(slots):
                hours[each // 24][each % 24] = count
            rows = connection.execute(kinds.order_by(many.desc(), _C.category))
            found = [(row.category, row.many) for row in rows]
            first = connection.execute(sa.select(sa.func.min(_C.reported_at)).where(_counted(), case_in(scope)))
            return Mix(found, hours, instant(first.scalar_one()))

    def repeats(self, scope: Scope, since: datetime, until: datetime) -> list[Repeat]:
        """Addresses with more than one case received in [since, until), most first."""
        within, which = received_in(scope.area, since, until)
        alike, at = (_C.address, _C.category), _C.reported_at
        times = (sa.func.min(at), sa.func.max(at))
        query = sa.select(*alike, sa.func.count(), *times).select_from(within).where(which, _C.address != "")
        with self.engine.read() as connection:
            rows = connection.execute(query.group_by(*alike)).all()
        return of_addresses(Told(a, kind, many, instant(first), instant(last)) for a, kind, many, first, last in rows)

    def been(self, scope: Scope, since: datetime) -> list[tuple[float, float]]:
        """(lon, lat), WGS-84, of places where a worker of the scope has been since then, each about 10 m once."""
        lon, lat = (sa.cast(sa.func.round(column * _STEP), sa.Integer) for column in (tracks.c.lon, tracks.c.lat))
        query = sa.select(sa.func.min(tracks.c.lon), sa.func.min(tracks.c.lat)).where(tracks.c.at >= micros(since))
        query = query.where(tracks.c.suspect == sa.literal_column("0")).group_by(lon, lat)
        if scope.area:
            mine = sa.select(worker_grids.c.worker).where(worker_grids.c.code == scope.area)
            query = query.where(tracks.c.worker.in_(mine))
        with self.engine.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]


def _counted() -> sa.ColumnElement[bool]:
    return sa.and_(COUNTED, _C.state.not_in(("void", "merged")))


def _happening(values: Mapping[str, Any]) -> Happening:
    times = {name: instant(value) for name, value in values.items() if name.endswith("_at")}
    return Happening(**{**values, **times})
