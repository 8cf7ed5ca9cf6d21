"""Webhooks: who is told what happens, what could not be delivered, and the order in which alerts move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, WHOLE, nullable=nullable) for name in names]


def upgrade() -> None:
    """Three empty tables: who subscribes is told what happens from then on."""
    op.create_table(
        "alert_changes",
        sa.Column("seq", WHOLE, nullable=False, autoincrement=False),
        *_text("alert"),
        *_whole("version"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_changes")),
        sqlite_strict=True,
    )
    op.create_table(
        "webhooks",
        *_text("name", "url", "events", "area", "salt"),
        *_whole("made_at", "paused", "case_seq", "alert_seq", "tries"),
        *_whole("next_at", nullable=True),
        *_whole("delivered"),
        *_whole("last_at", nullable=True),
        *_text("last_error"),
        *_whole("edition"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhooks")),
        sqlite_strict=True,
    )
    op.create_table(
        "webhook_dead",
        *_text("name", "stream"),
        *_whole("seq", "tries"),
        *_text("why"),
        *_whole("at", "again"),
        sa.PrimaryKeyConstraint("name", "stream", "seq", name=op.f("pk_webhook_dead")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
