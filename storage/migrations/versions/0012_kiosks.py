"""Screens that nobody signs in at: opened once by a link, then known by their cookie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One empty table."""
    op.create_table(
        "kiosks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("visitor", WHOLE, nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("link_hash", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("link_until", WHOLE, nullable=True),
        sa.Column("opened_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kiosks")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kiosks_token_hash")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
