"""Named sets that speak of the moment of asking: how the open cases stand, and how old the registers' records are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from cases.model import Alert, AlertLevel, AlertState, Difficulty, Scope, Standing, State
from cases.registers import REGISTERS
from storage.instants import micros
from storage.rows import alert_of
from storage.scope import alert_in, case_in
from storage.tables import COUNTED, OPEN, UNPLACED, alerts, cases, links, register_grids, registers, whistles

_C = cases.c
_LINKED = sa.or_(links.c.case_id == _C.id, links.c.other_id == _C.id)
_LATE = _C.standing == Standing.OVERDUE
_WHICH: Mapping[str, sa.ColumnElement[bool]] = {
    "now_open": sa.true(),
    "now_overdue": _LATE,
    "now_late": sa.and_(_LATE, _C.state != State.SUSPENDED),
    "now_at_risk": _C.standing == Standing.AT_RISK,
    "now_unplaced": UNPLACED,
    "now_hard": _C.difficulty == Difficulty.HARD,
    "now_returned": _C.state == State.RETURNED,
    "now_repeat": sa.or_(
        _C.reopened > 0, sa.select(links.c.case_id).where(links.c.kind == "repeat", _LINKED).correlate(cases).exists()
    ),
}
SILENT = "now_silent"


def open_total(connection: sa.Connection, name: str, code: str, now: datetime) -> int:
    """How many cases of a grid ("" everywhere), or whistles for them, are in a set of this moment."""
    return int(connection.execute(_of(sa.func.count(), name, code, now)).scalar_one())


def open_ids(connection: sa.Connection, name: str, code: str, now: datetime) -> list[int]:
    """The cases of a set of this moment, each once."""
    return [int(id_) for id_ in connection.execute(_of(_C.id, name, code, now).distinct()).scalars()]


def is_of_now(name: str) -> bool:
    """Whether a set is one of open cases at this moment."""
    return name in _WHICH or name == SILENT


def _of(column: sa.ColumnElement[int], name: str, code: str, now: datetime) -> sa.Select[int]:
    query = sa.select(column).select_from(cases).where(OPEN, COUNTED, case_in(Scope(code)))
    if name != SILENT:
        return query.where(_WHICH[name])
    return query.join(whistles, whistles.c.case_id == _C.id).where(*_silent(now))


def _silent(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Whistles that nobody answered in time and nobody came to."""
    c = whistles.c
    return c.arrived_at.is_(None), c.answered_at.is_(None), c.answer_by < micros(now)


def red_alerts(connection: sa.Connection, code: str) -> list[Alert]:
    """The red alerts of a grid ("" everywhere) that nobody has acknowledged, oldest first; exercises left out."""
    c = alerts.c
    waiting = (c.state == AlertState.NEW, c.level == AlertLevel.RED, c.exercise == 0, alert_in(Scope(code)))
    return [alert_of(row) for row in connection.execute(sa.select(alerts).where(*waiting).order_by(c.received_at))]


def records_total(connection: sa.Connection, name: str, code: str, now: datetime) -> int:
    """How many records the registers of a grid hold, or how many of them are not older than their register allows."""
    c = registers.c
    wanted: list[sa.ColumnElement[bool]] = []
    if name == "register_fresh":
        since = {kind: micros(now - timedelta(days=each.stale_days)) for kind, each in REGISTERS.items()}
        wanted.append(c.as_of >= sa.case(since, value=c.kind))
    if code:
        inside = (register_grids.c.code == code, register_grids.c.kind == c.kind, register_grids.c.key == c.key)
        wanted.append(sa.exists().where(*inside))
    query = sa.select(sa.func.count()).select_from(registers).where(*wanted)
    return int(connection.execute(query).scalar_one())
