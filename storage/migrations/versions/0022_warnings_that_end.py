"""Warnings of other systems: until when they hold, and in whose place they came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.widening import widen

revision = "0022"
down_revision = "0021"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two columns more; alerts that are there hold until somebody answers, and replaced none."""
    widen("alerts", [sa.Column("expires_at", WHOLE, nullable=True), sa.Column("replaces", sa.Text(), nullable=True)])
    ends = sa.text("expires_at IS NOT NULL")
    op.create_index("ix_alerts_expires_at", "alerts", ["expires_at"], sqlite_where=ends, postgresql_where=ends)
