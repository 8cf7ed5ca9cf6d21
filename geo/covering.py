"""Which grids an area touches, which one holds all of it, and where on the map it may be marked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.distance import EARTH_RADIUS_M, metres
from geo.grids import GridBook

_CORNERS = 64  # of a disc
MOST_RINGS, MOST_CORNERS = 20, 200  # of what is drawn


def polygon(ring: Sequence[tuple[float, float]]) -> BaseGeometry:
    """The area of a closed ring of (lon, lat), WGS-84; a ring that crosses itself is mended."""
    return shapely.make_valid(shapely.Polygon(ring))


def disc(lon: float, lat: float, radius_m: float) -> BaseGeometry:
    """The area within so many metres of a WGS-84 point; the point itself for 0."""
    if radius_m <= 0:
        return shapely.Point(lon, lat)
    high = math.degrees(radius_m / EARTH_RADIUS_M)
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    turns = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
    return shapely.Polygon(np.column_stack([lon + wide * np.cos(turns), lat + high * np.sin(turns)]))


Outline = tuple[tuple[tuple[float, float], ...], ...]


def outline(shapes: Iterable[BaseGeometry]) -> Outline:
    """The outer rings of areas for a map, (lon, lat) WGS-84 to a tenth of a metre; points have none.

    At most `MOST_RINGS` of them, the largest, of at most `MOST_CORNERS` corners: what is drawn may be coarser than what
    is reckoned with (`touched`).
    """
    parts = [part for shape in shapes for part in getattr(shape, "geoms", [shape]) if isinstance(part, shapely.Polygon)]
    parts.sort(key=lambda part: -part.area)
    return tuple(tuple((round(x, 6), round(y, 6)) for x, y in _coarse(part)) for part in parts[:MOST_RINGS])


def _coarse(part: shapely.Polygon) -> Sequence[tuple[float, float]]:
    ring: BaseGeometry = part.exterior
    step = max(part.bounds[2] - part.bounds[0], part.bounds[3] - part.bounds[1]) / 2000
    while len(ring.coords) > MOST_CORNERS:
        ring, step = ring.simplify(step), step * 2
    return [(x, y) for x, y in ring.coords]


def touched(book: GridBook, shapes: Iterable[BaseGeometry]) -> frozenset[str]:
    """The codes of all grids, on every level, that have ground in common with one of the shapes.

    A point touches the grids that hold it; an area that shares no more than a border with a grid does not touch it.
    """
    found: set[str] = set()
    for shape in shapes:
        if isinstance(shape, shapely.Point):
            found |= {code for code in book.locate(shape.x, shape.y) if code is not None}
            continue
        for level in range(len(book.levels())):
            grids = book.grids(level)
            cells = np.array([grid.geometry for grid in grids], dtype=object)
            inside = shapely.intersects(cells, shape)
            inside[inside] = ~shapely.touches(cells[inside], shape)
            found |= {grids[at].code for at in np.flatnonzero(inside)}
    return frozenset(found)


def under(book: GridBook, code: str) -> frozenset[str]:
    """A grid, those that hold it and all that lie under it."""
    found, waiting = set(book.ancestors(code)), [code]
    while waiting:
        below = [grid.code for grid in book.children(waiting.pop())]
        found |= set(below)
        waiting += below
    return frozenset(found)


def holder(book: GridBook, codes: frozenset[str]) -> tuple[str, ...]:
    """The codes, outermost first, down to the innermost grid that all of these lie in; empty where none does."""
    chain: tuple[str, ...] = ()
    for level in range(len(book.levels())):
        here = [grid.code for grid in book.grids(level) if grid.code in codes]
        if len(here) > 1:
            break
        chain += tuple(here)
    return chain


def fewest(book: GridBook, codes: frozenset[str]) -> list[str]:
    """The fewest grids that say the same: a grid stands for all under it, and is left out where only some are named."""
    said: list[str] = []
    waiting = [grid.code for grid in book.grids(0) if grid.code in codes]
    while waiting:
        code = waiting.pop()
        below = {grid.code for grid in book.children(code)}
        if not below & codes or under(book, code) <= codes | set(book.ancestors(code)):
            said.append(code)
        else:
            waiting += below & codes
    return sorted(said)


def marked(book: GridBook, shapes: Sequence[BaseGeometry], codes: frozenset[str]) -> tuple[float, float, float | None]:
    """(lon, lat, accuracy in metres) of a mark inside the part of the shapes that lies in these grids.

    A point is its own mark, without an accuracy of its own; for an area it is half of its longest extent.
    """
    first = shapes[0]
    if len(shapes) == 1 and isinstance(first, shapely.Point):
        return first.x, first.y, None
    ground = shapely.union_all([grid.geometry for grid in book.grids(0) if grid.code in codes])
    inside = shapely.union_all(list(shapes)).intersection(ground)
    mark = inside.representative_point()
    west, south, east, north = inside.bounds
    return round(mark.x, 6), round(mark.y, 6), round(metres(west, south, east, north) / 2, 1)
