"""The shapes of the intake protocol's frames (protocol.md §1)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from cases.model import AlertLevel, WorkerStatus

FRAME_BYTES = 65536
BATCH_MOST = 200

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Instant = Annotated[datetime, Meta(tz=True)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(max_length=200)]
Crs = Literal["wgs84", "gcj02", "bd09", "cgcs2000"]
Channel = Literal[
    "grid_worker",
    "citizen",
    "call",
    "letter",
    "visit",
    "hotline",
    "video",
    "iot",
    "superior",
    "leader_visit",
    "offline_event",
    "patrol",
    "emergency",
    "supervision",
    "other",
]


class _Strict(Struct, forbid_unknown_fields=True):
    """Unknown fields are refused, never dropped: a misspelt one would be lost in silence."""


class Hello(_Strict, kw_only=True, tag="hello"):
    """Who speaks; must be the first frame, within 5 s."""

    device: Word
    key: Annotated[str, Meta(max_length=200)]
    client: Line = ""


class Teller(_Strict, kw_only=True):
    """The person who reported."""

    name: Annotated[str, Meta(max_length=100)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    anonymous: bool = False


class Located(_Strict, kw_only=True):
    """Where: degrees as sent, with the system they are in."""

    lon: float | None = None
    lat: float | None = None
    crs: Crs | None = None
    accuracy_m: float | None = None


class Report(Located, kw_only=True, tag="report"):
    """Something happened; must never be lost."""

    id: Id
    at: Instant
    channel: Channel
    category: Word
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Annotated[str, Meta(max_length=5000)] = ""
    address: Annotated[str, Meta(max_length=500)] = ""
    grid: Word | None = None
    severity: Literal[1, 2, 3, 4] = 3
    people: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    reporter: Teller | None = None
    attachments: Annotated[list[Id], Meta(max_length=20)] = []
    worker: Word | None = None
    exercise: bool = False


class Alert(Located, kw_only=True, tag="alert"):
    """A call for a person to act now."""

    id: Id
    at: Instant
    level: AlertLevel
    source: Word
    kind: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(max_length=5000)] = ""
    address: Annotated[str, Meta(max_length=500)] = ""
    exercise: bool = False


class Spot(_Strict, kw_only=True):
    """One fix of one worker, as an item of `positions`."""

    worker: Word
    at: Instant
    lon: float
    lat: float
    crs: Crs
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None


class Position(Spot, kw_only=True, tag="position"):
    """One fix of one worker; the newest wins, nothing is acknowledged."""


class Positions(_Strict, kw_only=True, tag="positions"):
    """Up to 200 fixes."""

    items: Annotated[list[Spot], Meta(max_length=BATCH_MOST)]


class Status(_Strict, kw_only=True, tag="status"):
    """A worker's word about himself, perhaps against a case; `sos` calls for help, or says that it is over.

    Left out, `sos` and `exercise` are no part of the content: a status has the same fingerprint as before there were
    such fields.
    """

    id: Id
    worker: Word
    status: WorkerStatus
    at: Instant
    case: Word | None = None
    sos: bool | UnsetType = UNSET
    exercise: bool | UnsetType = UNSET


class TaskAck(_Strict, kw_only=True, tag="task_ack"):
    """The worker's device has the task."""

    id: Word


class Beat(_Strict, kw_only=True, tag="beat"):
    """I am still here."""


Filed = Report | Alert | Status
Message = Hello | Report | Alert | Position | Positions | Status | TaskAck | Beat
