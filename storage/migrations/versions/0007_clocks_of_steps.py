"""Clocks of single steps and of promises; what was promised, and how dangerous a matter is judged to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.widening import widen

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Widen the cases, make one table; open cases get their clocks when the room's clocks turn first."""
    widen("cases", [sa.Column("promised_at", WHOLE, nullable=True), sa.Column("risk", sa.Text(), nullable=True)])
    op.create_table(
        "clocks",
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("warn_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("ended_at", WHOLE, nullable=True),
        sa.Column("turns_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "step", "since", name=op.f("pk_clocks")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index("ix_clocks_turning", ["turns_at"], "turns_at IS NOT NULL")
    op.create_index("ix_clocks_since", "clocks", ["since"], unique=False)
    _index("ix_clocks_running", ["step", "due_at"], "ended_at IS NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "clocks", columns, unique=False, sqlite_where=only, postgresql_where=only)
