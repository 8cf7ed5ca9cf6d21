"""How far alerts have risen and what happened to them; handovers of the watch; when a seat was last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.widening import widen

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Widen one table, make four."""
    widen(
        "alerts",
        [
            sa.Column("risen", WHOLE, nullable=True),
            sa.Column("risen_at", WHOLE, nullable=True),
            sa.Column("told", sa.Text(), nullable=True),
        ],
    )
    resting = sa.text("shelved_until IS NOT NULL")
    op.create_index(
        "ix_alerts_shelved", "alerts", ["shelved_until"], sqlite_where=resting, postgresql_where=resting, unique=False
    )
    _alert_events()
    _shifts()
    _seats()


def _alert_events() -> None:
    op.create_table(
        "alert_events",
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("level", WHOLE, nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "version", name=op.f("pk_alert_events")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("no", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("outgoing", sa.Text(), nullable=False),
        sa.Column("began_at", WHOLE, nullable=False),
        sa.Column("handed_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("incoming", sa.Text(), nullable=True),
        sa.Column("taken_at", WHOLE, nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("moved", WHOLE, nullable=True),
        sa.Column("withdrawn_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_shifts")),
        sqlite_strict=True,
    )
    op.create_index("ix_shifts_area", "shifts", ["area", "handed_at"], unique=False)


def _seats() -> None:
    op.create_table(
        "seats",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("active_at", WHOLE, nullable=True),
        sa.Column("known_since", WHOLE, nullable=False),
        sa.Column("watched_to", WHOLE, nullable=False),
        sa.Column("counted_to", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_seats")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seat_days",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("unmanned", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("area", "day", name=op.f("pk_seat_days")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
