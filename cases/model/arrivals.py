"""What comes in, unjudged, and what we answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases.model.ids import CaseNo, WorkerId
from cases.model.people import WorkerStatus
from cases.model.quick import quick

CHANNELS: Mapping[str, str] = {
    "grid_worker": "网格员",
    "citizen": "连心调",
    "call": "来电",
    "letter": "来信",
    "visit": "来访",
    "hotline": "12345 热线",
    "video": "视频巡查",
    "iot": "物联感知",
    "superior": "上级交办",
    "leader_visit": "领导走访",
    "offline_event": "线下活动",
    "patrol": "巡查",
    "emergency": "应急",
    "supervision": "监督举报",
    "other": "其他",
}


class AlertLevel(StrEnum):
    """Hazard colours 红 橙 黄 蓝, gravest first (domain.md b10); not a deadline light, not a risk level."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


@quick
@dataclass(frozen=True, slots=True)
class Place:
    """Where something is. `lon`/`lat` are WGS-84 degrees; `raw` is what was sent, with its own system.

    `grids` holds one code a level, outermost first, without the levels that hold no such place; empty means 待定.
    """

    lon: float | None = None
    lat: float | None = None
    grids: tuple[str, ...] = ()
    raw: tuple[float, float, str] | None = None
    accuracy_m: float | None = None
    address: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Reporter:
    """Who told us; masked on every screen unless the role may see it."""

    name: str = ""
    phone: str = ""
    anonymous: bool = False


@quick
@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What came in, unjudged. (`source`, `id`) is unique for ever; `fingerprint` is SHA-256 of the content."""

    source: str
    id: str
    fingerprint: str
    at: datetime
    received_at: datetime
    channel: str
    category: str
    title: str
    text: str = ""
    severity: int = 3
    people: int | None = None
    place: Place = Place()
    reporter: Reporter | None = None
    attachments: tuple[str, ...] = ()
    worker: str | None = None
    exercise: bool = False
    original_category: str | None = None
    flags: tuple[str, ...] = ()
    demo: bool = False


@quick
@dataclass(frozen=True, slots=True)
class AlertReport:
    """A call for a person to act now: an alert, not a case."""

    source: str
    id: str
    fingerprint: str
    at: datetime
    received_at: datetime
    level: AlertLevel
    origin: str
    kind: str
    text: str = ""
    place: Place = Place()
    exercise: bool = False
    flags: tuple[str, ...] = ()
    rule: str = ""  # the rule of ours that raised it


@quick
@dataclass(frozen=True, slots=True)
class StatusReport:
    """A worker's word about himself; with a case it is committed against it, and `on_scene` is its arrival.

    `sos`: True calls for help, False says that it is over, None says nothing of it. A call in an exercise says so.
    """

    source: str
    id: str
    fingerprint: str
    at: datetime
    received_at: datetime
    worker: WorkerId
    status: WorkerStatus
    case: CaseNo | None = None
    sos: bool | None = None
    exercise: bool = False


class BulletinKind(StrEnum):
    """What a bulletin does: say something new, put it in the place of earlier ones, or take those back."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


@quick
@dataclass(frozen=True, slots=True)
class Bulletin:
    """A warning of another system (CAP). `source` is its sender and `id` its identifier: receipts are unique on both.

    `device` brought it and is the source of the alert that it becomes; `earlier` are the (source, id) it speaks of;
    `reach` are all grids that its area touches, for a warning is seen wherever it holds, `ground` the fewest of them
    that say the same.
    """

    source: str
    id: str
    fingerprint: str
    kind: BulletinKind
    device: str
    at: datetime
    received_at: datetime
    level: AlertLevel
    event: str
    text: str = ""
    place: Place = Place()
    reach: frozenset[str] = frozenset()
    ground: tuple[str, ...] = ()
    earlier: tuple[tuple[str, str], ...] = ()
    expires_at: datetime | None = None
    exercise: bool = False
    flags: tuple[str, ...] = ()
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()  # rings of (lon, lat), WGS-84, to be drawn


Arrival = IncidentReport | AlertReport | StatusReport | Bulletin


@quick
@dataclass(frozen=True, slots=True)
class Receipt:
    """Our answer to one arrival, kept for ever: the same id with the same content gets it again."""

    source: str
    id: str
    fingerprint: str
    kind: str  # report | alert | status
    number: str  # case or alert number; empty for a status
    grids: tuple[str, ...]
    flags: tuple[str, ...]
    at: datetime


@quick
@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the sender: a receipt, or a refusal in words."""

    id: str
    receipt: Receipt | None = None
    duplicate: bool = False
    code: str = ""
    msg: str = ""
    field: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the arrival is committed."""
        return self.receipt is not None
