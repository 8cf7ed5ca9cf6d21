"""Figures kept from events: how much of each set a day and grid has, its waiting times, and what each case adds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Three empty tables: intake's leader fills them, oldest case first, as soon as it runs."""
    key = (_text("code"), _text("name"), sa.Column("day", WHOLE, nullable=False))
    _table("tallies", *key, sa.Column("amount", WHOLE, nullable=False), keys=("code", "name", "day"))
    key = (_text("code"), _text("name"), sa.Column("day", WHOLE, nullable=False))
    _table("waits", *key, _text("minutes"), keys=("code", "name", "day"))
    days = (sa.Column(name, WHOLE, nullable=False) for name in ("first_day", "last_day"))
    _table(
        "case_facts",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        _text("grids"),
        *days,
        _text("facts"),
        keys=("case_id",),
        rowid=True,
    )
    op.create_index("ix_case_facts_first_day", "case_facts", ["first_day", "last_day"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _table(name: str, *columns: sa.Column[Any], keys: tuple[str, ...], rowid: bool = False) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}"))
    op.create_table(name, *columns, primary, sqlite_strict=True, sqlite_with_rowid=rowid)
