"""How a page or a route asks for a figure: in the scope of the visit, of a grid within it, of whole days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cases.indicators import REGISTER, Figure, FigureRows, Indicator, Narrowing, Period
from cases.model import Scope
from dashboard.services import Services
from geo.rings import ring_of

LONGEST = timedelta(days=3 * 366)
MOST_EXPORTED = 100_000


class BadQuestion(Exception):
    """A figure that cannot be asked for, in words; `is_absent` where what is asked about does not exist."""

    def __init__(self, msg: str, field: str, *, is_absent: bool = False) -> None:
        super().__init__(msg)
        self.msg, self.field, self.is_absent = msg, field, is_absent


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure, of which grid (None: the scope's own area), of which days, of which part of its cases."""

    id: str
    grid: str | None
    period: Period
    part: Narrowing = Narrowing()

    @property
    def indicator(self) -> Indicator:
        """The register's row."""
        return REGISTER[self.id]


def question(
    services: Services, scope: Scope, id: str, grid: str, since: str, until: str, part: Mapping[str, str] | None = None
) -> Question:
    """A question from the texts of an address: days as YYYY-MM-DD, both included; without them the month to date.

    Raises BadQuestion for an unknown figure, a grid outside the scope, days that are none, or a part it does not have.
    """
    if id not in REGISTER:
        raise BadQuestion("没有这个指标", "id", is_absent=True)
    if grid and (grid not in services.grids or not services.grids.within(grid, scope.area)):
        raise BadQuestion("没有这个网格，或不在您的辖区内", "grid", is_absent=True)
    usual = Period.to_date(services.clock())
    first, last = _day(since, "from") or usual.first, _day(until, "to") or usual.last
    if last < first:
        raise BadQuestion("起始日期晚于结束日期", "from")
    if last - first > LONGEST:
        raise BadQuestion("时间跨度最多三年", "to")
    return Question(id, grid or None, Period(first, last), _part(REGISTER[id], part or {}))


def _part(indicator: Indicator, said: Mapping[str, str]) -> Narrowing:
    try:
        part = Narrowing.read(said)
        indicator.check_part(part)
    except ValueError:
        raise BadQuestion("这个指标不能这样细分，或时段写得不对", "part") from None
    _check_ring(part)
    return part


def _check_ring(part: Narrowing) -> None:
    try:
        if part.ring:
            ring_of(part.ring)
    except ValueError as problem:
        raise BadQuestion(str(problem), "ring") from None


def _day(said: str, field: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadQuestion("日期请写成 2026-11-01", field) from None


def leaves(services: Services, scope: Scope, grid: str | None) -> Sequence[str]:
    """The innermost grids of a grid or of the scope's area."""
    book, area = services.grids, grid or scope.area
    return [code for code in book.codes(len(book.levels()) - 1) if book.within(code, area)]


def figure(services: Services, scope: Scope, asked: Question) -> Figure:
    """One figure. Blocking."""
    figures = services.registry.figures
    inner = leaves(services, scope, asked.grid) if "grids" in _sources(asked.indicator) else ()
    return figures.ask(asked.id, asked.grid, asked.period, scope, services.clock(), leaves=inner, part=asked.part)


def _sources(indicator: Indicator) -> set[str]:
    return {REGISTER.sets[name].source for name in indicator.sets}


def rows(services: Services, scope: Scope, asked: Question, page: int = 1, size: int = 50) -> FigureRows:
    """The cases behind a figure. Blocking."""
    figures = services.registry.figures
    return figures.rows(asked.id, asked.grid, asked.period, scope, services.clock(), page, size, part=asked.part)


def place_name(services: Services, scope: Scope, grid: str | None) -> str:
    """The name of the grid that is asked about."""
    code = grid or scope.area
    return services.grids.grid(code).name if code else services.grids.scheme.name
