"""Meetings and their decisions, supervision, the ledger of rectification, and what was ruled on assessments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables only; nothing that is there is touched."""
    _table(
        "meetings",
        ["no"],
        "no version# kind area chair opened_at# agenda called shown roll closed_at#?",
    )
    op.create_index("ix_meetings_area", "meetings", ["area", "opened_at"], unique=False)
    _table(
        "decisions",
        ["no"],
        "no version# meeting area grid case_no? unit? who_grid who text by made_at# warn_at# due_at# done_at#? "
        "done_by? result verified_at#? verified_by? sent_back#",
    )
    op.create_index("ix_decisions_meeting", "decisions", ["meeting"], unique=False)
    op.create_index("ix_decisions_grid", "decisions", ["grid", "made_at"], unique=False)
    waiting = sa.text("verified_at IS NULL")
    op.create_index(
        "ix_decisions_waiting", "decisions", ["due_at"], unique=False, sqlite_where=waiting, postgresql_where=waiting
    )
    target = "no version# area grid name unit? case_no?"
    _table(
        "supervisions",
        ["no"],
        f"{target} reason rung text opened_at# due_at# steps answered_at#? closed_at#?",
    )
    _table("rectifications", ["no"], f"{target} problem measure stage opened_at# due_at# steps relapses#")
    _table("look_backs", ["no"], "no area seed# drawn_from drawn by at#")
    _table("rulings", ["area", "key"], "area key is_signed# by at# why", rowid=False)
    _table(
        "objections",
        ["area", "month", "unit", "case_no"],
        "area month unit case_no why by at# upheld#? ruled_by? ruled_at#? ruled_why",
        rowid=False,
    )


def _table(name: str, key: list[str], columns: str, rowid: bool = True) -> None:
    """A table from words: `#` a whole number, else text; `?` may be null."""
    made: list[Any] = [
        sa.Column(word.rstrip("#?"), WHOLE if "#" in word else sa.Text(), nullable="?" in word)
        for word in columns.split()
    ]
    key_of = sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}"))
    options: dict[str, Any] = {"sqlite_strict": True} | ({} if rowid else {"sqlite_with_rowid": False})
    op.create_table(name, *made, key_of, **options)
