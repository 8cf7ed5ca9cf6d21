"""Cases as they were at a past instant: the rows of today with what their events did since taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from cases.errors import TooLongAgo
from cases.model import Action, Case, Event, Scope
from storage.instants import micros
from storage.rows import case_of, event_of
from storage.scope import ACCOUNT_SOURCE
from storage.tables import cases, events

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
    ids = connection.execute(sa.select(cases.c.id).where(changed).limit(MOST + 1)).scalars().all()
    if not ids:
        return NOTHING
    if len(ids) > MOST:
        raise TooLongAgo(f"此后变动的案件超过 {MOST} 件，不再回算那一时刻的数字；请选近一些的时刻")
    were = (_as_it_was(case, later) for case, later in _with_events(connection, changed, at))
    touched = cases.c.id.in_(ids) if len(ids) <= _FEW else changed
    return Since(touched, [case for case in were if case is not None])


def lies_in(case: Case, scope: Scope) -> bool:
    """storage.scope.case_in for a case at hand."""
    if not scope.area or scope.area in case.grids:
        return True
    entered = scope.account and (case.source == ACCOUNT_SOURCE + scope.account or case.first_contact == scope.account)
    return bool(entered) and not case.grids


def _with_events(
    connection: sa.Connection, changed: sa.ColumnElement[bool], at: datetime
) -> Iterator[tuple[Case, list[Event]]]:
    """Each changed case with its events after the instant, newest first."""
    now = {case.no: case for case in map(case_of, connection.execute(sa.select(cases).where(changed)))}
    query = sa.select(events).join(cases, cases.c.id == events.c.case_id)
    later = query.where(changed, events.c.at > micros(at)).order_by(events.c.case_id, events.c.version.desc())
    for no, happened in groupby(map(event_of, connection.execute(later)), lambda event: event.case):
        yield now[no], list(happened)


def _as_it_was(case: Case, later: Sequence[Event]) -> Case | None:
    """The case before these events, which come newest first; None before its first."""
    back: dict[str, Any] = {}
    for event in later:
        if event.action is Action.REPORT:
            return None
        if event.changes.keys() - event.before.keys():
            raise TooLongAgo("那一时刻早于升级，当时的记录没有写下变动前的内容，无法回算")
        back |= _known(event.before)
    return replace(case, version=later[-1].version - 1, **back)


def _known(before: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in before.items() if name not in ("version", "updated_at")}
