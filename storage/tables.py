"""The schema, once for both engines: plain types, instants as microseconds (storage.instants), lists as JSON text.

A case's id is its number as an integer (20261121-000123 → 20261121000000123), so ids sort as cases came in.
Every change here comes with a migration; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    literal_column,
    text,
)
from sqlalchemy.types import REAL, TypeEngine

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
REALS: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
FLAG = WHOLE  # 0 or 1: the drivers bind a plain integer fastest

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _table(name: str, *columns: Any, rowid: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=rowid)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _maybe_text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _whole(name: str, **options: Any) -> Column[int]:
    return Column(name, WHOLE, nullable=False, **options)


def _maybe_whole(*names: str) -> list[Column[int]]:
    return [Column(name, WHOLE) for name in names]


def _real(*names: str) -> list[Column[float]]:
    return [Column(name, REALS) for name in names]


def _flag(name: str) -> Column[int]:
    return Column(name, FLAG, nullable=False)


def _key(*names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*names)


def _place() -> list[Column[Any]]:
    """Where: WGS-84 degrees, codes outermost first, and what was sent with its own coordinate system."""
    return [
        *_real("lon", "lat"),
        _text("grids"),
        *_real("raw_lon", "raw_lat"),
        *_maybe_text("raw_crs"),
        *_real("accuracy_m"),
        _text("address"),
    ]


cases = _table(
    "cases",
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    _text("no", unique=True),
    _whole("version"),
    _text("stage"),
    _text("state"),
    _text("standing"),
    _flag("is_open"),
    _whole("severity"),
    _text("difficulty"),
    _text("loop"),
    _text("title"),
    _text("text"),
    _text("category"),
    _text("channel"),
    *_place(),
    _text("source"),
    _whole("reported_at"),
    _whole("received_at"),
    _whole("updated_at"),
    *_maybe_whole("due_at", "warn_at"),
    *_maybe_text("unit", "worker", "handler", "first_contact", "reporter_name", "reporter_phone"),
    Column("reporter_anonymous", FLAG),
    *_maybe_whole("people"),
    _text("attachments"),
    *_maybe_text("original_category"),
    _text("flags"),
    _flag("exercise"),
    _flag("demo"),
    _text("scheme"),
    *_maybe_whole("accepted_at", "dispatched_at", "signed_at", "arrived_at", "handled_at", "verified_at"),
    *_maybe_whole("closed_at", "evaluated_at", "archived_at", "suspended_at"),
    *_maybe_text("pending", "outcome"),
    *_maybe_whole("score"),
    *_maybe_text("merged_into", "parent", "falls_to"),
    *_maybe_whole("failed_mediations", "reopened"),  # NULL is 0: what is rare costs the intake nothing
    *_maybe_whole("promised_at"),
    *_maybe_text("risk"),
)

# Each partial index leads with the column it is about: SQLite then searches it without needing statistics. That of the
# open cases holds all that clocks, figures and the board's order ask of them, so none of these touches the wide rows.
_OPEN = text("is_open = 1")
_ASKED = "is_open standing due_at warn_at state exercise stage loop grids version updated_at parent"
Index("ix_cases_open", *(cases.c[name] for name in _ASKED.split()), sqlite_where=_OPEN, postgresql_where=_OPEN)
OPEN: ColumnElement[bool] = cases.c.is_open == literal_column("1")  # worded as the index is
# Exercises are shown, never counted; a sub-task is counted by its parent.
COUNTED: ColumnElement[bool] = and_(cases.c.exercise == literal_column("0"), cases.c.parent.is_(None))
# Another answers every count, curve and heat picture without touching the wide rows.
_COUNTED = "reported_at exercise is_open severity lon lat stage state standing category parent"
Index("ix_cases_reported_at", *(cases.c[name] for name in _COUNTED.split()))
Index("ix_cases_updated_at", cases.c.updated_at)
_CLOSED = text("closed_at IS NOT NULL")
# What finds a matter that came back stands in the index: a month's cases are looked through without their wide rows.
_BACK = (cases.c[name] for name in ("closed_at", "lon", "lat", "address", "reporter_phone"))
Index("ix_cases_closed_at", *_BACK, sqlite_where=_CLOSED, postgresql_where=_CLOSED)
_UNPLACED = text("grids = '[]'")
UNPLACED: ColumnElement[bool] = cases.c.grids == literal_column("'[]'")
_ENTERED = (cases.c.grids, cases.c.source, cases.c.first_contact)
Index("ix_cases_unplaced", *_ENTERED, sqlite_where=_UNPLACED, postgresql_where=_UNPLACED)

_PARTED = text("parent IS NOT NULL")
Index("ix_cases_parent", cases.c.parent, sqlite_where=_PARTED, postgresql_where=_PARTED)
_TRACKED = text("first_contact IS NOT NULL")
Index("ix_cases_first_contact", cases.c.first_contact, sqlite_where=_TRACKED, postgresql_where=_TRACKED)

# One row a level: what an area sees and counts. No foreign key: rows are written with their case, by the thousand.
case_grids = _table("case_grids", _text("code", primary_key=True), _whole("case_id", primary_key=True), rowid=False)

# 一案一码: the secret of a case's page for the citizen. Apart from `cases`, so that no list ever carries it.
codes = _table("codes", Column("case_id", WHOLE, primary_key=True, autoincrement=False), _text("token", unique=True))

# Cases whose words the search index does not have yet (storage.search_tail), and their version when they were written.
search_tail = _table("search_tail", Column("case_id", WHOLE, primary_key=True, autoincrement=False), _whole("version"))

events = _table(
    "events",
    Column("seq", WHOLE, primary_key=True, autoincrement=False),
    _whole("case_id"),
    _whole("version"),
    _whole("at"),
    _text("by"),
    _text("role"),
    _text("action"),
    _text("why"),
    _text("origin"),
    _text("changes"),
    _text("before"),
    _text("about"),
)
Index("ix_events_case_id", events.c.case_id, events.c.seq)
_CLOCK = text("action = 'clock'")
Index("ix_events_clock", events.c.at, sqlite_where=_CLOCK, postgresql_where=_CLOCK)

whistles = _table(
    "whistles",
    _whole("case_id", primary_key=True),
    _whole("version", primary_key=True),
    _text("unit", primary_key=True),
    _text("by"),
    _whole("called_at"),
    _whole("answer_by"),
    _whole("arrive_by"),
    _text("why"),
    *_maybe_whole("answered_at"),
    *_maybe_text("answered_by"),
    _text("answer"),
    *_maybe_whole("arrived_at"),
    *_maybe_text("arrived_by"),
    *_maybe_whole("told_late"),  # NULL is 0
    rowid=False,
)
_NOT_THERE = text("arrived_at IS NULL")
Index("ix_whistles_waiting", whistles.c.answer_by, sqlite_where=_NOT_THERE, postgresql_where=_NOT_THERE)

links = _table(
    "links",
    _whole("case_id", primary_key=True),
    _whole("other_id", primary_key=True),
    _text("kind", primary_key=True),
    _whole("at"),
    _text("by"),
    rowid=False,
)
Index("ix_links_other_id", links.c.other_id)

mediations = _table(
    "mediations",
    _whole("case_id", primary_key=True),
    _whole("version", primary_key=True),
    _whole("at"),
    _text("by"),
    _text("kind"),
    _text("result"),
    _text("mediator"),
    _text("text"),
    rowid=False,
)
Index("ix_mediations_at", mediations.c.at)

handoffs = _table(
    "handoffs",
    _whole("case_id", primary_key=True),
    _whole("version", primary_key=True),
    _text("kind"),
    _whole("out_at"),
    _text("by"),
    _text("why"),
    *_maybe_whole("decide_by", "due_at"),
    _flag("extended"),
    *_maybe_whole("back_at"),
    *_maybe_text("back_by"),
    _text("result"),
    rowid=False,
)
_OUT = text("back_at IS NULL")
Index("ix_handoffs_out", handoffs.c.due_at, sqlite_where=_OUT, postgresql_where=_OUT)

# The limits of single steps and of promises; turns_at is when a running one shows its next light.
clocks = _table(
    "clocks",
    _whole("case_id", primary_key=True),
    _text("step", primary_key=True),
    _whole("since", primary_key=True),
    _whole("warn_at"),
    _whole("due_at"),
    _text("standing"),
    *_maybe_whole("ended_at", "turns_at"),
    rowid=False,
)
_TURNING = text("turns_at IS NOT NULL")
Index("ix_clocks_turning", clocks.c.turns_at, sqlite_where=_TURNING, postgresql_where=_TURNING)
Index("ix_clocks_since", clocks.c.since)
_RUNNING = text("ended_at IS NULL")
Index("ix_clocks_running", clocks.c.step, clocks.c.due_at, sqlite_where=_RUNNING, postgresql_where=_RUNNING)

# How far the tracker of cases (首问负责人) has read what happened to them.
told = _table("told", _text("account", primary_key=True), _whole("seq"), rowid=False)

# By id first: ids mostly begin with the time (protocol.md's do), so what fifty devices sent at once lies on a page or
# two and not on fifty, each of which the commit would have to write.
receipts = _table(
    "receipts",
    *(_text(name) for name in ("source", "id", "fingerprint", "kind", "number", "grids", "flags")),
    _whole("at"),
    PrimaryKeyConstraint("id", "source"),
    rowid=False,
)

alerts = _table(
    "alerts",
    _text("no", primary_key=True),
    _whole("version"),
    _text("level"),
    _text("state"),
    _text("origin"),
    _text("kind"),
    _text("text"),
    *_place(),
    _whole("at"),
    _whole("received_at"),
    _text("source"),
    *_maybe_text("by"),
    *_maybe_whole("acted_at", "shelved_until"),
    _text("why"),
    *_maybe_text("case_no"),
    _flag("exercise"),
    *_maybe_whole("risen", "risen_at"),
    *_maybe_text("told", "rule"),
    *_maybe_whole("cleared_at", "expires_at"),
    *_maybe_text("replaces", "outline"),
)
Index("ix_alerts_state", alerts.c.state, alerts.c.received_at)
_RESTING = text("shelved_until IS NOT NULL")
Index("ix_alerts_shelved", alerts.c.shelved_until, sqlite_where=_RESTING, postgresql_where=_RESTING)
_ENDING = text("expires_at IS NOT NULL")
Index("ix_alerts_expires_at", alerts.c.expires_at, sqlite_where=_ENDING, postgresql_where=_ENDING)
alert_grids = _table("alert_grids", _text("code", primary_key=True), _text("alert", primary_key=True), rowid=False)

alert_events = _table(
    "alert_events",
    _text("alert", primary_key=True),
    _whole("version", primary_key=True),
    _whole("at"),
    _text("by"),
    _text("role"),
    _text("action"),
    _text("why"),
    _whole("level"),
    _text("told"),
    *_maybe_text("changes"),
    rowid=False,
)
Index("ix_alert_events_at", alert_events.c.at)

# The order in which alerts came and moved, for those who follow them (storage.webhooks): an alert's version, no more.
alert_changes = _table(
    "alert_changes", Column("seq", WHOLE, primary_key=True, autoincrement=False), _text("alert"), _whole("version")
)

# Other systems that are told what happens; a secret is made from `salt` and the room's own key, and stands nowhere.
webhooks = _table(
    "webhooks",
    _text("name", primary_key=True),
    *map(_text, ("url", "events", "area", "salt")),
    _whole("made_at"),
    _flag("paused"),
    *map(_whole, ("case_seq", "alert_seq", "tries")),
    *_maybe_whole("next_at"),
    _whole("delivered"),
    *_maybe_whole("last_at"),
    _text("last_error"),
    _whole("edition"),
    *_maybe_text("old_salt"),  # of the secret that signs as well until then
    *_maybe_whole("old_until"),
)
webhook_dead = _table(
    "webhook_dead",
    _text("name", primary_key=True),
    _text("stream", primary_key=True),
    _whole("seq", primary_key=True),
    _whole("tries"),
    _text("why"),
    _whole("at"),
    _flag("again"),
    rowid=False,
)

# 交接班: one watch at the duty seat of an area, handed over by one officer and taken over by another.
shifts = _table(
    "shifts",
    _text("no", primary_key=True),
    _text("area"),
    _text("outgoing"),
    _whole("began_at"),
    _whole("handed_at"),
    _whole("due_at"),
    _text("notes"),
    _text("digest"),
    *_maybe_text("incoming"),
    *_maybe_whole("taken_at"),
    *_maybe_text("how"),
    *_maybe_whole("moved", "withdrawn_at"),
)
Index("ix_shifts_area", shifts.c.area, shifts.c.handed_at)

# The seat of an area, never a person: when somebody last did something there, and how long nobody sat each day.
seats = _table(
    "seats",
    _text("area", primary_key=True),
    *_maybe_whole("active_at"),
    _whole("known_since"),
    _whole("watched_to"),
    _whole("counted_to"),
    rowid=False,
)
seat_days = _table(
    "seat_days", _text("area", primary_key=True), _text("day", primary_key=True), _whole("unmanned"), rowid=False
)

# What an alert rule is ringing for now, or rang for lately (cases.rule_watch); what does not ring has no row.
watches = _table(
    "watches",
    _text("rule", primary_key=True),
    _text("subject", primary_key=True),
    _text("alert"),
    _whole("raised_at"),
    *_maybe_whole("cleared_at"),
    rowid=False,
)

counters = _table("counters", _text("name", primary_key=True), _whole("value"), rowid=False)

statuses = _table(
    "statuses",
    _text("source", primary_key=True),
    _text("id", primary_key=True),
    _text("worker"),
    _text("status"),
    _whole("at"),
    _whole("received_at"),
    *_maybe_text("case_no"),
    *_maybe_whole("sos"),  # NULL says nothing of it
    *_maybe_whole("exercise"),  # 1 or NULL
    rowid=False,
)
Index("ix_statuses_worker", statuses.c.worker, statuses.c.at)
_SOS = text("sos IS NOT NULL")
Index("ix_statuses_sos", statuses.c.at, sqlite_where=_SOS, postgresql_where=_SOS)

tasks = _table(
    "tasks",
    _text("id", primary_key=True),
    _text("case_no"),
    _whole("version"),
    _text("worker"),
    _text("title"),
    _text("text"),
    *_real("lon", "lat"),
    _text("by"),
    _whole("at"),
    *_maybe_whole("acked_at"),
)
_WAITING = text("acked_at IS NULL")
Index("ix_tasks_case_no", tasks.c.case_no)
Index("ix_tasks_worker", tasks.c.worker, sqlite_where=_WAITING, postgresql_where=_WAITING)

workers = _table(
    "workers",
    _text("id", primary_key=True),
    _text("name"),
    _text("grid"),
    _text("phone"),
    _text("skills"),
    _text("role"),
)
worker_grids = _table("worker_grids", _text("code", primary_key=True), _text("worker", primary_key=True), rowid=False)

units = _table(
    "units",
    _text("id", primary_key=True),
    _text("name"),
    _text("kind"),
    _text("area"),
    _text("categories"),
    Column("loops", Text, nullable=False, server_default="[]"),
    Column("founded", Text),  # the day as YYYY-MM-DD
)

devices = _table(
    "devices",
    _text("id", primary_key=True),
    _text("source"),
    _text("worker"),
    _text("key_hash"),
    _flag("demo"),
    _flag("disabled"),
    Column("area", Text, nullable=False, server_default=""),
    *_maybe_whole("issued_at"),
)

accounts = _table(
    "accounts",
    _text("name", primary_key=True),
    _text("role"),
    _text("area"),
    _text("display"),
    *_maybe_text("unit", "password_hash"),
    _whole("permission_version"),
    _flag("disabled"),
    _flag("demo"),
)

# Tries are counted by the hash of whatever name was typed, so that a name which exists looks like one that does not.
sign_in_tries = _table(
    "sign_in_tries", _text("name_hash", primary_key=True), _whole("tries"), _whole("until"), rowid=False
)

sessions = _table(
    "sessions",
    _text("token_hash", primary_key=True),
    Column("account", Text, ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True),
    _whole("created_at"),
    _whole("seen_at"),
    rowid=False,
)

first_links = _table("first_links", _text("link_hash", primary_key=True), _whole("expires_at"), rowid=False)

last_fixes = _table(
    "last_fixes",
    _text("worker", primary_key=True),
    _whole("at"),
    *[Column(name, REALS, nullable=False) for name in ("lon", "lat")],
    *_real("accuracy_m"),
    _text("status"),
    _flag("suspect"),
    rowid=False,
)

tracks = _table(
    "tracks",
    _text("worker", primary_key=True),
    _whole("at", primary_key=True),
    *[Column(name, REALS, nullable=False) for name in ("lon", "lat")],
    *_real("accuracy_m"),
    _text("status"),
    _flag("suspect"),
    rowid=False,
)
Index("ix_tracks_at", tracks.c.at)

# Who was shown what beyond the mask, or took it away on paper; `subject` is a case number or an area's code.
disclosures = _table(
    "disclosures",
    _whole("at", primary_key=True),
    _text("account", primary_key=True),
    _text("what", primary_key=True),
    _text("subject", primary_key=True),
    rowid=False,
)
Index("ix_disclosures_subject", disclosures.c.subject, disclosures.c.at)

# Screens that nobody signs in at (storage/kiosks.py); a revoked one has no row.
kiosks = _table(
    "kiosks",
    _text("name", primary_key=True),
    _text("area"),
    _flag("visitor"),
    _whole("created_at"),
    Column("link_hash", Text),
    Column("token_hash", Text, unique=True),
    *_maybe_whole("link_until", "opened_at"),
    rowid=False,
)

surveys = _table(
    "surveys",
    _text("no", primary_key=True),
    _text("question"),
    _text("grids"),
    _text("day"),
    _whole("asked"),
    _whole("yes"),
    _text("note"),
    _text("by"),
    _whole("at"),
    *_maybe_text("withdrawn_by"),
    *_maybe_whole("withdrawn_at"),
    rowid=False,
)
Index("ix_surveys_question", surveys.c.question, surveys.c.day)

leases = _table("leases", _text("name", primary_key=True), _text("owner"), _whole("until"), rowid=False)

# Figures kept from events (storage.aggregates); code "" is everywhere, a day is yyyymmdd in Asia/Shanghai.
_KEPT = ("code", "name", "day")
tallies = _table("tallies", _text("code"), _text("name"), _whole("day"), _whole("amount"), _key(*_KEPT), rowid=False)
# The waiting times of a day, in whole minutes, each followed by a space: more of them are appended by the database.
waits = _table("waits", _text("code"), _text("name"), _whole("day"), _text("minutes"), _key(*_KEPT), rowid=False)
# What each case adds to them and where, so that it can be taken back: `name@yyyymmdd=amount` each followed by a space.
case_facts = _table(
    "case_facts",
    Column("case_id", WHOLE, primary_key=True, autoincrement=False),
    _text("grids"),
    _whole("first_day"),
    _whole("last_day"),
    _text("facts"),
)
Index("ix_case_facts_first_day", case_facts.c.first_day, case_facts.c.last_day)

# 人地物事组织: each record with its source and the day its data are of; `filled` counts its optional fields.
registers = _table(
    "registers",
    _text("kind", primary_key=True),
    _text("key", primary_key=True),
    _text("name"),
    _text("grids"),
    *_real("lon", "lat"),
    _text("fields"),
    _whole("filled"),
    _text("source"),
    _whole("as_of"),
    _whole("loaded_at"),
    rowid=False,
)
register_grids = _table(
    "register_grids",
    _text("code", primary_key=True),
    _text("kind", primary_key=True),
    _text("key", primary_key=True),
    rowid=False,
)
Index("ix_register_grids_kind", register_grids.c.kind, register_grids.c.key)
register_loads = _table(
    "register_loads",
    _whole("at", primary_key=True, autoincrement=False),
    _text("kind", primary_key=True),
    _text("file"),
    _text("source"),
    _whole("as_of"),
    _text("by"),
    _whole("rows"),
    _whole("refused"),
    rowid=False,
)
# How the columns of a file with these titles are understood: {field: title}.
register_maps = _table(
    "register_maps", _text("kind", primary_key=True), _text("titles", primary_key=True), _text("mapping"), rowid=False
)

# Meetings, what they decide, supervision, the ledger of rectification and assessment: of units, never of persons.
meetings = _table(
    "meetings",
    _text("no", primary_key=True),
    _whole("version"),
    *map(_text, ("kind", "area", "chair")),
    _whole("opened_at"),
    *map(_text, ("agenda", "called", "shown", "roll")),
    *_maybe_whole("closed_at"),
)
Index("ix_meetings_area", meetings.c.area, meetings.c.opened_at)

decisions = _table(
    "decisions",
    _text("no", primary_key=True),
    _whole("version"),
    *map(_text, ("meeting", "area", "grid")),
    *_maybe_text("case_no", "unit"),
    *map(_text, ("who_grid", "who", "text", "by")),
    *map(_whole, ("made_at", "warn_at", "due_at")),
    *_maybe_whole("done_at"),
    *_maybe_text("done_by"),
    _text("result"),
    *_maybe_whole("verified_at"),
    *_maybe_text("verified_by"),
    _whole("sent_back"),
)
_UNVERIFIED = text("verified_at IS NULL")
Index("ix_decisions_meeting", decisions.c.meeting)
Index("ix_decisions_grid", decisions.c.grid, decisions.c.made_at)
Index("ix_decisions_waiting", decisions.c.due_at, sqlite_where=_UNVERIFIED, postgresql_where=_UNVERIFIED)

supervisions = _table(
    "supervisions",
    _text("no", primary_key=True),
    _whole("version"),
    *map(_text, ("area", "grid", "name")),
    *_maybe_text("unit", "case_no"),
    *map(_text, ("reason", "rung", "text")),
    *map(_whole, ("opened_at", "due_at")),
    _text("steps"),
    *_maybe_whole("answered_at", "closed_at"),
)
rectifications = _table(
    "rectifications",
    _text("no", primary_key=True),
    _whole("version"),
    *map(_text, ("area", "grid", "name")),
    *_maybe_text("unit", "case_no"),
    *map(_text, ("problem", "measure", "stage")),
    *map(_whole, ("opened_at", "due_at")),
    _text("steps"),
    _whole("relapses"),
)
look_backs = _table(
    "look_backs",
    _text("no", primary_key=True),
    _text("area"),
    _whole("seed"),
    *map(_text, ("drawn_from", "drawn", "by")),
    _whole("at"),
)

rulings = _table(
    "rulings",
    *[_text(name, primary_key=True) for name in ("area", "key")],
    _flag("is_signed"),
    _text("by"),
    _whole("at"),
    _text("why"),
    rowid=False,
)
objections = _table(
    "objections",
    *[_text(name, primary_key=True) for name in ("area", "month", "unit", "case_no")],
    *map(_text, ("why", "by")),
    _whole("at"),
    *_maybe_whole("upheld"),
    *_maybe_text("ruled_by"),
    *_maybe_whole("ruled_at"),
    _text("ruled_why"),
    rowid=False,
)
