"""Two secrets: a webhook's old one signs beside the new one for a while."""

from __future__ import annotations

import sqlalchemy as sa

from storage.migrations.widening import widen

revision = "0024"
down_revision = "0023"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """No subscription has an old secret yet."""
    widen("webhooks", [sa.Column("old_salt", sa.Text(), nullable=True), sa.Column("old_until", WHOLE, nullable=True)])
