"""Since when a unit is there: a new one is not ranked in its first month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """One column more; of the units that are there nobody said since when."""
    op.add_column("units", sa.Column("founded", sa.Text(), nullable=True))
