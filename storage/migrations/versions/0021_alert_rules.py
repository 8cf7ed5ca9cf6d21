"""Alerts that our own rules raise and that clear by themselves; a worker's call for help; what a rule rings for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.widening import widen

revision = "0021"
down_revision = "0020"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Widen two tables, make one; alerts that are there came from outside and have not cleared."""
    widen("alerts", [sa.Column("rule", sa.Text(), nullable=True), sa.Column("cleared_at", WHOLE, nullable=True)])
    widen("statuses", [sa.Column("sos", WHOLE, nullable=True)])
    said = sa.text("sos IS NOT NULL")
    op.create_index("ix_statuses_sos", "statuses", ["at"], sqlite_where=said, postgresql_where=said, unique=False)
    op.create_table(
        "watches",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("raised_at", WHOLE, nullable=False),
        sa.Column("cleared_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("rule", "subject", name=op.f("pk_watches")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
