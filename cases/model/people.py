"""Who acts, who goes, who handles, and what each may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cases.model.ids import UnitId, WorkerId
from cases.model.life import Loop
from cases.model.quick import quick


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
    KIOSK = "kiosk"  # a screen that nobody signs in at: it may look at the wall, and nothing else


class WorkerStatus(StrEnum):
    """可派 已派 途中 到场 离岗."""

    AVAILABLE = "available"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    OFF_DUTY = "off_duty"


@quick
@dataclass(frozen=True, slots=True)
class GridWorker:
    """A grid worker; the phone is masked unless the role may see it."""

    id: WorkerId
    name: str
    grid: str
    phone: str = ""
    skills: tuple[str, ...] = ()
    role: str = "网格员"


@quick
@dataclass(frozen=True, slots=True)
class HandlingUnit:
    """A unit that handles cases, with its responsibility list (职责清单).

    `area` is a grid code, empty for everywhere; `loops` are the loops it answers at (G3), empty for each.
    `founded` is the day since when it is there, None where nobody said.
    """

    id: UnitId
    name: str
    kind: str
    area: str = ""
    categories: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()
    founded: date | None = None


@quick
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


@quick
@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account (or device, or "system"), the role it acts in and where it acts from."""

    name: str
    role: Role
    origin: str = ""
    unit: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class Scope:
    """What one session may see: everything within `area` (a grid code; "" is everywhere, 待定 included).

    `account` lets a person see the 待定 cases he entered himself; `reveal` says whether personal data comes unmasked.
    """

    area: str = ""
    account: str = ""
    reveal: bool = False


EVERYWHERE = Scope()


SELF_PROBE = "self-probe"
"""The device under which the room reports to itself; of its reports the desk keeps a count, never a case."""


@quick
@dataclass(frozen=True, slots=True)
class Device:
    """Who is on the other end of an intake link; `worker` is a worker id, or "*" for one who speaks for many."""

    id: str
    source: str  # a channel: grid_worker, hotline, video …
    worker: str
    demo: bool = False
    disabled: bool = False
    area: str = ""  # a grid code: reports from outside it are refused; empty: from everywhere
    issued_at: datetime | None = None  # when the present key was made; None for keys older than this record


@quick
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
    visitor: bool = False  # a screen before visitors: no name and no words of a case come to it


@quick
@dataclass(frozen=True, slots=True)
class Kiosk:
    """A screen that nobody signs in at; `opened_at` is None while its one-use link waits."""

    name: str
    area: str
    visitor: bool
    created_at: datetime
    opened_at: datetime | None = None
