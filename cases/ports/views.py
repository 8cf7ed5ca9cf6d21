"""The record as screens read it: cases, alerts and figures within a viewer's scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cases.alerts import AlertEvent
from cases.model import (
    Alert,
    AlertNo,
    Case,
    CaseNo,
    Event,
    Handoff,
    Link,
    Mediation,
    Scope,
    Stage,
    StageClock,
    Task,
    Whistle,
    WorkerId,
)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; every field narrows, None does not."""

    stage: Stage | None = None
    state: str | None = None
    standing: str | None = None
    category: str | None = None
    grid: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open_only: bool = False
    text: str | None = None
    box: tuple[float, float, float, float] | None = None  # west, south, east, north in degrees WGS-84


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    items: tuple[Case, ...]
    page: int
    total: int


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One page of a list of alerts."""

    items: tuple[Alert, ...]
    page: int
    total: int


@dataclass(frozen=True, slots=True)
class GridCount:
    """Open, overdue and today's cases of one grid."""

    open: int = 0
    overdue: int = 0
    today: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The room's figures for one scope, all made from case rows; exercises never count.

    `reported_usual` is the mean of the same weekdays of the last four weeks up to the same time of day,
    None while there is no such past. `hours` are today's reports by local hour (24 numbers), `hours_usual` the mean of
    the same four weekdays. `days` are the last seven days' reports, oldest first, `days_usual` the same weekdays' mean.
    """

    as_of: datetime
    reported_today: int
    closed_today: int
    open: int
    overdue: int
    at_risk: int
    unplaced: int
    stages: Mapping[Stage, int]
    loops: Mapping[str, int]
    oldest_overdue_at: datetime | None
    reported_usual: float | None
    hours: tuple[int, ...]
    hours_usual: tuple[float, ...]
    days: tuple[int, ...]
    days_usual: tuple[float, ...]
    grids: Mapping[str, GridCount]


class Views(Protocol):
    """Read models. Every method takes the scope; there is no way to ask without one. Blocking: call off the loop."""

    def moment(self) -> AbstractContextManager[None]:
        """What this thread reads of the record within it, by whatever port, is of one moment."""

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case, or None when absent or outside the scope."""

    def events(self, no: CaseNo, scope: Scope) -> list[Event]:
        """What happened to a case, oldest first; empty outside the scope."""

    def clocks(self, no: CaseNo, scope: Scope) -> list[StageClock]:
        """The clocks of a case's steps and promises, oldest first, those that ended too; empty outside the scope."""

    def board(self, scope: Scope, limit: int = 2000) -> list[Case]:
        """Open cases, most urgent first (overdue, at risk, then by due time), exercises included and marked."""

    def cases(self, scope: Scope, which: CaseFilter, page: int = 1, size: int = 50) -> Page:
        """One page of cases, newest first."""

    def waited_for(self, scope: Scope) -> tuple[list[Whistle], list[Handoff]]:
        """Whistles of open cases where nobody has arrived, and the hand-offs that are out; the earliest due first."""

    def unplaced_of(self) -> frozenset[str]:
        """The accounts that entered or track an open case in no grid (待定)."""

    def closed_near(
        self,
        scope: Scope,
        since: datetime,
        box: tuple[float, float, float, float] | None,
        address: str,
        phone: str,
        limit: int = 50,
    ) -> list[Case]:
        """Cases closed since an instant in a box (west, south, east, north, WGS-84), at an address or by a phone."""

    def open_near(
        self,
        scope: Scope,
        between: tuple[datetime, datetime],
        box: tuple[float, float, float, float] | None,
        address: str,
        phone: str,
    ) -> list[Case]:
        """Open cases reported between two instants, in a box, with any address (where one is given) or by a phone."""

    def in_hand(self, scope: Scope) -> dict[WorkerId, int]:
        """How many dispatched cases each worker has in hand."""

    def figures(self, scope: Scope, now: datetime) -> Figures:
        """The KPI bar, the choropleth and the trend of one scope."""

    def alerts(self, scope: Scope, limit: int = 200) -> list[Alert]:
        """Unacknowledged alerts first, gravest and oldest first, then the newest others of the last 24 h."""

    def alert(self, no: AlertNo, scope: Scope) -> tuple[Alert, list[AlertEvent]] | None:
        """One alert and its steps, oldest first; None when absent or outside the scope."""

    def alert_page(self, scope: Scope, page: int = 1, size: int = 50) -> AlertPage:
        """One page of what `alerts` lists, and how many there are in all."""

    def alert_reach(self, numbers: Collection[AlertNo], scope: Scope) -> Mapping[AlertNo, frozenset[str]]:
        """Every grid in which each of these alerts is seen; without those outside the scope or in no grid."""

    def recent_events(self, scope: Scope, limit: int = 50) -> list[tuple[Event, Case]]:
        """The newest events with their cases, for 动态."""

    def ticks(self, scope: Scope, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        """(reported_at, severity) of every case in a span, for the time bar."""

    def changed_since(self, seq: int, limit: int = 1000) -> tuple[int, list[tuple[CaseNo, tuple[str, ...]]]]:
        """The newest event number, and the cases (with their grids) that events after `seq` touched."""

    def points(
        self,
        scope: Scope,
        since: datetime,
        open_only: bool = False,
        until: datetime | None = None,
        late_only: bool = False,
    ) -> Sequence[tuple[float, float]]:
        """(lon, lat) of located cases reported in [since, until), for heat; `late_only`: those now late."""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """What the file of one case (卷宗) holds besides the case and its events; each list oldest first."""

    whistles: Sequence[Whistle] = ()
    mediations: Sequence[Mediation] = ()
    handoffs: Sequence[Handoff] = ()
    links: Sequence[Link] = ()
    children: Sequence[Case] = ()
    tasks: Sequence[Task] = ()


class Records(Protocol):
    """The rest of a case's file. Blocking."""

    def of(self, no: CaseNo, scope: Scope) -> CaseRecord:
        """All that hangs on a case; empty outside the scope, and without links to cases outside it."""


class Told(Protocol):
    """首问负责 (G6): what the tracker of a case must be told. Blocking."""

    def news(self, account: str, scope: Scope, limit: int = 200) -> list[tuple[Event, Case]]:
        """Unread events of the cases that the account took first, oldest first, with the cases as they stand."""

    def read(self, account: str, seq: int) -> None:
        """Remember that the account has read everything up to an event; going back is not possible."""
