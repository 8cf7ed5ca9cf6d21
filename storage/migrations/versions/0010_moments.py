"""What each step of an alert changed, and where to find steps and lights by time: to see the room as it was."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.widening import widen

revision = "0010"
down_revision = "0009"

_MINUTES = re.compile(r"(\d+) 分钟：(.*)", re.DOTALL)
_CASE = re.compile(r"立为案件 (\S+)")


def upgrade() -> None:
    """Widen one table, make two indices, and write what the steps so far changed."""
    widen("alert_events", [sa.Column("changes", sa.Text(), nullable=True)])
    op.create_index("ix_alert_events_at", "alert_events", ["at"], unique=False)
    lights = sa.text("action = 'clock'")
    op.create_index("ix_events_clock", "events", ["at"], sqlite_where=lights, postgresql_where=lights, unique=False)
    _write_changes()


def _write_changes() -> None:
    bind = op.get_bind()
    steps = bind.execute(sa.text('SELECT alert, version, at, "by", action, why, level, told FROM alert_events')).all()
    put = sa.text("UPDATE alert_events SET changes = :changes WHERE alert = :alert AND version = :version")
    for step in steps:
        changes = json.dumps(_changes(step), ensure_ascii=False, separators=(",", ":"))
        bind.execute(put, {"changes": changes, "alert": step.alert, "version": step.version})


def _changes(step: Any) -> dict[str, object]:
    """What a step of the first release changed, by its action; the length of a shelving stands in its words."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=step.at)
    answered: dict[str, object] = {"by": step.by, "acted_at": at.isoformat()}
    if step.action == "acknowledge":
        return answered | {"state": "acknowledged", "shelved_until": None}
    if step.action == "shelve":
        minutes, why = _MINUTES.fullmatch(step.why).groups()  # type: ignore[union-attr]
        until = (at + timedelta(minutes=int(minutes))).isoformat()
        rests = {"state": "shelved", "shelved_until": until, "why": why}
        return answered | rests | {"risen": 0, "risen_at": None, "told": []}
    if step.action == "unshelve":
        return answered | {"state": "new", "shelved_until": at.isoformat(), "risen": 0}
    if step.action == "raise_case":
        found = _CASE.fullmatch(step.why)
        return answered | {"state": "raised", "shelved_until": None, "case": found[1] if found else None}
    if step.action == "escalate":
        return {"risen": step.level, "risen_at": at.isoformat(), "told": json.loads(step.told)}
    return {"state": "new", "risen": 0}  # its shelving ran out
