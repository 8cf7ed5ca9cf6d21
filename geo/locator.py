"""Which grids hold a point, on all levels at once: rasters for nearly all points, GEOS for those on a border."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely

from geo.exactness import Nested, parents_if_exact
from geo.raster import Raster
from geo.rasterise import NONE, UNSURE

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Codes = tuple[str | None, ...]


class Locator(Protocol):
    """Places are WGS-84 degrees; grids of a level are counted in the order of their codes."""

    def locate(self, lon: float, lat: float) -> Codes:
        """One code a level, outermost first, or None."""

    def locate_many(self, lons: Floats, lats: Floats) -> tuple[Ints, ...]:
        """The index of the grid, a level; -1 for none."""

    def on_border(self, lon: float, lat: float) -> bool:
        """Whether the point lies exactly on some grid's border."""


def locator_for(levels: Sequence[Sequence[Nested]]) -> Locator:
    """The quick locator where the nest is proved exact, else one that asks every level's own polygons."""
    tables = parents_if_exact(levels)
    return ExactNest(levels, tables) if tables is not None else LooseLevels(levels)


class Borders:
    """One level's polygons in a tree: slow, and right on borders, where the lowest code holds the point."""

    def __init__(self, level: Sequence[Nested]) -> None:
        self.codes: list[str] = [grid.code for grid in level]
        self._tree = shapely.STRtree([grid.geometry for grid in level])

    def code_at(self, lon: float, lat: float) -> str | None:
        """The lowest code that touches a point."""
        touching = self._tree.query(shapely.points(lon, lat), predicate="intersects")
        return self.codes[int(touching.min())] if len(touching) else None

    def lowest_touching(self, lons: Floats, lats: Floats) -> Ints:
        """The index of the lowest code that touches each point, or NONE."""
        point, grid = self._tree.query(shapely.points(lons, lats), predicate="intersects")
        lowest = np.full(len(lons), len(self.codes), dtype=np.int32)
        np.minimum.at(lowest, point, grid.astype(np.int32))
        return np.where(lowest == len(self.codes), NONE, lowest).astype(np.int32)

    def has_border_at(self, lon: float, lat: float) -> bool:
        """Whether a point lies on the border of one of the polygons."""
        return len(self._tree.query(shapely.points(lon, lat), predicate="touches")) > 0


class ExactNest:
    """The leaf level's raster answers for every level: a leaf has one ancestor on each."""

    def __init__(self, levels: Sequence[Sequence[Nested]], tables: Sequence[Ints]) -> None:
        self._borders = [Borders(level) for level in levels]
        self._raster = Raster([grid.geometry for grid in levels[-1]])
        # UNSURE is -2 and NONE -1: two places in front of each table, where they stand for themselves.
        self._tables = [np.concatenate([[UNSURE, NONE], table]).astype(np.int32) for table in tables[:-1]]
        named = ([border.codes[at] for at in table] for border, table in zip(self._borders, tables, strict=True))
        self._chains: list[Codes] = list(zip(*named, strict=True))
        self._nowhere: Codes = (None,) * len(levels)

    def locate(self, lon: float, lat: float) -> Codes:
        """One code a level, outermost first, or None."""
        leaf = self._raster.find(lon, lat)
        if leaf >= 0:
            return self._chains[leaf]
        if leaf == NONE:
            return self._nowhere
        return tuple(border.code_at(lon, lat) for border in self._borders)

    def locate_many(self, lons: Floats, lats: Floats) -> tuple[Ints, ...]:
        """The index of the grid, a level; -1 for none."""
        leaf = self._raster.find_many(lons, lats)
        place = leaf.astype(np.intp)
        place += 2
        answers = [*(table.take(place, mode="clip") for table in self._tables), leaf]
        unsure = np.flatnonzero(leaf == UNSURE)
        if len(unsure):
            for answer, border in zip(answers, self._borders, strict=True):
                answer[unsure] = border.lowest_touching(lons[unsure], lats[unsure])
        return tuple(answers)

    def on_border(self, lon: float, lat: float) -> bool:
        """Whether the point lies exactly on some grid's border; every border is a leaf's border."""
        return self._raster.find(lon, lat) == UNSURE and self._borders[-1].has_border_at(lon, lat)


class LooseLevels:
    """A raster a level: what one level answers says nothing about another."""

    def __init__(self, levels: Sequence[Sequence[Nested]]) -> None:
        self._levels = [(Borders(level), Raster([grid.geometry for grid in level])) for level in levels]

    def locate(self, lon: float, lat: float) -> Codes:
        """One code a level, outermost first, or None."""
        codes = []
        for border, raster in self._levels:
            index = raster.find(lon, lat)
            codes.append(border.codes[index] if index >= 0 else None if index == NONE else border.code_at(lon, lat))
        return tuple(codes)

    def locate_many(self, lons: Floats, lats: Floats) -> tuple[Ints, ...]:
        """The index of the grid, a level; -1 for none."""
        answers = []
        for border, raster in self._levels:
            answer = raster.find_many(lons, lats)
            unsure = np.flatnonzero(answer == UNSURE)
            if len(unsure):
                answer[unsure] = border.lowest_touching(lons[unsure], lats[unsure])
            answers.append(answer)
        return tuple(answers)

    def on_border(self, lon: float, lat: float) -> bool:
        """Whether the point lies exactly on some grid's border; a polygon above may hide that from a raster."""
        return any(border.has_border_at(lon, lat) for border, _ in self._levels)
