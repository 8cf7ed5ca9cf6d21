"""A whistle that becomes late is told once: how far its lateness was told stands in its row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One column more; what was late before is told once."""
    op.add_column("whistles", sa.Column("told_late", WHOLE, nullable=True))
