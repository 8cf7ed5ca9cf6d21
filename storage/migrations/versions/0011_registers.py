"""The registers of 人地物事组织: their records, where each lies, what was imported, and how files are understood."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REALS: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Four empty tables."""
    place = [sa.Column(name, REALS, nullable=True) for name in ("lon", "lat")]
    kept = (_text("source"), _whole("as_of"), _whole("loaded_at"))
    named = (_text("kind"), _text("key"), _text("name"), _text("grids"))
    _table("registers", *named, *place, _text("fields"), _whole("filled"), *kept, keys=("kind", "key"))
    _table("register_grids", _text("code"), _text("kind"), _text("key"), keys=("code", "kind", "key"))
    op.create_index("ix_register_grids_kind", "register_grids", ["kind", "key"], unique=False)
    told = (_text("file"), _text("source"), _whole("as_of"), _text("by"), _whole("rows"), _whole("refused"))
    at = sa.Column("at", WHOLE, autoincrement=False, nullable=False)
    _table("register_loads", at, _text("kind"), *told, keys=("at", "kind"))
    _table("register_maps", _text("kind"), _text("titles"), _text("mapping"), keys=("kind", "titles"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, nullable=False)


def _table(name: str, *columns: sa.Column[Any], keys: tuple[str, ...]) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}"))
    op.create_table(name, *columns, primary, sqlite_strict=True, sqlite_with_rowid=False)
