"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REALS: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Make every table and index of the first release."""
    _accounts()
    _alert_grids()
    _alerts()
    _case_grids()
    _cases()
    _counters()
    _devices()
    _events()
    _first_links()
    _last_fixes()
    _leases()
    _receipts()
    _sign_in_tries()
    _statuses()
    _tasks()
    _tracks()
    _units()
    _worker_grids()
    _workers()
    _sessions()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("permission_version", WHOLE, nullable=False),
        sa.Column("disabled", WHOLE, nullable=False),
        sa.Column("demo", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _alert_grids() -> None:
    op.create_table(
        "alert_grids",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "alert", name=op.f("pk_alert_grids")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("no", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lon", REALS, nullable=True),
        sa.Column("lat", REALS, nullable=True),
        sa.Column("grids", sa.Text(), nullable=False),
        sa.Column("raw_lon", REALS, nullable=True),
        sa.Column("raw_lat", REALS, nullable=True),
        sa.Column("raw_crs", sa.Text(), nullable=True),
        sa.Column("accuracy_m", REALS, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("acted_at", WHOLE, nullable=True),
        sa.Column("shelved_until", WHOLE, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=True),
        sa.Column("exercise", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_alerts")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_alerts_state", "alerts", ["state", "received_at"], unique=False)


def _case_grids() -> None:
    op.create_table(
        "case_grids",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("case_id", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("code", "case_id", name=op.f("pk_case_grids")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("no", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("is_open", WHOLE, nullable=False),
        sa.Column("severity", WHOLE, nullable=False),
        sa.Column("difficulty", sa.Text(), nullable=False),
        sa.Column("loop", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lon", REALS, nullable=True),
        sa.Column("lat", REALS, nullable=True),
        sa.Column("grids", sa.Text(), nullable=False),
        sa.Column("raw_lon", REALS, nullable=True),
        sa.Column("raw_lat", REALS, nullable=True),
        sa.Column("raw_crs", sa.Text(), nullable=True),
        sa.Column("accuracy_m", REALS, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reported_at", WHOLE, nullable=False),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.Column("updated_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("warn_at", WHOLE, nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("first_contact", sa.Text(), nullable=True),
        sa.Column("reporter_name", sa.Text(), nullable=True),
        sa.Column("reporter_phone", sa.Text(), nullable=True),
        sa.Column("reporter_anonymous", WHOLE, nullable=True),
        sa.Column("people", WHOLE, nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("original_category", sa.Text(), nullable=True),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("exercise", WHOLE, nullable=False),
        sa.Column("demo", WHOLE, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("accepted_at", WHOLE, nullable=True),
        sa.Column("dispatched_at", WHOLE, nullable=True),
        sa.Column("signed_at", WHOLE, nullable=True),
        sa.Column("arrived_at", WHOLE, nullable=True),
        sa.Column("handled_at", WHOLE, nullable=True),
        sa.Column("verified_at", WHOLE, nullable=True),
        sa.Column("closed_at", WHOLE, nullable=True),
        sa.Column("evaluated_at", WHOLE, nullable=True),
        sa.Column("archived_at", WHOLE, nullable=True),
        sa.Column("suspended_at", WHOLE, nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("score", WHOLE, nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("no", name=op.f("uq_cases_no")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index(
        "ix_cases_closed_at",
        "cases",
        ["closed_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_open",
        "cases",
        [
            "is_open",
            "standing",
            "due_at",
            "warn_at",
            "state",
            "exercise",
            "stage",
            "loop",
            "grids",
            "version",
            "updated_at",
        ],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_index(
        "ix_cases_reported_at",
        "cases",
        ["reported_at", "exercise", "is_open", "severity", "lon", "lat", "stage", "state", "standing", "category"],
        unique=False,
    )
    op.create_index(
        "ix_cases_unplaced",
        "cases",
        ["grids", "source", "first_contact"],
        unique=False,
        sqlite_where=sa.text("grids = '[]'"),
        postgresql_where=sa.text("grids = '[]'"),
    )
    op.create_index("ix_cases_updated_at", "cases", ["updated_at"], unique=False)


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("demo", WHOLE, nullable=False),
        sa.Column("disabled", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_events_case_id", "events", ["case_id", "seq"], unique=False)


def _first_links() -> None:
    op.create_table(
        "first_links",
        sa.Column("link_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("link_hash", name=op.f("pk_first_links")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _last_fixes() -> None:
    op.create_table(
        "last_fixes",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("lon", REALS, nullable=False),
        sa.Column("lat", REALS, nullable=False),
        sa.Column("accuracy_m", REALS, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("suspect", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_last_fixes")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("grids", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_receipts")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _sign_in_tries() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("name_hash", sa.Text(), nullable=False),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_tries")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _statuses() -> None:
    op.create_table(
        "statuses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.Column("case_no", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_statuses")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_statuses_worker", "statuses", ["worker", "at"], unique=False)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lon", REALS, nullable=True),
        sa.Column("lat", REALS, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("acked_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index(
        "ix_tasks_worker",
        "tasks",
        ["worker"],
        unique=False,
        sqlite_where=sa.text("acked_at IS NULL"),
        postgresql_where=sa.text("acked_at IS NULL"),
    )


def _tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("lon", REALS, nullable=False),
        sa.Column("lat", REALS, nullable=False),
        sa.Column("accuracy_m", REALS, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("suspect", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("worker", "at", name=op.f("pk_tracks")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tracks_at", "tracks", ["at"], unique=False)


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _worker_grids() -> None:
    op.create_table(
        "worker_grids",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "worker", name=op.f("pk_worker_grids")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("seen_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name=op.f("fk_sessions_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sessions_account"), "sessions", ["account"], unique=False)
