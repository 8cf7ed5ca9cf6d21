"""At which loops a unit answers: 职责清单 by category, area and loop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """One column more; the units that are there answer at each loop, as before."""
    op.add_column("units", sa.Column("loops", sa.Text(), nullable=False, server_default="[]"))
