"""The grid book: every grid of a scheme, its tree, and which grids hold a point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.check import check_nest
from geo.errors import UnknownGrid
from geo.locator import Locator, locator_for
from geo.nest import Nest, read_nest
from geo.report import GridDefects
from geo.scheme import Scheme

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Grid:
    """One grid: `level` from 0 (outermost), the parent's code, the boundary in WGS-84 lon/lat."""

    id: int
    code: str
    name: str
    level: int
    parent: str | None
    geometry: BaseGeometry
    properties: Mapping[str, object]
    kind: str = "territory"


class GridBook:
    """The grids of one scheme. Within a level they are ordered by code; a grid's `id` is its index in the book.

    Border rule (protocol.md §6): a point on a border belongs to the lowest code that touches it.
    """

    def __init__(self, scheme: Scheme, grids: Sequence[Grid]) -> None:
        self.scheme = scheme
        self._levels = [
            tuple(sorted((grid for grid in grids if grid.level == number), key=lambda grid: grid.code))
            for number in range(len(scheme.levels))
        ]
        # A code that two levels share means the outer grid.
        self._by_code = {grid.code: grid for level in reversed(self._levels) for grid in level}
        self._children: dict[str | None, list[Grid]] = {}
        for level in self._levels:
            for grid in level:
                self._children.setdefault(grid.parent, []).append(grid)
        self._ancestors: dict[str, tuple[str, ...]] = {}
        for level in self._levels:
            for grid in level:
                above = self._ancestors.get(grid.parent, ()) if grid.parent is not None else ()
                self._ancestors.setdefault(grid.code, (*above, grid.code))

    @classmethod
    def load(cls, folder: Path, *, strict: bool = True) -> "GridBook":
        """The book of a grid folder.

        Strict (the room): GridDefects, carrying the check's report, on any defect over 1 m². Not strict
        (tools): defects are mended in memory, overlaps and gaps stay as they are. GridError for files that
        cannot be used.
        """
        nest = read_nest(Path(folder))
        if not strict:
            return cls.of_nest(nest)
        report = check_nest(nest)
        if not report.ok:
            raise GridDefects(report)
        book = cls.of_nest(nest)
        book.locate(0.0, 0.0)  # a room pays for the index at its start, not at the first report
        return book

    @classmethod
    def of_nest(cls, nest: Nest) -> "GridBook":
        """The book of a nest already read."""
        cells = [cell for level in nest.levels for cell in level]
        return cls(
            nest.scheme,
            [
                Grid(
                    number,
                    cell.code,
                    cell.name,
                    cell.level,
                    cell.parent,
                    cell.geometry,
                    MappingProxyType(dict(cell.properties)),
                    str(cell.properties.get("kind") or "territory"),
                )
                for number, cell in enumerate(cells)
            ],
        )

    # the tree --------------------------------------------------------------------------------------------

    def levels(self) -> tuple[str, ...]:
        """The names of the levels, outermost first."""
        return tuple(level.name for level in self.scheme.levels)

    def grids(self, level: int | None = None, parent: str | None = None) -> tuple[Grid, ...]:
        """All grids, or those of one level, or those under one parent; by level, then by code."""
        chosen = self._levels if level is None else self._levels[level : level + 1]
        return tuple(grid for grids in chosen for grid in grids if parent is None or grid.parent == parent)

    def grid(self, code: str) -> Grid:
        """The grid with this code; UnknownGrid (a KeyError) if there is none."""
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownGrid(code) from None

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes from the outermost grid down to this one, itself included."""
        self.grid(code)
        return self._ancestors[code]

    def children(self, code: str) -> tuple[Grid, ...]:
        """The grids directly under this one, by code."""
        self.grid(code)
        return tuple(self._children.get(code, ()))

    def within(self, code: str, area: str) -> bool:
        """Whether a grid is `area` or lies under it in the tree; area "" means everything."""
        return area == "" or area in self.ancestors(code)

    def codes(self, level: int) -> list[str]:
        """The codes of a level, in the order that `locate_many` counts in."""
        return [grid.code for grid in self._levels[level]]

    # locating --------------------------------------------------------------------------------------------

    def locate(self, lon: float, lat: float) -> tuple[str | None, ...]:
        """For a WGS-84 point one code a level, outermost first; None where no grid of the level holds it."""
        return self._locator.locate(lon, lat)

    def locate_many(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[Ints, ...]:
        """For arrays of WGS-84 points, a level: the index into `codes(level)`, -1 where none holds the point."""
        return self._locator.locate_many(np.asarray(lons, np.float64), np.asarray(lats, np.float64))

    def on_border(self, lon: float, lat: float) -> bool:
        """Whether a WGS-84 point lies exactly on the border of some grid."""
        return self._locator.on_border(lon, lat)

    @cached_property
    def _locator(self) -> Locator:
        return locator_for(self._levels)
