"""A warning's area as it was told, to be drawn on the map."""

from __future__ import annotations

import sqlalchemy as sa

from storage.migrations.widening import widen

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Of alerts that are there only the grids are known."""
    widen("alerts", [sa.Column("outline", sa.Text(), nullable=True)])
