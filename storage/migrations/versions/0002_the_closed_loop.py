"""Sub-tasks, returns and mediations on cases; what events name and undo; whistles, links, mediations, hand-offs."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ASKED = "is_open standing due_at warn_at state exercise stage loop grids version updated_at parent"
_COUNTED = "reported_at exercise is_open severity lon lat stage state standing category parent"


def upgrade() -> None:
    """Widen two tables, make five."""
    op.drop_index("ix_cases_open", table_name="cases")
    op.drop_index("ix_cases_reported_at", table_name="cases")
    columns = (("parent", sa.Text()), ("falls_to", sa.Text()), ("failed_mediations", WHOLE), ("reopened", WHOLE))
    _widen("cases", [sa.Column(name, kind, nullable=True) for name, kind in columns])
    _widen("events", [sa.Column(name, sa.Text(), nullable=False, server_default="{}") for name in ("before", "about")])
    _index("ix_cases_open", "cases", _ASKED.split(), "is_open = 1")
    op.create_index("ix_cases_reported_at", "cases", _COUNTED.split(), unique=False)
    _index("ix_cases_parent", "cases", ["parent"], "parent IS NOT NULL")
    _index("ix_cases_first_contact", "cases", ["first_contact"], "first_contact IS NOT NULL")
    _whistles()
    _links()
    _mediations()
    _handoffs()
    _told()


def _widen(table: str, columns: Sequence[sa.Column[object]]) -> None:
    """Add columns at the end of a table; on SQLite by a new table, so that it reads as if made today."""
    if op.get_bind().dialect.name == "sqlite":
        _remake(table, columns)
        return
    for column in columns:
        op.add_column(table, column)
        if column.server_default is not None:
            op.alter_column(table, column.name, server_default=None)


def _remake(table: str, columns: Sequence[sa.Column[object]]) -> None:
    bind = op.get_bind()
    made = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL"
    text = bind.execute(sa.text(made), {"table": table, "type": "table"}).scalar_one()
    indices = bind.execute(sa.text(made), {"table": table, "type": "index"}).scalars().all()
    quote = bind.dialect.identifier_preparer.quote
    added = ", ".join(
        f"{quote(c.name)} {'TEXT' if isinstance(c.type, sa.Text) else 'INTEGER'}{_rest(c)}" for c in columns
    )
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(text.replace(f"CONSTRAINT pk_{table}", f"{added}, CONSTRAINT pk_{table}", 1))
    values = ", ".join("NULL" if c.nullable else "'{}'" for c in columns)
    op.execute(f"INSERT INTO {table} SELECT *, {values} FROM {table}_before")  # noqa: S608
    op.execute(f"DROP TABLE {table}_before")
    for index in indices:
        op.execute(index)


def _rest(column: sa.Column[object]) -> str:
    return "" if column.nullable else " NOT NULL"


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)


def _whistles() -> None:
    op.create_table(
        "whistles",
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("called_at", WHOLE, nullable=False),
        sa.Column("answer_by", WHOLE, nullable=False),
        sa.Column("arrive_by", WHOLE, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answered_at", WHOLE, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("arrived_at", WHOLE, nullable=True),
        sa.Column("arrived_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "version", "unit", name=op.f("pk_whistles")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index("ix_whistles_waiting", "whistles", ["answer_by"], "arrived_at IS NULL")


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("other_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "other_id", "kind", name=op.f("pk_links")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_links_other_id", "links", ["other_id"], unique=False)


def _mediations() -> None:
    op.create_table(
        "mediations",
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("mediator", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("pk_mediations")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mediations_at", "mediations", ["at"], unique=False)


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("out_at", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decide_by", WHOLE, nullable=True),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("extended", WHOLE, nullable=False),
        sa.Column("back_at", WHOLE, nullable=True),
        sa.Column("back_by", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "version", name=op.f("pk_handoffs")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index("ix_handoffs_out", "handoffs", ["due_at"], "back_at IS NULL")


def _told() -> None:
    op.create_table(
        "told",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_told")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
