"""One figure as it is told: its value, its base, as of when, and where its rows are; and the days it speaks of."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from cases.calendar import LOCAL
from cases.indicators.narrowing import Narrowing
from cases.model import Alert, Case

DAY = timedelta(days=1)
SMALL_BASE = 20  # below this a share or a median may be chance, and the figure says so


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days (Asia/Shanghai), `first` and `last` included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """ValueError for a period that ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"{self.first} … {self.last}")

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """A calendar month."""
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))

    @classmethod
    def to_date(cls, now: datetime) -> Period:
        """The running month up to today."""
        today = now.astimezone(LOCAL).date()
        return cls(today.replace(day=1), today)

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), LOCAL)

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + DAY, time(), LOCAL)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """上期: the period before; of whole months as many whole months, else as many days."""
        months = _whole_months(self)
        last = self.first - DAY
        return Period(_first_of(last, months - 1) if months else last - (self.days - 1) * DAY, last)

    @property
    def year_before(self) -> Period:
        """上年同期: the same days a year before; the end of February stays the end of February."""
        return Period(_year_back(self.first, is_end=False), _year_back(self.last, is_end=_is_month_end(self.last)))

    @property
    def words(self) -> str:
        """`2026 年 11 月`, `2026-11-21`, or both ends."""
        if self == Period.month(self.first.year, self.first.month):
            return f"{self.first.year} 年 {self.first.month} 月"
        return f"{self.first}" if self.first == self.last else f"{self.first} 至 {self.last}"


def _is_month_end(day: date) -> bool:
    return (day + DAY).day == 1


def _whole_months(period: Period) -> int:
    """How many whole calendar months a period is; 0 when it is none."""
    if period.first.day != 1 or not _is_month_end(period.last):
        return 0
    return (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1


def _first_of(day: date, months_back: int) -> date:
    months = day.year * 12 + day.month - 1 - months_back
    return date(months // 12, months % 12 + 1, 1)


def _year_back(day: date, *, is_end: bool) -> date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, last if is_end else min(day.day, last))


@dataclass(frozen=True, slots=True)
class Figure:
    """An answer of the register. `value` is None where there is nothing to make it of; a rate is a share (0–1).

    `numerator` and `base` are the counts it is made of: of a count `base` is the count itself, of a median how many
    durations there are, of a change the number before. `behind` counts the events that no figure knows yet.
    """

    id: str
    name: str
    value: float | None
    base: int
    numerator: int
    unit: str
    as_of: datetime
    link: str
    words: str
    definition: str
    direction: str  # which way is good: up, down or none
    grid: str
    period: Period
    is_small: bool = False
    behind: int = 0


@dataclass(frozen=True, slots=True)
class FigureRows:
    """The cases behind a figure, newest first: one page of them, and how many there are.

    `sets` says in which of the figure's named sets each case is. `not_cases` says in words what the figure counts where
    it does not count cases (alerts, hours of a seat, grids); `alerts` are those it counts at this moment, oldest first.
    """

    items: Sequence[Case]
    sets: Sequence[tuple[str, ...]]
    page: int
    total: int
    not_cases: str = ""
    alerts: Sequence[Alert] = ()


def link_of(id: str, grid: str, period: Period, part: Narrowing | None = None) -> str:
    """The permanent address of a figure's page, or of a part of its cases."""
    asked: dict[str, object] = {"grid": grid} if grid else {}
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return f"/figure/{id}?" + urlencode(asked | days | (part.asked if part else {}))
