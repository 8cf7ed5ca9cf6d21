"""问卷: rounds of asking residents; and the kept figures are built anew, for two sets are counted that were not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One empty table; what is kept of figures goes, and intake's leader builds it again from the cases."""
    op.create_table(
        "surveys",
        sa.Column("no", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("grids", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("yes", WHOLE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_surveys")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_surveys_question", "surveys", ["question", "day"])
    for clear in ("DELETE FROM tallies", "DELETE FROM waits", "DELETE FROM case_facts"):
        op.execute(clear)
    op.execute("DELETE FROM counters WHERE name IN ('figures', 'figures.built')")
