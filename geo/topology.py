"""Where a nest does not nest: overlaps, gaps and children outside their parents, measured in m².

Shapes are laid over each other in lon/lat, where their edges are straight; only areas are taken in a projected
system. A nest that is proved exact needs no overlay at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.defects import Defect, Kind
from geo.distance import metres, square_metres
from geo.exactness import parents_if_exact
from geo.nest import Cell, Nest, polygons_of

LEAST_AREA_M2 = 0.01  # smaller pieces are the rounding of seven decimals
SLIVER_WIDTH_M = 25.0

Shapes = npt.NDArray[np.object_]
_Subject = TypeVar("_Subject")


def topology_defects(nest: Nest) -> list[Defect]:
    """Overlaps within each level, and gaps and overhangs between each level and the one inside it."""
    defects = list(_overlaps(nest, 0))
    defects += _holes(nest)
    for number in range(1, len(nest.levels)):
        defects += _between(nest, number)
    return defects


def _between(nest: Nest, number: int) -> Iterator[Defect]:
    outer, inner = nest.levels[number - 1], nest.levels[number]
    if outer and inner and parents_if_exact([outer, inner]) is not None:
        return  # exact under parents that do not overlap: nothing can be wrong here
    yield from _overlaps(nest, number)
    yield from _overhangs(nest, outer, inner)
    yield from _gaps(nest, outer, inner)


# overlaps ------------------------------------------------------------------------------------------------


def _overlaps(nest: Nest, number: int) -> Iterator[Defect]:
    cells = nest.levels[number]
    shapes = _shapes(cells)
    # Edges that are not matched exactly by a neighbour: overlapping shapes always have some (or are equal).
    loose = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes))) if len(cells) else np.array([])
    if not len(loose):
        return
    one, other = shapely.STRtree(shapes).query(shapes[loose], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([loose[one], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    shared = [polygons_of(shape) for shape in shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])]
    for (first, second), shape, area in _measured(pairs, shared):
        cell, lower = cells[second], cells[first]
        text = f"{_named(nest, cell)}与{_named(nest, lower)}重叠"
        yield _defect(Kind.OVERLAP, cell, text, shape, area, lower.code)


# children against parents --------------------------------------------------------------------------------


def _overhangs(nest: Nest, outer: Sequence[Cell], inner: Sequence[Cell]) -> Iterator[Defect]:
    by_code = {cell.code: cell for cell in outer}
    placed = [cell for cell in inner if cell.parent in by_code]
    children = _shapes(placed)
    parents = _shapes([by_code[cell.parent or ""] for cell in placed])
    shapely.prepare(parents)
    sticking = np.flatnonzero(~shapely.covers(parents, children))
    over = [polygons_of(shape) for shape in shapely.difference(children[sticking], parents[sticking])]
    for at, shape, area in _measured(sticking, over):
        cell = placed[at]
        text = f"{_named(nest, cell)}超出上级{_named(nest, by_code[cell.parent or ''])}"
        yield _defect(Kind.OUTSIDE, cell, text, shape, area, cell.parent or "")


def _gaps(nest: Nest, outer: Sequence[Cell], inner: Sequence[Cell]) -> Iterator[Defect]:
    children: dict[str | None, list[BaseGeometry]] = defaultdict(list)
    for cell in inner:
        children[cell.parent].append(cell.geometry)
    with_children = [cell for cell in outer if cell.code in children]
    unions = np.array([shapely.union_all(children[cell.code]) for cell in with_children], dtype=object)
    bare = [polygons_of(shape) for shape in shapely.difference(_shapes(with_children), unions)]
    pieces = [(cell, piece) for cell, shape in zip(with_children, bare, strict=True) for piece in _parts(shape)]
    for (cell, _), shape, area in _measured(pieces, [piece for _, piece in pieces]):
        text = f"{_named(nest, cell)}内有一处不属于它的任何{nest.scheme.levels[cell.level + 1].name}"
        yield _defect(Kind.GAP, cell, text, shape, area)
    childless = [cell for cell in outer if cell.code not in children]
    for cell, shape, area in _measured(childless, [cell.geometry for cell in childless]):
        text = f"{_named(nest, cell)}没有下级{nest.scheme.levels[cell.level + 1].name}"
        yield _defect(Kind.CHILDLESS, cell, text, shape, area)


def _holes(nest: Nest) -> Iterator[Defect]:
    """Narrow gaps between outermost grids; a wide one may be a lake or another town, and is left alone."""
    cells = nest.levels[0]
    own = {hole.normalize().wkb for cell in cells for hole in _holes_of(cell.geometry)}
    holes = [hole for hole in _holes_of(shapely.union_all(_shapes(cells))) if hole.normalize().wkb not in own]
    for _, shape, area in _measured(holes, holes):
        if is_sliver(shape, area):
            text = f"{nest.scheme.levels[0].name}之间有一处缝隙"
            yield _defect(Kind.GAP, Cell(0, 0, "", "", None, shape, {}), text, shape, area)


def is_sliver(shape: BaseGeometry, area_m2: float) -> bool:
    """Whether a piece is so narrow on average that only a drawing slip can have made it."""
    return area_m2 < SLIVER_WIDTH_M * _border_m(shape) / 2


def _border_m(shape: BaseGeometry) -> float:
    corners = shapely.get_coordinates(shape)
    steps = zip(corners[:-1].tolist(), corners[1:].tolist(), strict=True)
    return sum(metres(*start, *end) for start, end in steps)


def _holes_of(shape: BaseGeometry) -> list[BaseGeometry]:
    return [Polygon(ring) for part in _parts(shape) if isinstance(part, Polygon) for ring in part.interiors]


# shared --------------------------------------------------------------------------------------------------


def _measured(
    subjects: Iterable[_Subject], shapes: Sequence[BaseGeometry | None]
) -> Iterator[tuple[_Subject, BaseGeometry, float]]:
    """Leave out what is no area, or too little to be more than rounding."""
    areas = square_metres([shape if shape is not None else Polygon() for shape in shapes])
    for subject, shape, area in zip(subjects, shapes, areas, strict=True):
        if shape is not None and area >= LEAST_AREA_M2:
            yield subject, shape, float(area)


def _defect(kind: Kind, cell: Cell, text: str, shape: BaseGeometry, area: float, other: str = "") -> Defect:
    point = max(_parts(shape), key=lambda part: part.area).representative_point()
    place = (round(point.x, 7), round(point.y, 7))
    return Defect(kind, cell.level, cell.row, cell.code, text, area_m2=area, place=place, other=other)


def _named(nest: Nest, cell: Cell) -> str:
    return f"{nest.scheme.levels[cell.level].name}“{cell.name or cell.code}”（{cell.code}）"


def _shapes(cells: Sequence[Cell]) -> Shapes:
    return np.array([cell.geometry for cell in cells], dtype=object)


def _parts(shape: BaseGeometry | None) -> list[BaseGeometry]:
    return [] if shape is None else list(shapely.get_parts(shape))
