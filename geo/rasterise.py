"""Builds the locating raster: which cells lie wholly in one polygon, and which edges cross the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

NONE = -1
UNSURE = -2
FIRST_EDGE_CELL = -3  # the value of edge cell 0; -4 of edge cell 1; …

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_MARGIN = 1e-6  # of a cell: far above rounding, far too thin to be met often
_CELLS_PER_EDGE = 32
_FEWEST_CELLS, _MOST_CELLS = 1 << 20, 1 << 24


@dataclass(frozen=True, slots=True)
class Edges:
    """Polygon edges: end points in degrees, the polygon on the left, and the number of that polygon."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    owner: Longs


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the raster lies: south-west corner and cell size in degrees, and how many cells."""

    west: float
    south: float
    step: float
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Entries:
    """Polygons that an edge cell may belong to, by cell, lowest number first.

    `edge[start:start + count]` are the polygon's edges in the cell; `holds_centre` says whether the polygon
    holds the cell's centre.
    """

    cell: Longs
    owner: Longs
    start: Longs
    count: Longs
    holds_centre: Flags


@dataclass(frozen=True, slots=True)
class Spans:
    """Runs of cells of one row whose centres lie in one polygon, sorted by polygon, row and first column.

    `stop` is exclusive. `too_close` are cells whose centre lies within rounding of an edge.
    """

    owner: Longs
    row: Longs
    first: Longs
    stop: Longs
    too_close: Longs


@dataclass(frozen=True, slots=True)
class Rasterised:
    """The cells, row by row from the south-west, with what is needed to decide the edge cells.

    A cell is a polygon's number, NONE, UNSURE, or FIRST_EDGE_CELL - k for edge cell k, whose entries are
    `bounds[k]:bounds[k + 1]`. `edge` lists edge numbers, entry by entry.
    """

    frame: Frame
    edges: Edges
    cells: Ints
    bounds: Ints
    entries: Entries
    edge: Ints


def rasterise(polygons: Sequence[BaseGeometry]) -> Rasterised:
    """The raster of valid lon/lat polygons; where they overlap, the lowest number holds the point."""
    edges = _edges_of(np.asarray(polygons, dtype=object))
    frame = _frame_around(edges)
    spans = _spans(edges, frame)
    number, numbers_sum = _coverage(spans, frame)
    entries, edge = _entries(edges, frame, spans)
    entries, unsure = _with_covering(entries, number, numbers_sum)
    cells = numbers_sum  # right where one polygon covers; the array is large, so it is corrected in place
    np.putmask(cells, number == 0, NONE)
    np.putmask(cells, number > 1, UNSURE)
    edge_cells, first = np.unique(entries.cell, return_index=True)
    cells[edge_cells] = FIRST_EDGE_CELL - np.arange(len(edge_cells), dtype=np.int32)
    cells[unsure] = UNSURE
    cells[spans.too_close] = UNSURE
    bounds = np.append(first, len(entries.cell)).astype(np.int32)
    return Rasterised(frame, edges, cells, bounds, entries, edge)


def repeated(counts: Longs) -> tuple[Longs, Longs]:
    """For [2, 3] the pairs (0,0) (0,1) (1,0) (1,1) (1,2), as two arrays: which item, and its how-manieth."""
    item = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return item, np.arange(len(item)) - before[item]


def _edges_of(polygons: npt.NDArray[np.object_]) -> Edges:
    parts, part_owner = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    corners, corner_ring = shapely.get_coordinates(rings, return_index=True)
    joined = corner_ring[1:] == corner_ring[:-1]
    start, end = corners[:-1][joined], corners[1:][joined]
    owner = part_owner[ring_part[corner_ring[:-1][joined]]].astype(np.int64)
    x0, y0, x1, y1 = (np.ascontiguousarray(ends[:, axis]) for ends in (start, end) for axis in (0, 1))
    return Edges(x0, y0, x1, y1, owner)


def _frame_around(edges: Edges) -> Frame:
    """Square cells, their number in proportion to the edges, and one empty cell all around."""
    if not len(edges.x0):
        return Frame(0.0, 0.0, 1.0, 1, 1)
    west, east = float(edges.x0.min()), float(edges.x0.max())
    south, north = float(edges.y0.min()), float(edges.y0.max())
    wanted = min(max(len(edges.x0) * _CELLS_PER_EDGE, _FEWEST_CELLS), _MOST_CELLS)
    step = math.sqrt((east - west) * (north - south) / wanted)
    columns, rows = (math.ceil(extent / step) + 2 for extent in (east - west, north - south))
    return Frame(west - step, south - step, step, columns, rows)


def _touched_cells(edges: Edges, frame: Frame) -> tuple[Longs, Longs]:
    """Every (cell, edge) pair that meets, with a margin, so that rounding never loses one."""
    u0, v0 = (edges.x0 - frame.west) / frame.step, (edges.y0 - frame.south) / frame.step
    u1, v1 = (edges.x1 - frame.west) / frame.step, (edges.y1 - frame.south) / frame.step
    low = np.floor(np.minimum(v0, v1) - _MARGIN).astype(np.int64)
    high = np.floor(np.maximum(v0, v1) + _MARGIN).astype(np.int64)
    edge, nth = repeated(high - low + 1)
    row = low[edge] + nth
    enter, leave = _part_in_slab(v0[edge], v1[edge], row)
    at_enter, at_leave = u0[edge] + (u1 - u0)[edge] * enter, u0[edge] + (u1 - u0)[edge] * leave
    left = np.floor(np.minimum(at_enter, at_leave) - _MARGIN).astype(np.int64)
    right = np.floor(np.maximum(at_enter, at_leave) + _MARGIN).astype(np.int64)
    piece, nth = repeated(right - left + 1)
    return row[piece] * frame.columns + left[piece] + nth, edge[piece]


def _part_in_slab(v0: Floats, v1: Floats, row: Longs) -> tuple[Floats, Floats]:
    """Between which fractions of its length an edge runs inside a row of cells; level edges do so wholly."""
    rise = v1 - v0
    is_level = rise == 0
    safe = np.where(is_level, 1.0, rise)
    one = np.clip((row - _MARGIN - v0) / safe, 0.0, 1.0)
    other = np.clip((row + 1 + _MARGIN - v0) / safe, 0.0, 1.0)
    return np.where(is_level, 0.0, one), np.where(is_level, 1.0, other)


def _spans(edges: Edges, frame: Frame) -> Spans:
    """Cut every polygon along the centre line of every row, and pair the crossings from west to east."""
    low = np.floor((np.minimum(edges.y0, edges.y1) - frame.south) / frame.step - 1).astype(np.int64)
    high = np.floor((np.maximum(edges.y0, edges.y1) - frame.south) / frame.step + 1).astype(np.int64)
    edge, nth = repeated(high - low + 1)
    row = low[edge] + nth
    centre_lat = frame.south + (row + 0.5) * frame.step
    crosses = (edges.y0[edge] > centre_lat) != (edges.y1[edge] > centre_lat)
    edge, row, centre_lat = edge[crosses], row[crosses], centre_lat[crosses]
    x0, y0 = edges.x0[edge], edges.y0[edge]
    x = x0 + (centre_lat - y0) * (edges.x1[edge] - x0) / (edges.y1[edge] - y0)
    at = (x - frame.west) / frame.step - 0.5  # whole numbers are cell centres
    near = np.abs(at - np.rint(at)) < _MARGIN
    too_close = row[near] * frame.columns + np.rint(at[near]).astype(np.int64)
    column = np.floor(at).astype(np.int64) + 1
    order = np.lexsort((x, edges.owner[edge] * frame.rows + row))
    column, row, owner = column[order], row[order], edges.owner[edge][order]
    return Spans(owner[::2], row[::2], column[::2], column[1::2], too_close)


def _coverage(spans: Spans, frame: Frame) -> tuple[Ints, Ints]:
    """For every cell: how many polygons hold its centre, and the sum of their numbers."""
    size = frame.rows * frame.columns
    number, numbers_sum = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    base = spans.row * frame.columns
    owner = spans.owner.astype(np.int32)
    np.add.at(number, base + spans.first, 1)
    np.subtract.at(number, base + spans.stop, 1)
    np.add.at(numbers_sum, base + spans.first, owner)
    np.subtract.at(numbers_sum, base + spans.stop, owner)
    return np.cumsum(number, out=number), np.cumsum(numbers_sum, out=numbers_sum)


def _entries(edges: Edges, frame: Frame, spans: Spans) -> tuple[Entries, Ints]:
    """Group the touched cells by cell and polygon; the second array lists the edges, group by group."""
    cell, edge = _touched_cells(edges, frame)
    polygons = int(edges.owner[-1]) + 1 if len(edges.owner) else 1
    key = cell * polygons + edges.owner[edge]
    order = np.argsort(key)
    key, start, count = np.unique(key[order], return_index=True, return_counts=True)
    cell, owner = key // polygons, key % polygons
    holds = _holds_centre(cell, owner, spans, frame)
    return Entries(cell, owner, start, count, holds), edge[order].astype(np.int32)


def _holds_centre(cell: Longs, owner: Longs, spans: Spans, frame: Frame) -> Flags:
    size = frame.rows * frame.columns
    starts = spans.owner * size + spans.row * frame.columns + spans.first
    stops = spans.owner * size + spans.row * frame.columns + spans.stop
    wanted = owner * size + cell
    before = np.searchsorted(starts, wanted, side="right") - 1
    return np.asarray((before >= 0) & (wanted < stops[before])) if len(stops) else np.zeros(len(cell), bool)


def _with_covering(entries: Entries, number: Ints, numbers_sum: Ints) -> tuple[Entries, Longs]:
    """Add to the edge cells the polygon that covers them wholly (overlaps); two or more make a cell UNSURE."""
    cells, at = np.unique(entries.cell, return_inverse=True)
    held = np.bincount(at, weights=entries.holds_centre, minlength=len(cells)).astype(np.int64)
    held_sum = np.bincount(at, weights=entries.holds_centre * entries.owner, minlength=len(cells))
    covering = number[cells] - held
    one = covering == 1
    owner = numbers_sum[cells[one]] - held_sum[one].astype(np.int64)
    zero = np.zeros(len(owner), dtype=np.int64)
    if not len(owner):
        return entries, cells[covering > 1]
    cell = np.concatenate([entries.cell, cells[one]])
    owner = np.concatenate([entries.owner, owner])
    start, count = np.concatenate([entries.start, zero]), np.concatenate([entries.count, zero])
    holds = np.concatenate([entries.holds_centre, np.ones(len(zero), dtype=bool)])
    order = np.lexsort((owner, cell))
    merged = Entries(cell[order], owner[order], start[order], count[order], holds[order])
    return merged, cells[covering > 1]
