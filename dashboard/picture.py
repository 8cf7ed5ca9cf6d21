"""One picture of the room for one audience: what every wall panel is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.alerts import Patience
from cases.model import Alert, Case, Event, Handoff, Whistle
from cases.ports import Figures, RoleHealth
from cases.shifts import SeatNow
from dashboard.services import DutyPost


@dataclass(frozen=True, slots=True)
class Audience:
    """Sessions that see the same thing: one area (a grid code, "" for all) and one mask profile.

    `account` is set only while that account has open 待定 cases of its own, which no other screen of the area sees.
    """

    area: str
    reveal: bool = False
    visitor: bool = False  # strangers stand before it: no names, no words of a case
    account: str = ""


@dataclass(frozen=True, slots=True)
class Force:
    """Workers on duty by status, and how fresh their fixes are (counts)."""

    by_status: Mapping[str, int]
    total: int
    fresh_60s: int
    lost: int  # on duty, but the last fix is older than two minutes


@dataclass(frozen=True, slots=True)
class Nearby:
    """A worker who could go: metres as the crow flies, the instant of the fix, both as last told."""

    worker: str
    metres: float
    status: str
    fixed_at: datetime


@dataclass(frozen=True, slots=True)
class Replay:
    """That a picture is of the past, and what the time bar shows around it: (reported_at, severity) up to `until`."""

    until: datetime
    ticks: Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Picture:
    """The room at `as_of` (UTC). `failed` names in words what could not be read; the rest is then the last good one."""

    audience: Audience
    title: str
    area_name: str
    as_of: datetime
    board: Sequence[Case]
    figures: Figures
    alerts: Sequence[Alert]
    recent: Sequence[tuple[Event, Case]]
    ticks: Sequence[tuple[datetime, int]]
    force: Force
    health: Mapping[str, RoleHealth]
    duty: Sequence[DutyPost]
    unit_names: Mapping[str, str]
    worker_names: Mapping[str, str]
    grid_names: Mapping[str, str]
    failed: str = ""
    failed_since: datetime | None = None
    patience: Patience = Patience()
    seat: SeatNow = SeatNow()
    nearest: Mapping[str, Sequence[Nearby]] = field(default_factory=dict)  # alert → available workers, nearest first
    guessed_years: Sequence[int] = ()  # years of due times on the board whose official calendar is not in
    whistles: Sequence[Whistle] = ()  # of open cases, where nobody has arrived
    handoffs: Sequence[Handoff] = ()  # those that are out
    people: Mapping[str, str] = field(default_factory=dict)  # display names by account, of those who answered alerts
    replay: Replay | None = None  # None: the picture is of now
