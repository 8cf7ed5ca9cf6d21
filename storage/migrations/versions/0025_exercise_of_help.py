"""A worker's call for help may be an exercise."""

from __future__ import annotations

import sqlalchemy as sa

from storage.migrations.widening import widen

revision = "0025"
down_revision = "0024"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What was said so far was meant."""
    widen("statuses", [sa.Column("exercise", WHOLE, nullable=True)])
