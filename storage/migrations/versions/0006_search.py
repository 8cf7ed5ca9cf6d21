"""The words of cases, the ones there included, in an index of their own (storage.search, which says what is in it)."""

from __future__ import annotations

from alembic import op

from storage import search

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the index and fill it; a large record takes some seconds per ten thousand cases, and says how far it is."""
    search.make(op.get_bind())
    search.rebuild(op.get_bind())
