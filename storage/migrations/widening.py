"""Adding columns at the end of a table so that, also on SQLite, it reads as if it had been made with them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def widen(table: str, columns: Sequence[sa.Column[object]]) -> None:
    """Add nullable columns behind the others; the rows and the indices of the table stay."""
    if op.get_bind().dialect.name == "sqlite":
        _remake(table, columns)
        return
    for column in columns:
        op.add_column(table, column)


def _remake(table: str, columns: Sequence[sa.Column[object]]) -> None:
    """SQLite writes an added column behind the constraints of its text; a table made anew has it among the others."""
    bind = op.get_bind()
    made = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL"
    text = bind.execute(sa.text(made), {"table": table, "type": "table"}).scalar_one()
    indices = bind.execute(sa.text(made), {"table": table, "type": "index"}).scalars().all()
    quote = bind.dialect.identifier_preparer.quote
    kinds = [f"{quote(c.name)} {'TEXT' if isinstance(c.type, sa.Text) else 'INTEGER'}" for c in columns]
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(text.replace(f"CONSTRAINT pk_{table}", f"{', '.join(kinds)}, CONSTRAINT pk_{table}", 1))
    nothing = ", ".join("NULL" for _ in columns)
    op.execute(f"INSERT INTO {table} SELECT *, {nothing} FROM {table}_before")  # noqa: S608
    op.execute(f"DROP TABLE {table}_before")
    for index in indices:
        op.execute(index)
