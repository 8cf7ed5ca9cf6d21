"""Cases that wait to be indexed for the search; every case there is has been indexed with its own transaction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the empty tail."""
    op.create_table(
        "search_tail",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_search_tail")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
