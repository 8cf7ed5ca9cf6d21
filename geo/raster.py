"""Locating by raster: one read for most points, a few edges for the rest, exact or openly unsure.

A single edge runs through its cell from side to side with its polygon on the left: a point left of it is inside.
Where a cell has several edges of a polygon, the point is joined to the cell's centre by an L-shaped path (along
its parallel, then along the centre's meridian) and the crossings with those edges are counted: an odd number
means that exactly one of point and centre is inside. Sides are taken from Shewchuk's orientation test with its
error bound; where the bound cannot decide (on a border, or within rounding of one) the answer is UNSURE and the
caller asks GEOS. Coordinates are lon/lat degrees, planar, as the polygons are.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.rasterise import FIRST_EDGE_CELL, NONE, UNSURE, Flags, Floats, Ints, rasterise, repeated

_ERROR_BOUND = 4e-16  # a little over Shewchuk's ccwerrboundA, (3 + 16ε)ε with ε = 2⁻⁵³
_CHUNK, _HARD_CHUNK = 1 << 14, 1 << 16  # points at a time: temporaries stay in the processor's cache


class Raster:
    """Finds the lowest-numbered of some polygons that holds a point: its number, NONE or UNSURE."""

    def __init__(self, polygons: Sequence[BaseGeometry]) -> None:
        made = rasterise(polygons)
        self._frame, self._cells = made.frame, made.cells
        self._ends = (made.edges.x0, made.edges.y0, made.edges.x1, made.edges.y1)
        self._bounds, self._edge = made.bounds, made.edge
        self._owner = made.entries.owner.astype(np.int32)
        self._start, self._count = made.entries.start.astype(np.int32), made.entries.count.astype(np.int32)
        self._holds_centre = made.entries.holds_centre
        self._cells_per_degree = 1.0 / made.frame.step
        self._edge_view = _view(self._edge)
        self._entry_views = [_view(array) for array in (self._bounds, self._owner, self._start, self._count)]
        self._end_views = [_view(array) for array in self._ends]
        frame = made.frame
        numbers = (frame.west, frame.south, self._cells_per_degree, frame.columns, frame.rows)
        self._single = (*numbers, _view(self._cells))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        entries = (self._owner, self._start, self._count, self._holds_centre)
        return sum(array.nbytes for array in (self._cells, self._bounds, self._edge, *entries, *self._ends))

    def find(self, lon: float, lat: float) -> int:
        """The polygon that holds one point."""
        west, south, cells_per_degree, columns, rows, cells = self._single
        column, row = (lon - west) * cells_per_degree, (lat - south) * cells_per_degree
        if not (0 <= column < columns and 0 <= row < rows):  # NaN fails, too
            return NONE
        value = cells[int(row) * columns + int(column)]
        return value if value > FIRST_EDGE_CELL else self._decide(FIRST_EDGE_CELL - value, lon, lat, column, row)

    def _decide(self, cell: int, lon: float, lat: float, column: float, row: float) -> int:
        """`_decide_many` for one point, in plain Python: quicker than numpy for a handful of edges."""
        first, owner, start, count = self._entry_views
        x0, y0, x1, y1 = self._end_views
        for entry in range(first[cell], first[cell + 1]):
            if count[entry] == 1:
                edge = self._edge_view[start[entry]]
                turn = _turn(x0[edge], y0[edge], x1[edge], y1[edge], lon, lat)
                holds = None if turn == 0 else turn > 0
            else:
                holds = self._holds(entry, lon, lat, int(column), int(row))
            if holds is None:
                return UNSURE
            if holds:
                return int(owner[entry])
        return NONE

    def _holds(self, entry: int, lon: float, lat: float, column: int, row: int) -> bool | None:
        """Whether an entry's polygon holds the point; None where rounding leaves it open."""
        mid_lon = self._frame.west + (column + 0.5) * self._frame.step
        mid_lat = self._frame.south + (row + 0.5) * self._frame.step
        x0, y0, x1, y1 = self._end_views
        holds = bool(self._holds_centre[entry])
        start = self._start[entry]
        for edge in self._edge_view[start : start + self._count[entry]]:
            crossed = _crosses(x0[edge], y0[edge], x1[edge], y1[edge], lon, lat, mid_lon, mid_lat)
            if crossed is None:
                return None
            holds ^= crossed
        return holds

    def find_many(self, lons: Floats, lats: Floats) -> Ints:
        """The polygon that holds each point, for float64 arrays of equal length."""
        found = np.empty(len(lons), dtype=np.int32)
        for start in range(0, len(lons), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._cell_values(lons[part], lats[part])
        hard = np.flatnonzero(found <= FIRST_EDGE_CELL)
        for start in range(0, len(hard), _HARD_CHUNK):
            some = hard[start : start + _HARD_CHUNK]
            found[some] = self._decide_many(found[some], lons[some], lats[some])
        return found

    def _cell_values(self, lons: Floats, lats: Floats) -> Ints:
        frame = self._frame
        columns, rows = lons - frame.west, lats - frame.south
        columns *= self._cells_per_degree
        rows *= self._cells_per_degree
        if not _all_between(columns, frame.columns) or not _all_between(rows, frame.rows):
            inside = (columns >= 0) & (columns < frame.columns) & (rows >= 0) & (rows < frame.rows)
            columns, rows = np.where(inside, columns, 0), np.where(inside, rows, 0)  # the corner cell is empty
        np.floor(rows, out=rows)
        rows *= frame.columns
        np.floor(columns, out=columns)
        rows += columns
        return self._cells.take(rows.astype(np.intp), mode="clip")

    def _decide_many(self, values: Ints, lons: Floats, lats: Floats) -> Ints:
        """Ask each edge cell's polygons in turn, lowest number first, until one holds the point."""
        frame = self._frame
        mid_lon = frame.west + (np.floor((lons - frame.west) * self._cells_per_degree) + 0.5) * frame.step
        mid_lat = frame.south + (np.floor((lats - frame.south) * self._cells_per_degree) + 0.5) * frame.step
        entry, stop = self._bounds[FIRST_EDGE_CELL - values], self._bounds[FIRST_EDGE_CELL + 1 - values]
        found = np.full(len(values), NONE, dtype=np.int32)
        open_points = np.arange(len(values))
        while len(open_points):
            places = (lons[open_points], lats[open_points], mid_lon[open_points], mid_lat[open_points])
            holds, unsure = self._hold(entry[open_points], *places)
            found[open_points] = np.where(unsure, UNSURE, np.where(holds, self._owner[entry[open_points]], NONE))
            entry[open_points] += 1
            open_points = open_points[~holds & ~unsure & (entry[open_points] < stop[open_points])]
        return found

    def _hold(self, entry: Ints, lons: Floats, lats: Floats, mid_lons: Floats, mid_lats: Floats) -> tuple[Flags, Flags]:
        """Whether each entry's polygon holds its point, and where rounding leaves that open."""
        single = self._count[entry] == 1
        edge = self._edge[self._start[entry]]
        x0, y0, x1, y1 = (ends[edge] for ends in self._ends)
        holds, unsure = _side(x0, y0, x1, y1, lons, lats)
        rest = np.flatnonzero(~single)
        odd, unsure[rest] = self._crossings(entry[rest], lons[rest], lats[rest], mid_lons[rest], mid_lats[rest])
        holds[rest] = self._holds_centre[entry[rest]] ^ odd
        return holds, unsure

    def _crossings(
        self, entry: Ints, lons: Floats, lats: Floats, mid_lons: Floats, mid_lats: Floats
    ) -> tuple[Flags, Flags]:
        """Whether the path from point to cell centre crosses the entry's polygon an odd number of times, and
        whether that could not be said for sure."""
        point, nth = repeated(self._count[entry].astype(np.int64))
        edge = self._edge[self._start[entry][point] + nth]
        x0, y0, x1, y1 = (ends[edge] for ends in self._ends)
        x, y, mid_x, mid_y = lons[point], lats[point], mid_lons[point], mid_lats[point]
        along_parallel = (y0 > y) != (y1 > y)
        along_meridian = (x0 > mid_x) != (x1 > mid_x)
        side, side_unsure = _side(x0, y0, x1, y1, x, y)
        corner, corner_unsure = _side(x0, y0, x1, y1, mid_x, y)
        centre, centre_unsure = _side(x0, y0, x1, y1, mid_x, mid_y)
        crossed = (along_parallel & (side != corner)) ^ (along_meridian & (corner != centre))
        may_touch = (np.minimum(y0, y1) <= y) & (y <= np.maximum(y0, y1))
        doubt = side_unsure & may_touch
        doubt |= corner_unsure & (along_parallel | along_meridian)
        doubt |= centre_unsure & along_meridian
        odd = np.bincount(point[crossed], minlength=len(entry)) & 1
        return odd.astype(bool), np.bincount(point[doubt], minlength=len(entry)) > 0


def _view(array: Any) -> "memoryview[Any]":
    """An array as something plain Python indexes quickly; its items come out as int, float or bool."""
    return memoryview(array)


def _all_between(values: Floats, stop: int) -> bool:
    """Whether all are in [0, stop); NaN is not."""
    return len(values) == 0 or bool(values.min() >= 0 and values.max() < stop)


def _crosses(
    x0: float, y0: float, x1: float, y1: float, lon: float, lat: float, mid_lon: float, mid_lat: float
) -> bool | None:
    """Whether one edge crosses the path from point to cell centre oddly; None where rounding leaves it open."""
    along_parallel, along_meridian = (y0 > lat) != (y1 > lat), (x0 > mid_lon) != (x1 > mid_lon)
    if (y0 <= lat <= y1 or y1 <= lat <= y0) and _turn(x0, y0, x1, y1, lon, lat) == 0:
        return None
    crossed = False
    if along_parallel or along_meridian:
        corner = _turn(x0, y0, x1, y1, mid_lon, lat)
        if corner == 0:
            return None
        if along_parallel:
            crossed = (_turn(x0, y0, x1, y1, lon, lat) > 0) != (corner > 0)
        if along_meridian:
            centre = _turn(x0, y0, x1, y1, mid_lon, mid_lat)
            if centre == 0:
                return None
            crossed ^= (corner > 0) != (centre > 0)
    return crossed


def _turn(x0: float, y0: float, x1: float, y1: float, x: float, y: float) -> float:
    """Positive left of the edge, negative right of it, 0 where rounding leaves it open."""
    one, other = (x0 - x) * (y1 - y), (y0 - y) * (x1 - x)
    turn = one - other
    return turn if abs(turn) > _ERROR_BOUND * (abs(one) + abs(other)) else 0.0


def _side(x0: Floats, y0: Floats, x1: Floats, y1: Floats, x: Floats, y: Floats) -> tuple[Flags, Flags]:
    """Whether a point lies left of an edge, and whether rounding leaves that open."""
    one, other = (x0 - x) * (y1 - y), (y0 - y) * (x1 - x)
    turn = one - other
    return turn > 0, np.abs(turn) <= _ERROR_BOUND * (np.abs(one) + np.abs(other))
