"""Cases as they were at a past instant: the rows of today with what their events did since taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from cases.calendar import LOCAL
from cases.errors import TooLongAgo
from cases.model import Action, Case, Scope
from storage.instants import instant, micros
from storage.rows import case_id, case_of, revive
from storage.scope import ACCOUNT_SOURCE
from storage.tables import WHOLE, cases, events

MOST = 20_000  # cases that changed since; more would hold the reader for seconds
_FEW = 500


@dataclass(frozen=True, slots=True)
class Since:
    """What the record did after an instant: which rows it touched, and those cases as they were.

    A case that came later is touched, but was not there.
    """

    touched: sa.ColumnElement[bool] | None
    were: Sequence[Case]

    @property
    def untouched(self) -> sa.ColumnElement[bool]:
        """Whether a row of `cases` still reads as it did."""
        return sa.true() if self.touched is None else sa.not_(self.touched)


NOTHING = Since(None, ())


def since(connection: sa.Connection, at: datetime) -> Since:
    """What to take back to see the record as it was at an instant; NOTHING where it is still so.

    Raises TooLongAgo where too much happened since, or where events of the first release do not say what was before.
    """
    changed = cases.c.updated_at > micros(at)
    ids = connection.execute(sa.select(cases.c.id).where(changed).limit(_FEW + 1)).scalars().all()
    if not ids:
        return NOTHING
    there = sa.and_(changed, sa.literal_column("+cases.id", WHOLE) < _first_number_after(at))
    many = sa.select(sa.literal_column("1")).select_from(cases).where(there).limit(MOST + 1).subquery()
    if connection.execute(sa.select(sa.func.count()).select_from(many)).scalar_one() > MOST:
        raise TooLongAgo(f"此后变动的案件超过 {MOST} 件，不再回算那一时刻；请选近一些的时刻")
    were = (_as_it_was(case, happened, micros(at)) for case, happened in _with_events(connection, there))
    touched = cases.c.id.in_(ids) if len(ids) <= _FEW else changed
    return Since(touched, [case for case in were if case is not None])


def _first_number_after(at: datetime) -> int:
    """The least id that cannot have been there: numbers begin with the day on which a case was filed."""
    tomorrow = at.astimezone(LOCAL).date() + timedelta(days=1)
    return case_id(f"{tomorrow:%Y%m%d}-000000")


def lies_in(case: Case, scope: Scope) -> bool:
    """storage.scope.case_in for a case at hand."""
    if not scope.area or scope.area in case.grids:
        return True
    entered = scope.account and (case.source == ACCOUNT_SOURCE + scope.account or case.first_contact == scope.account)
    return bool(entered) and not case.grids


_STEP = (events.c.case_id, events.c.version, events.c.at, events.c.action, events.c.changes, events.c.before)
_Step = Sequence[Any]


def _with_events(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Iterator[tuple[Case, list[_Step]]]:
    """Each of these cases with its events, newest first."""
    now = {row[0]: case_of(row) for row in map(tuple, connection.execute(sa.select(cases).where(which)))}
    query = sa.select(*_STEP).select_from(cases.join(events, cases.c.id == events.c.case_id)).where(which)
    rows = map(tuple, connection.execute(query.order_by(events.c.case_id, events.c.version.desc())))
    for number, happened in groupby(rows, lambda row: row[0]):
        yield now[number], list(happened)


def _as_it_was(case: Case, happened: Sequence[_Step], at: int) -> Case | None:
    """The case after the newest event that is not later than `at` (microseconds); None before its first."""
    back: dict[str, Any] = {}
    for _, version, event_at, action, changes, before in happened:
        if event_at <= at:
            known: dict[str, Any] = {
                name: revive(name, value) for name, value in back.items() if name not in ("version", "updated_at")
            }
            return replace(case, version=version, updated_at=instant(event_at), **known)
        if action == Action.REPORT:
            return None
        told = {} if before == "{}" else json.loads(before)
        if changes != "{}" and json.loads(changes).keys() - told.keys():
            raise TooLongAgo("那一时刻早于升级，当时的记录没有写下变动前的内容，无法回算")
        back |= told
    return None
