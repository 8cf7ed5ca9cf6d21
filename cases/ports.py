"""What one side of the house needs of another; bootstrap fills each port with the real thing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from cases.alerts import AlertEvent
from cases.happenings import Happening, Mix, Repeat
from cases.indicators import Figure, FigureRows, Narrowing, Period
from cases.meeting_ports import Meetings
from cases.model import (
    Account,
    Alert,
    AlertNo,
    Case,
    CaseNo,
    Device,
    Event,
    Fix,
    GridWorker,
    HandlingUnit,
    Handoff,
    Kiosk,
    Link,
    Mediation,
    Receipt,
    Scope,
    Stage,
    StageClock,
    StatusReport,
    Task,
    Whistle,
    WorkerId,
)
from cases.registers import Load, Record, RegisterState
from cases.rule_watch import Watch
from cases.shifts import Handing, SeatNow, Shift, WatchRules
from cases.surveys import Surveys

if TYPE_CHECKING:
    from cases.past import Past

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit touched: a bell, not the news itself. `kind` is case, alert, task or worker."""

    kind: str
    number: str
    version: int


Tell = Callable[[Sequence[Change]], None]


class Overview(Protocol):
    """What time has to do next: looked for without the write turn, found again within it."""

    def unclocked(self, limit: int) -> tuple[list[Case], CaseNo | None]:
        """Open cases without clocks that came in after the last that was given its first ones, oldest first.

        And the last case that was looked at, None when no case is new.
        """

    def clocks_due(self, now: datetime, limit: int) -> list[StageClock]:
        """Running clocks of open cases whose light must change at `now`; steps of suspended cases rest."""

    def due(self, now: datetime, limit: int) -> list[Case]:
        """Open cases whose light must change at `now`."""

    def whistles_late(self, now: datetime, limit: int) -> list[Whistle]:
        """Whistles of open cases whose answer or arrival is late at `now` and was not told to be, oldest first."""

    def restless_alerts(self, now: datetime, limit: int) -> list[Alert]:
        """Unanswered alerts that have not risen all the way, and those whose shelving is over; oldest first."""


class Transaction(Overview, Protocol):
    """One write transaction; leaving its context commits, an exception undoes all of it."""

    def receipts(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
        """The receipts that exist for these (source, id) pairs."""

    def next(self, counter: str, count: int) -> int:
        """Take `count` consecutive numbers of a counter; the first of them (counters begin at 1)."""

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case as it stands, held against other writers; None when absent or outside the scope."""

    def alert(self, no: AlertNo, scope: Scope) -> Alert | None:
        """One alert as it stands; None when absent or outside the scope."""

    def last_event(self, no: CaseNo) -> Event | None:
        """The newest event of a case."""

    def events(self, no: CaseNo) -> list[Event]:
        """All events of a case, oldest first."""

    def children(self, no: CaseNo) -> list[Case]:
        """The sub-tasks of a case, by number."""

    def whistles(self, no: CaseNo) -> list[Whistle]:
        """The whistles of a case, oldest first."""

    def links(self, no: CaseNo) -> list[Link]:
        """The links of a case, whichever end it is."""

    def handoffs(self, no: CaseNo) -> list[Handoff]:
        """The hand-offs of a case, oldest first."""

    def clocks(self, no: CaseNo) -> list[StageClock]:
        """The clocks of a case's steps and promises, oldest first, those that ended too."""

    def start_clocks(self, clocks: Sequence[StageClock], last: CaseNo) -> None:
        """Insert the first clocks of cases up to `last`; those that an action started meanwhile stay as they are."""

    def save_clocks(self, clocks: Sequence[StageClock]) -> None:
        """Insert clocks, or write those that are there."""

    def open_cases(self) -> list[Case]:
        """Every open case."""

    def add_cases(self, cases: Sequence[Case]) -> None:
        """Insert new cases and the grids that hold them."""

    def save_case(self, case: Case) -> None:
        """Write a case that was read in this transaction."""

    def add_alert_events(self, events: Sequence[AlertEvent]) -> None:
        """Append steps of alerts."""

    def shift(self, no: str) -> Shift | None:
        """One handover of the watch."""

    def open_shifts(self, area: str) -> list[Shift]:
        """Handovers of an area's seat that nobody has signed for, oldest first."""

    def save_shift(self, shift: Shift) -> None:
        """Enter a handover, or sign one that is open; one that is signed for is never written again."""

    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        """Insert new alerts."""

    def save_alert(self, alert: Alert) -> None:
        """Write an alert that was read in this transaction."""

    def alert_reach(self, no: AlertNo) -> frozenset[str]:
        """Every grid in which an alert is seen."""

    def reach_alert(self, no: AlertNo, codes: Collection[str]) -> None:
        """Let an alert be seen in further grids than those of its place."""

    def watch(self, rule: str, subject: str) -> Watch | None:
        """What a rule rings for, as it stands; None when it neither rings nor rests."""

    def save_watch(self, watch: Watch) -> None:
        """Enter a watch, or write one that is there."""

    def drop_watch(self, watch: Watch) -> None:
        """Forget a watch whose rest is over."""

    def add_events(self, events: Sequence[Event]) -> None:
        """Append events, already numbered."""

    def save_whistles(self, whistles: Sequence[Whistle]) -> None:
        """Insert whistles, or write those that are there."""

    def save_handoffs(self, handoffs: Sequence[Handoff]) -> None:
        """Insert hand-offs, or write those that are there."""

    def add_links(self, links: Sequence[Link]) -> None:
        """Append links between cases."""

    def add_mediations(self, mediations: Sequence[Mediation]) -> None:
        """Append attempts at mediation."""

    def add_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Append receipts."""

    def add_statuses(self, statuses: Sequence[StatusReport]) -> None:
        """Append workers' statuses."""

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Append tasks for workers."""


class Roll(Protocol):
    """Who there is, as far as the desk must know. Blocking."""

    def missing(self, units: Collection[str], workers: Collection[str]) -> frozenset[str]:
        """The ids of these units and workers that do not exist."""

    def accounts(self) -> Sequence[Account]:
        """Every account, disabled ones included."""


class Store(Protocol):
    """The record. StoreUnavailable means: nothing was saved."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a write transaction (BEGIN IMMEDIATE on SQLite)."""

    def overview(self) -> AbstractContextManager[Overview]:
        """What stands now, for reading only; nobody waits for it, and it may have moved when one writes."""


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


class Directory(Protocol):
    """Who and what there is: workers, units, devices, accounts and their sessions. Blocking."""

    def workers(self, scope: Scope) -> list[GridWorker]:
        """Grid workers whose grid lies in the scope."""

    def units(self) -> list[HandlingUnit]:
        """Every handling unit."""

    def device(self, device: str) -> Device | None:
        """A device by id, disabled ones included."""

    def devices(self) -> list[Device]:
        """Every device, by id."""

    def live_devices(self, devices: Collection[str]) -> Mapping[str, tuple[Device, str]]:
        """Those of these devices that exist and are not disabled, each with the SHA-256 (hex) of its key."""

    def put_device(self, device: Device, key: str) -> None:
        """Enter or renew a device with its whole key `<device>.<random>`, of which only the SHA-256 is kept."""

    def bind_device(self, device: Device) -> bool:
        """Give a device another worker, area or source; its key stays. False when there is none of that id."""

    def revoke_device(self, device: str) -> bool:
        """Disable a device; False when there is none of that id."""

    def device_and_key(self, device: str) -> tuple[Device, str] | None:
        """A device by id, disabled ones included, with the SHA-256 (hex) of its key."""

    def display_names(self, names: Collection[str]) -> Mapping[str, str]:
        """What these accounts are called on a screen, by name; names that are no accounts are left out."""

    def account(self, name: str) -> Account | None:
        """An account by name, disabled ones included."""


class Positions(Protocol):
    """Where workers are and were. Blocking."""

    def keep(self, fixes: Sequence[Fix]) -> None:
        """Upsert the last fix per worker and append to the thinned track."""

    def last(self, scope: Scope) -> list[Fix]:
        """The newest kept fix per worker in the scope."""

    def track(self, worker: WorkerId, since: datetime, until: datetime, scope: Scope) -> list[Fix]:
        """The kept track of one worker, oldest first."""

    def open_tasks(self, worker: WorkerId) -> list[Task]:
        """Tasks not yet acknowledged."""

    def acknowledge(self, task: str, worker: WorkerId, at: datetime) -> bool:
        """Mark a task as received; False when it is not this worker's."""


class Accounts(Protocol):
    """Who may sign in, and the sessions they hold. Blocking."""

    def sign_in(self, name: str, password: str, now: datetime) -> str:
        """A new session token (256-bit random), or SignInRefused in the same words and time for every cause."""

    def session(self, token: str, now: datetime) -> Account | None:
        """The account behind a live session; None when unknown, idle 30 min, older than 12 h, ended or disabled."""

    def sessions(self, tokens: Collection[str], now: datetime) -> Mapping[str, Account]:
        """The accounts behind those of the sessions that live; all open screens are looked up at once."""

    def sign_out(self, token: str) -> None:
        """End one session."""

    def redeem(self, link: str, name: str, password: str, now: datetime) -> str:
        """Turn the one-time link of the first start into the first (admin) account; its session token."""


@dataclass(frozen=True, slots=True)
class RoleHealth:
    """How one process does: `state` is ok, late or down; `age_s` since its last sign of life; `note` in words."""

    age_s: float | None
    state: str
    note: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FixesMoved:
    """Workers that moved or changed status since the last frame; the newest fix of each."""

    fixes: Sequence[Fix]


LiveNews = FixesMoved | Change


class LiveFeed(Protocol):
    """The live picture and the bells, as the web process hears them; survives Redis going away and coming back."""

    async def snapshot(self) -> Sequence[Fix]:
        """The newest fix of every worker now; from SQL's last fixes where Redis has none."""

    def news(self) -> AsyncIterator[LiveNews]:
        """Everything new from now on. Bells may be lost: whoever listens also reads the event cursor."""

    async def health(self) -> Mapping[str, RoleHealth]:
        """redis, gateway, intake, web, replay (where there is one)."""


class Intake(Protocol):
    """The same door as the gateway's, for HTTP: a raw body in, a status and an answer out."""

    async def take(self, body: bytes, authorization: str, content: bytes = b"") -> tuple[int, Mapping[str, object]]:
        """Check the device key, decode, commit in this process, answer as protocol.md §1 says.

        `content` tells a repeat from another message where the body holds what its sender did not say.
        """


@dataclass(frozen=True, slots=True)
class CategorySuggestion:
    """A category that a text may belong to: how sure (0–1), and the words of the text that spoke for it."""

    category: str
    confidence: float
    because: tuple[str, ...]

    def may_stand_alone(self, least_confidence: float) -> bool:
        """Whether it may be applied before a person has looked at it; with a setting above 1 it never may."""
        return self.confidence >= least_confidence


class Classifier(Protocol):
    """Suggests what kind of matter a text is about; a person decides."""

    def suggest(self, text: str, limit: int = 3) -> Sequence[CategorySuggestion]:
        """The likeliest categories, best first; empty for a text that says nothing. Quick enough for every key."""


class Codes(Protocol):
    """一案一码: the secret that opens a case's page to whoever holds it. Blocking."""

    def token(self, no: CaseNo, scope: Scope) -> str | None:
        """The case's secret; None when absent or outside the scope."""

    def case(self, token: str) -> Case | None:
        """The case of a secret, which is all the right that is needed; None for a wrong one, however it is wrong."""


class Disclosures(Protocol):
    """Who was shown personal data, or took cases away on paper. Blocking; a case's version never moves by it."""

    def record(self, account: str, what: str, subject: str, at: datetime) -> None:
        """Keep that an account saw (`reveal`) or printed (`print`, `print_open`) a case or an area's list."""

    def of(self, subject: str) -> list[tuple[datetime, str, str]]:
        """(when, who, what) of a case or area, oldest first."""


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


class Shifts(Protocol):
    """The watch at the seats: handovers, and whether anybody sits there. Blocking."""

    @property
    def rules(self) -> WatchRules:
        """When a seat is unmanned and a handover late."""

    def handing(self, scope: Scope, now: datetime) -> Handing:
        """All that the handover page of an area needs."""

    def shift(self, no: str, area: str) -> Shift | None:
        """One handover of an area's seat; None when absent or another area's."""

    def handed(self, area: str, since: datetime, until: datetime) -> Sequence[Shift]:
        """Handovers of an area's seat begun in a span, oldest first, those not signed for and withdrawn too."""

    def seat_now(self, areas: Sequence[str], now: datetime) -> SeatNow:
        """What is to be said of the seat that minds an area, given with those that hold it, innermost first."""

    def active(self, area: str, at: datetime) -> None:
        """Somebody did something at an area's seat."""

    def unmanned(self, area: str, since: str, until: str) -> dict[str, timedelta]:
        """值守空缺: how long nobody sat at a seat on each local day (YYYY-MM-DD), both ends included."""


class FigureBook(Protocol):
    """指标: the figures of the register, one way for wall, meeting, cell, report and API. Blocking.

    `grid` lies in the scope (the caller has the grids' tree and checks it); None is the scope's own area. The scope's
    own 待定 cases of an account are no figure's: a figure of an area counts what lies in it.
    """

    def ask(
        self,
        id: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        *,
        leaves: Sequence[str] = (),
        without: Collection[CaseNo] = (),
        part: Narrowing | None = None,
    ) -> Figure:
        """One figure; KeyError for an id that the register does not have.

        `leaves` are the innermost grids of the grid, for what speaks of coverage; `without` are cases to be left out
        (an objection that stands); `part` narrows a figure that can be parted, ValueError for one that cannot.
        """

    def ask_many(
        self, ids: Sequence[str], grids: Sequence[str | None], period: Period, scope: Scope, now: datetime
    ) -> Mapping[tuple[str, str | None], Figure]:
        """Several figures of several grids, from one moment of the database."""

    def rows(
        self,
        id: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        page: int = 1,
        size: int = 50,
        *,
        part: Narrowing | None = None,
    ) -> FigureRows:
        """The cases behind a figure or a part of it, newest first; pages count from 1."""

    def counting(self) -> float | None:
        """Which share of the record the figures know, while they lack more than a reader adds himself; else None."""


class GridPast(Protocol):
    """What happened in a cell, for the analyst: the register's set `received`, seen closer. Blocking."""

    def cases(
        self,
        scope: Scope,
        since: datetime,
        until: datetime,
        limit: int,
        box: tuple[float, float, float, float] | None = None,
    ) -> list[Happening]:
        """Counted cases of the scope received in [since, until), newest first; `box` is west, south, east, north."""

    def weekly(self, codes: Collection[str], starts: Sequence[datetime], scope: Scope) -> Mapping[str, tuple[int, ...]]:
        """Of each grid how many came in each week that begins at `starts` (oldest first, without gaps)."""

    def mix(self, scope: Scope, since: datetime, until: datetime) -> Mix:
        """How many received in [since, until) are of each kind, and of each hour of the week they were reported at."""

    def repeats(self, scope: Scope, since: datetime, until: datetime) -> list[Repeat]:
        """Addresses with more than one case received in [since, until), most first."""

    def been(self, scope: Scope, since: datetime) -> list[tuple[float, float]]:
        """(lon, lat), WGS-84, of places where a worker of the scope has been since then, each about 10 m once."""


class Registers(Protocol):
    """人地物事组织: the registers and their imports. Blocking."""

    def keep(self, load: Load, records: Sequence[Record], progress: Callable[[int], None] = lambda _: None) -> None:
        """Put a file's records in place of those of the same number, all or none; `progress` hears how many so far."""

    def states(self, scope: Scope, now: datetime) -> list[RegisterState]:
        """How each register stands in a scope, in the order of the registers; those without a record too."""

    def records(self, kind: str, scope: Scope, page: int = 1, size: int = 50) -> tuple[int, list[tuple[Record, Load]]]:
        """How many records of a kind lie in a scope, and one page of them by number, each with where it is from."""

    def loads(self, limit: int = 20) -> list[Load]:
        """The newest imports, newest first."""

    def mapping(self, kind: str, titles: Sequence[str]) -> dict[str, str] | None:
        """How a file with these titles was understood last time; None when there was none."""

    def save_mapping(self, kind: str, titles: Sequence[str], mapping: Mapping[str, str]) -> None:
        """Remember how a file with these titles is understood."""


class Kiosks(Protocol):
    """Screens that nobody signs in at. Blocking; StoreUnavailable when the database does not answer."""

    def add(self, name: str, area: str, now: datetime, *, visitor: bool = False) -> str:
        """The secret of a one-use link, good for 24 h; an older screen of that name ends."""

    def open(self, link: str, now: datetime) -> str:
        """Use a link up: the cookie of its screen. SignInRefused for one that is unknown, used or expired."""

    def screens(self, tokens: Collection[str]) -> Mapping[str, Account]:
        """The screens behind those cookies that are live, each as an account that may only look."""

    def all(self) -> list[Kiosk]:
        """Every kiosk by name."""

    def revoke(self, name: str) -> bool:
        """End a kiosk, its link and its screen; whether there was one."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What is kept beside the cases: their secrets, their files, who was told and who was shown what."""

    codes: Codes
    records: Records
    told: Told
    disclosures: Disclosures
    shifts: Shifts
    figures: FigureBook
    past: Past
    grid_past: GridPast
    registers: Registers
    kiosks: Kiosks
    meetings: Meetings
    surveys: Surveys
