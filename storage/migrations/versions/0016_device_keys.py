"""Devices are bound to an area, and say since when their key is good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two columns; devices that are there are bound to no area, and their keys' age is unknown."""
    op.add_column("devices", sa.Column("area", sa.Text(), nullable=False, server_default=""))
    op.add_column("devices", sa.Column("issued_at", WHOLE, nullable=True))
