"""What is kept beside the cases: secrets, disclosures, indicators, a grid's past, registers; and all of it in one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cases.happenings import Happening, Mix, Repeat
from cases.indicators import Figure, FigureRows, Narrowing, Period
from cases.model import Case, CaseNo, Scope
from cases.ports.meetings import Meetings
from cases.ports.people import Kiosks, Shifts
from cases.ports.views import Records, Told
from cases.registers import Load, Record, RegisterState
from cases.surveys import Surveys

if TYPE_CHECKING:
    from cases.past import Past


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
