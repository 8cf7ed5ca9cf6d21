"""What the dashboard is handed: ports and plain values, filled by bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.desk import Desk
from cases.documents import Papers, Reports
from cases.feed_ports import Feeds, Sources, Warnings
from cases.ports import Accounts, Classifier, Clock, Directory, Intake, LiveFeed, Positions, Registry, Views
from cases.register_imports import RegisterFiles
from cases.webhooks import Webhooks
from dashboard.base_map import BaseMap
from dashboard.looks import Sight
from dashboard.register_drafts import Drafts
from geo.grids import GridBook
from geo.landmarks import Landmarks


@dataclass(frozen=True, slots=True)
class DutyPost:
    """One post of today's roster: 指挥长 陈某."""

    post: str
    name: str


def _no_year(*_: datetime | None) -> tuple[int, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a page, a route or the live hub may use."""

    desk: Desk
    views: Views
    directory: Directory
    positions: Positions
    accounts: Accounts
    registry: Registry
    live: LiveFeed
    intake: Intake
    grids: GridBook
    clock: Clock
    title: str
    duty: Callable[[], Sequence[DutyPost]] = tuple  # the shift on duty now
    guessed_years: Callable[..., tuple[int, ...]] = _no_year  # of instants, those without an official calendar
    demo: bool = False
    secure_cookies: bool = False
    origins: tuple[str, ...] = ()
    public_url: str = ""  # where people outside reach us, without a slash at its end; a QR code begins with it
    behind_proxy: bool = False  # a visitor's address is then the last of X-Forwarded-For
    screens_per_account: int = 8
    uploads: str = ""  # folder of uploaded files
    register_files: RegisterFiles | None = None  # reads files for the registers
    drafts: Drafts = field(default_factory=Drafts)  # those that wait for 入库 or 弃置
    reports: Reports | None = None  # makes reports and ledgers
    papers: Papers | None = None  # writes documents down
    outbox: str = ""  # folder of scheduled reports
    feeds: Feeds | None = None  # refusals of the day and dead letters
    sources: Sources | None = None  # what each device sent
    warnings: Warnings | None = None  # takes warnings of other systems (CAP)
    cap_sender: str = "room.example"  # who our own CAP messages say they come from
    webhooks: Webhooks | None = None  # other systems that are told what happens
    metrics_token: str = ""  # opens /metrics; empty: there is none
    classifier: Classifier | None = None  # suggests a category while a call is taken
    least_confidence: float = 0.9  # below this a suggested category is never filled in without a person
    sight: Sight = Sight()  # from where the walls are read
    landmarks: Landmarks = Landmarks()  # cameras, sensitive places, rivers and roads
    base_map: BaseMap = BaseMap()  # the ground under the grids; none by default
