"""Keep receipts by id and then source: ids that begin with the time then lie side by side, whoever sent them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("source", "id", "fingerprint", "kind", "number", "grids", "flags")


def upgrade() -> None:
    """Another primary key: a constraint to PostgreSQL; to SQLite, whose rows lie in its order, another table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_receipts", "receipts", type_="primary")
        op.create_primary_key("pk_receipts", "receipts", ["id", "source"])
        return
    op.rename_table("receipts", "receipts_before")
    op.create_table(
        "receipts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", "source", name=op.f("pk_receipts")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    columns = ", ".join([*TEXTS, "at"])
    op.execute(f"INSERT INTO receipts ({columns}) SELECT {columns} FROM receipts_before ORDER BY id, source")  # noqa: S608
    op.drop_table("receipts_before")
