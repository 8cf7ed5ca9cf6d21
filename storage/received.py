"""The named set `received` straight from the cases, so that it can be parted by kind, hour, address and drawn area.

The kept tallies know how many were received in a grid on a day, not what they were about. What is counted here is the
same set (cases.indicators.facts: not an exercise, a sub-task, void or merged; by the local day of the receipt).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cases.calendar import LOCAL
from cases.indicators import Narrowing, Period
from geo.rings import inside, ring_of
from storage.instants import instant, micros
from storage.rows import case_id
from storage.tables import COUNTED, case_grids, cases

HOUR = 3_600_000_000  # microseconds
WEEK_HOURS = 7 * 24
_MONDAY = micros(datetime(1970, 1, 5, tzinfo=LOCAL))  # a local week's first instant, before any report
_C = cases.c

Rows = tuple[sa.FromClause, sa.ColumnElement[bool]]
"""From where, and which of it."""


def received_in(code: str, since: datetime, until: datetime) -> Rows:
    """The cases of a grid ("" everywhere) received in [since, until).

    No case is numbered before its receipt, so the numbers since that day find them without an index of their own.
    """
    day, at = since.astimezone(LOCAL), _C.received_at
    oldest = case_id(f"{day.year:04}{day:%m%d}-0")
    mine = sa.and_(COUNTED, _C.state.not_in(("void", "merged")))
    span = sa.and_(mine, at >= micros(since), at < micros(until))
    if not code:
        return cases, sa.and_(_C.id >= oldest, span)
    inside = case_grids.join(cases, _C.id == case_grids.c.case_id)
    return inside, sa.and_(case_grids.c.code == code, case_grids.c.case_id >= oldest, span)


def slot() -> sa.ColumnElement[int]:
    """The hour of the local week (0 is Monday's first) at which a case was reported."""
    return ((_C.reported_at - _MONDAY) // HOUR) % WEEK_HOURS


def part_ids(connection: sa.Connection, code: str, period: Period, part: Narrowing) -> list[int]:
    """The ids of the received cases of a grid and period that are in a part of the set; ValueError for a bad ring."""
    within, which = received_in(code, period.since, period.until)
    wanted = [which]
    if part.category is not None:
        wanted.append(_C.category == part.category)
    if part.weekday is not None:
        wanted.append(slot() // 24 == part.weekday)
    if part.hour is not None:
        wanted.append(slot() % 24 == part.hour)
    if part.address is not None:
        wanted.append(_C.address != "")
    shape = ring_of(part.ring) if part.ring is not None else None
    if shape is not None:
        west, south, east, north = shape.bounds
        wanted += [_C.lon.between(west, east), _C.lat.between(south, north)]
    query = sa.select(_C.id, _C.category, _C.reported_at, _C.address, _C.lon, _C.lat).select_from(within).where(*wanted)
    found = [
        row for row in connection.execute(query) if part.holds(row.category, instant(row.reported_at), row.address)
    ]
    if shape is not None:
        is_in = inside(shape, [row.lon for row in found], [row.lat for row in found])
        found = [row for row, mine in zip(found, is_in, strict=True) if mine]
    return [row.id for row in found]
