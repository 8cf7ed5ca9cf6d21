"""Find the tasks of a case."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One index."""
    op.create_index("ix_tasks_case_no", "tasks", ["case_no"], unique=False)
