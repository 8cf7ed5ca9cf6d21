"""A cell under analysis: a grid or an area drawn by hand, a span of weeks, and everything counted in it, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shapely.geometry.base import BaseGeometry

from cases.calendar import LOCAL
from cases.happenings import WEEK, YEAR, Happening, Mix, Repeat, by_week, mix_of, repeats, week_starts
from cases.indicators import Narrowing, Period, link_of
from cases.model import Scope
from dashboard.services import Services
from dashboard.session import Visit
from geo.grids import GridBook
from geo.rings import inside, ring_of

WEEKS = (4, 12, 26, 52)
DEFAULT_WEEKS = 12
MOST = 20_000
"""Cases that one look reads; of more, the newest, and the page says so."""


class BadCell(ValueError):
    """An address that names no cell; the message is for people."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is looked at: a grid by its code, or a shape in WGS-84 (then `code` is the area it is cut from)."""

    code: str
    name: str
    shape: BaseGeometry | None = None
    corners: str = ""  # the shape as the address has it

    @property
    def part(self) -> Narrowing:
        """What of its grid's cases are its own."""
        return Narrowing(ring=self.corners or None)


@dataclass(frozen=True, slots=True)
class CellPast:
    """What happened in a cell in [starts[0], now), as of `now`; `is_cut` when there was more than one look reads.

    Weekly counts run along `starts`; `siblings` are by code, `year_ago` are the same weeks of the year before and None
    where the record does not go back. Every count is the register's set `received` or a part of it, and opens that
    figure; `happenings` are the cases themselves, at most MOST. Of a grid only tests of place and time need them.
    """

    cell: Cell
    starts: Sequence[datetime]
    now: datetime
    happenings: Sequence[Happening]
    is_cut: bool
    mix: Mix
    repeats: Sequence[Repeat]
    weekly: Sequence[int]
    year_ago: Sequence[int] | None
    siblings: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def base(self) -> int:
        """How many cases everything here is made of."""
        return self.mix.base

    @property
    def period(self) -> Period:
        """The days looked at, today included."""
        return Period(self.starts[0].astimezone(LOCAL).date(), self.now.astimezone(LOCAL).date())

    def week_rows(self, number: int) -> str:
        """Where the rows of a week are: the register's figure of its days."""
        first = self.starts[number].astimezone(LOCAL).date()
        last = min(first + timedelta(days=6), self.now.astimezone(LOCAL).date())
        return link_of("received", self.cell.code, Period(first, last), self.cell.part)

    def rows(self, part: Narrowing | None = None) -> str:
        """Where the rows of the span, or of a part of it, are."""
        mine = replace(part, ring=self.cell.part.ring) if part else self.cell.part
        return link_of("received", self.cell.code, self.period, mine)

    @property
    def file(self) -> str:
        """All rows of the span as a file."""
        return f"/api/v1/figures/received/export.csv?{self.rows().partition('?')[2]}"


def weeks_of(asked: str | None) -> int:
    """The span that an address asks for, in weeks; the default for what is not offered."""
    return int(asked) if asked in {str(each) for each in WEEKS} else DEFAULT_WEEKS


def drawn(corners: str, area: str, book: GridBook) -> Cell:
    """The cell of an address's `lon,lat;lon,lat;…` (WGS-84) within an area; BadCell says what is wrong."""
    try:
        shape = ring_of(corners)
    except ValueError as problem:
        raise BadCell(str(problem)) from None
    name = f"圈定范围（{book.grid(area).name}内）" if area else "圈定范围"
    return Cell(area, name, shape, corners)


def read(cell: Cell, weeks: int, services: Services, seen: Visit) -> CellPast:
    """Everything counted in a cell within the visit's scope. Blocking."""
    now = services.clock()
    starts = week_starts(now, weeks)
    return (
        _drawn_past(cell, starts, now, services, seen) if cell.shape else _grid_past(cell, starts, now, services, seen)
    )


def _drawn_past(cell: Cell, starts: Sequence[datetime], now: datetime, services: Services, seen: Visit) -> CellPast:
    """The register's set of the shape, counted from its cases: kept tallies know grids only."""
    scope, past = scope_of_cell(cell, seen), services.registry.grid_past
    found = past.cases(scope, starts[0], now, MOST, _box(cell))
    mine = within(cell, found)
    ago = within(cell, past.cases(scope, starts[0] - YEAR, starts[-1] + WEEK - YEAR, MOST, _box(cell)))
    again, weekly = repeats(mine), by_week(mine, starts)
    return CellPast(cell, starts, now, mine, len(found) == MOST, mix_of(mine), again, weekly, _ago(ago, starts))


def _grid_past(cell: Cell, starts: Sequence[datetime], now: datetime, services: Services, seen: Visit) -> CellPast:
    """The register's set of the grid and its parts, and the same weeks of its siblings and of the year before."""
    scope, past = scope_of_cell(cell, seen), services.registry.grid_past
    others = (other for other in siblings_of(services.grids, cell.code) if _is_seen(services, other, seen))
    counts = past.weekly([cell.code, *others], starts, seen.scope)
    before = past.weekly([cell.code], [start - YEAR for start in starts], scope)[cell.code]
    found = past.cases(scope, starts[0], now, MOST)
    return CellPast(
        cell,
        starts,
        now,
        found,
        len(found) == MOST,
        past.mix(scope, starts[0], now),
        past.repeats(scope, starts[0], now),
        counts[cell.code],
        before if any(before) else None,
        counts,
    )


def scope_of_cell(cell: Cell, seen: Visit) -> Scope:
    """The visit's scope narrowed to the cell's grid."""
    return replace(seen.scope, area=cell.code or seen.scope.area, account="")


def within(cell: Cell, found: Sequence[Happening]) -> list[Happening]:
    """Those that lie in a drawn shape; all for a grid, whose cases its code names."""
    if cell.shape is None:
        return list(found)
    hit = inside(cell.shape, [each.lon for each in found], [each.lat for each in found])
    return [each for each, is_in in zip(found, hit, strict=True) if is_in]


def siblings_of(book: GridBook, code: str) -> list[str]:
    """The other grids of the same parent, or of the outermost level."""
    grid = book.grid(code)
    level = book.children(grid.parent) if grid.parent is not None else book.grids(0)
    return [other.code for other in level if other.code != code]


def _is_seen(services: Services, code: str, seen: Visit) -> bool:
    return services.grids.within(code, seen.scope.area)


def _box(cell: Cell) -> tuple[float, float, float, float] | None:
    return None if cell.shape is None else cell.shape.bounds  # type: ignore[return-value]


def _ago(before: Sequence[Happening], starts: Sequence[datetime]) -> list[int] | None:
    return by_week(before, [start - YEAR for start in starts]) if before else None
