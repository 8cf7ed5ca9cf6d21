"""A secret for every case, those before this release included; and who was shown or printed what."""

from __future__ import annotations

import base64
import os

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 5_000


def upgrade() -> None:
    """Make two tables; give the cases there are their secrets."""
    codes = op.create_table(
        "codes",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_codes")),
        sa.UniqueConstraint("token", name=op.f("uq_codes_token")),
        sqlite_strict=True,
    )
    op.create_table(
        "disclosures",
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", "account", "what", "subject", name=op.f("pk_disclosures")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_disclosures_subject", "disclosures", ["subject", "at"], unique=False)
    ids = op.get_bind().execute(sa.text("SELECT id FROM cases ORDER BY id")).scalars().all()
    for start in range(0, len(ids), _AT_ONCE):
        rows = [{"case_id": number, "token": _token()} for number in ids[start : start + _AT_ONCE]]
        op.get_bind().execute(sa.insert(codes), rows)


def _token() -> str:
    return base64.b32encode(os.urandom(20)).decode().lower()
