"""The nouns of the room: reports, cases, events, alerts, workers' statuses, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

CaseNo = NewType("CaseNo", str)  # 20261121-000123
AlertNo = NewType("AlertNo", str)  # A20261121-0007
WorkerId = NewType("WorkerId", str)  # W-0001
UnitId = NewType("UnitId", str)
GridCode = NewType("GridCode", str)


class Stage(StrEnum):
    """Where a case is: 信息采集 立案受理 分类派遣 任务处理 核查反馈 结案归档 综合评价 (domain.md G1)."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    VERIFIED = "verified"
    CLOSED = "closed"
    EVALUATED = "evaluated"


OPEN_STAGES = (Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLED, Stage.VERIFIED)


class State(StrEnum):
    """Whether the case runs, rests or has left the road."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    VOID = "void"
    MERGED = "merged"


OPEN_STATES = (State.ACTIVE, State.SUSPENDED, State.RETURNED)


class Standing(StrEnum):
    """How the case's clock looks: 正常 预警 超时."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"


class Difficulty(StrEnum):
    """简易 复杂 疑难 (domain.md G12): decides the limit and the way of handling."""

    SIMPLE = "simple"
    COMPLEX = "complex"
    HARD = "hard"


class Loop(StrEnum):
    """微循环 小循环 大循环 (domain.md G3): in the grid, in the street, in the district."""

    MICRO = "micro"
    SMALL = "small"
    LARGE = "large"


class Action(StrEnum):
    """What a person or the system may do to a case (protocol.md §3)."""

    REPORT = "report"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    REPORT_BACK = "report_back"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"
    EVALUATE = "evaluate"
    ARCHIVE = "archive"
    RETURN = "return"
    TRANSFER = "transfer"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    APPROVE = "approve"
    REJECT = "reject"
    VOID = "void"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    LINK = "link"
    ESCALATE = "escalate"
    SEND_BACK = "send_back"
    WHISTLE = "whistle"
    ANSWER = "answer"
    ARRIVE = "arrive"
    URGE = "urge"
    SUPERVISE = "supervise"
    NOTE = "note"
    UNDO = "undo"
    MEDIATE = "mediate"  # beyond protocol.md's list: one attempt at mediation
    HAND_OFF = "hand_off"  # given to court, petition office …
    HAND_BACK = "hand_back"
    CLOCK = "clock"  # the system's own: the standing changed


class Role(StrEnum):
    """What an account may do; the area it may do it in is its scope."""

    DUTY = "duty"
    LEADER = "leader"
    ANALYST = "analyst"
    ADMIN = "admin"
    UNIT = "unit"
    VERIFIER = "verifier"
    WORKER = "worker"
    SYSTEM = "system"


class WorkerStatus(StrEnum):
    """可派 已派 途中 到场 离岗."""

    AVAILABLE = "available"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    OFF_DUTY = "off_duty"


class AlertLevel(StrEnum):
    """Hazard colours 红 橙 黄 蓝, gravest first (domain.md b10); not a deadline light, not a risk level."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class AlertState(StrEnum):
    """Whether a person has seen an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    RAISED = "raised"  # became a case


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


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who told us; masked on every screen unless the role may see it."""

    name: str = ""
    phone: str = ""
    anonymous: bool = False


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


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A worker's word about himself; with a case it is committed against it, and `on_scene` is its arrival."""

    source: str
    id: str
    fingerprint: str
    at: datetime
    received_at: datetime
    worker: WorkerId
    status: WorkerStatus
    case: CaseNo | None = None


Arrival = IncidentReport | AlertReport | StatusReport


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


@dataclass(frozen=True, slots=True)
class Case:
    """What we decided to pursue. Stage, state, standing and severity are four things, never one column."""

    no: CaseNo
    version: int
    stage: Stage
    state: State
    standing: Standing
    severity: int
    difficulty: Difficulty
    loop: Loop
    title: str
    text: str
    category: str
    channel: str
    place: Place
    source: str
    reported_at: datetime
    received_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    warn_at: datetime | None = None  # the light turns yellow
    unit: str | None = None
    worker: str | None = None
    handler: str | None = None  # who handled it; may not verify it
    first_contact: str | None = None  # 首问负责 (G6)
    reporter: Reporter | None = None
    people: int | None = None
    attachments: tuple[str, ...] = ()
    original_category: str | None = None
    flags: tuple[str, ...] = ()
    exercise: bool = False
    demo: bool = False
    scheme: str = "seven"
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    arrived_at: datetime | None = None
    handled_at: datetime | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    evaluated_at: datetime | None = None
    archived_at: datetime | None = None
    suspended_at: datetime | None = None
    pending: str | None = None  # an extension waiting for approval, in days
    outcome: str | None = None  # settled | refused | explained
    score: int | None = None  # the reporter's evaluation, 1–5
    merged_into: CaseNo | None = None
    parent: CaseNo | None = None  # the case whose sub-task this is (G22)
    falls_to: str | None = None  # who moves next on a returned case: duty | first_contact | centre
    failed_mediations: int = 0
    reopened: int = 0

    @property
    def grids(self) -> tuple[str, ...]:
        """Codes outermost first; empty means 待定."""
        return self.place.grids

    @property
    def is_open(self) -> bool:
        """Still on the road: neither closed, void nor merged."""
        return self.stage in OPEN_STAGES and self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case: who, when, from where, why, and what it changed (field → new value).

    `before` holds the old values of what changed; `about` what the action named besides: units, another case, the code
    of a reason.
    """

    seq: int
    case: CaseNo
    version: int
    at: datetime
    by: str
    role: Role
    action: Action
    why: str = ""
    origin: str = ""  # where from: a device, a screen, the system
    changes: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[str, object] = field(default_factory=dict)
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whistle:
    """中心吹哨、部门报到 (G16): one unit called to a case, by when it must answer and arrive, and when it did.

    `version` is that of the case after the call; (case, version, unit) is unique.
    """

    case: CaseNo
    version: int
    unit: str
    by: str
    called_at: datetime
    answer_by: datetime
    arrive_by: datetime
    why: str = ""
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str = ""
    arrived_at: datetime | None = None
    arrived_by: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two cases that belong together; `kind` is related or repeat. The lower number stands first."""

    case: CaseNo
    other: CaseNo
    kind: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Mediation:
    """One attempt to settle a dispute (H5, H14); `version` is that of the case after it, `result` settled or failed."""

    case: CaseNo
    version: int
    at: datetime
    by: str
    kind: str
    result: str
    mediator: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A dispute given to court, procuratorate, police, petition office, arbitration or administration (H1–H3).

    `decide_by` and `due_at` are the law's limits, None where none is known; (case, version) is unique.
    """

    case: CaseNo
    version: int
    kind: str
    out_at: datetime
    by: str
    why: str = ""
    decide_by: datetime | None = None
    due_at: datetime | None = None
    extended: bool = False
    back_at: datetime | None = None
    back_by: str | None = None
    result: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A call for attention and who answered it."""

    no: AlertNo
    version: int
    level: AlertLevel
    state: AlertState
    origin: str
    kind: str
    text: str
    place: Place
    at: datetime
    received_at: datetime
    source: str
    by: str | None = None
    acted_at: datetime | None = None
    shelved_until: datetime | None = None
    why: str = ""
    case: CaseNo | None = None
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked to do; sent again at every hello until acknowledged."""

    id: str
    case: CaseNo
    version: int
    worker: WorkerId
    title: str
    text: str
    lon: float | None
    lat: float | None
    by: str
    at: datetime
    acked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GridWorker:
    """A grid worker; the phone is masked unless the role may see it."""

    id: WorkerId
    name: str
    grid: str
    phone: str = ""
    skills: tuple[str, ...] = ()
    role: str = "网格员"


@dataclass(frozen=True, slots=True)
class HandlingUnit:
    """A unit that handles cases; `area` is a grid code, empty for everywhere."""

    id: UnitId
    name: str
    kind: str
    area: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """One position of a worker, WGS-84, as kept: the newest, or a point of the thinned track."""

    worker: WorkerId
    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None
    status: WorkerStatus = WorkerStatus.AVAILABLE
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account (or device, or "system"), the role it acts in and where it acts from."""

    name: str
    role: Role
    origin: str = ""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What one session may see: everything within `area` (a grid code; "" is everywhere, 待定 included).

    `account` lets a person see the 待定 cases he entered himself; `reveal` says whether personal data comes unmasked.
    """

    area: str = ""
    account: str = ""
    reveal: bool = False


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Device:
    """Who is on the other end of an intake link; `worker` is a worker id, or "*" for one who speaks for many."""

    id: str
    source: str  # a channel: grid_worker, hotline, video …
    worker: str
    demo: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. `permission_version` moves with every change of role, area or right."""

    name: str
    role: Role
    area: str
    display: str
    permission_version: int = 1
    disabled: bool = False
    unit: str | None = None
    demo: bool = False
