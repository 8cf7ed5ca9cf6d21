"""Reads whole histories of many cases at once: what their facts are made of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cases.indicators import MARKED, Earlier, History, Mark
from cases.model import Action
from storage.instants import instant
from storage.rows import case_of, clock_of, handoff_of, mediation_of, whistle_of
from storage.tables import cases, clocks, events, handoffs, links, mediations, whistles

Which = Callable[[sa.ColumnElement[int]], sa.ColumnElement[bool]]  # a condition on a column of case ids
_ACTIONS = tuple(action.value for action in MARKED)
_BY_VALUE = {action.value: action for action in Action}


def these(ids: Sequence[int]) -> Which:
    """The cases with these ids."""
    return lambda column: column.in_(ids)


def between(first: int, last: int) -> Which:
    """The cases from one id to another, both included."""
    return lambda column: column.between(first, last)


def histories(connection: sa.Connection, which: Which) -> Iterator[tuple[int, History]]:
    """The id and history of each such case, by id."""
    marks, linked = _marks(connection, which), _linked(connection, which)
    whistled = _by_case(connection, whistles, which, whistle_of)
    mediated = _by_case(connection, mediations, which, mediation_of)
    handed = _by_case(connection, handoffs, which, handoff_of)
    clocked = _by_case(connection, clocks, which, clock_of)
    for row in connection.execute(sa.select(cases).where(which(cases.c.id)).order_by(cases.c.id)):
        no = row[0]
        rest = (whistled[no], mediated[no], handed[no], clocked[no], linked[no])
        yield no, History(case_of(row), marks[no], *rest)


def _by_case(
    connection: sa.Connection, table: sa.Table, which: Which, read: Callable[[Any], Any]
) -> Mapping[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(table).where(which(table.c.case_id))):
        found[row[0]].append(read(row))
    return found


def _marks(connection: sa.Connection, which: Which) -> Mapping[int, list[Mark]]:
    c = events.c
    query = sa.select(c.case_id, c.version, c.action, c.about).where(which(c.case_id), c.action.in_(_ACTIONS))
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    for no, version, action, about in connection.execute(query.order_by(c.case_id, c.seq)):
        reason = "" if about == "{}" else _reason(about)
        found[no].append(Mark(version, _BY_VALUE[action], reason))
    return found


def _reason(about: str) -> str:
    """The code of the reason that an event was given, of its JSON."""
    said = json.loads(about).get("reason", "")
    return said if isinstance(said, str) else ""


def _linked(connection: sa.Connection, which: Which) -> Mapping[int, list[Earlier]]:
    """The other ends of links, whichever end a case is."""
    found: defaultdict[int, list[Earlier]] = defaultdict(list)
    for mine, other in ((links.c.case_id, links.c.other_id), (links.c.other_id, links.c.case_id)):
        columns = (mine, links.c.kind, cases.c.category, cases.c.received_at)
        query = sa.select(*columns).join(cases, cases.c.id == other).where(which(mine))
        for no, kind, category, received_at in connection.execute(query):
            found[no].append(Earlier(kind, category, instant(received_at)))
    return found


def grouped(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    """Numbers in groups of a size, the last one shorter."""
    group: list[int] = []
    for number in numbers:
        group.append(number)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
