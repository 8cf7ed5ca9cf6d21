"""Cutting a whole nest into faces that neither overlap nor leave gaps, and giving every face to one grid.

All borders of all levels are noded on one grid of seven decimals (about a centimetre), so that whatever is put
together from the faces afterwards fits to the last bit.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.distance import square_metres
from geo.nest import Cell
from geo.topology import is_sliver

NOBODY = -1
_PRECISION_DEG = 1e-7

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


@dataclass(slots=True)
class Partition:
    """Faces with their claims: `owner[level][face]` is the lowest index of a grid that holds it, or NOBODY."""

    faces: Shapes
    owner: list[Ints]

    def deepest_claim(self) -> tuple[Ints, Ints]:
        """For each face the innermost level with a claim, and the claiming grid there; (NOBODY, NOBODY) if none."""
        level = np.full(len(self.faces), NOBODY, dtype=np.int64)
        grid = level.copy()
        for number, owners in enumerate(self.owner):
            claimed = owners != NOBODY
            level[claimed], grid[claimed] = number, owners[claimed]
        return level, grid


def partition(levels: Sequence[Sequence[Cell]]) -> Partition:
    """The faces of all borders of all levels, and who claims them; where grids overlap the lowest code does."""
    borders = shapely.boundary(np.array([cell.geometry for level in levels for cell in level], dtype=object))
    noded = shapely.union_all(borders, grid_size=_PRECISION_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.point_on_surface(faces)
    return Partition(faces, [_lowest_holder(level, inside) for level in levels])


def _lowest_holder(level: Sequence[Cell], points: Shapes) -> Ints:
    tree = shapely.STRtree([cell.geometry for cell in level])
    point, cell = tree.query(points, predicate="intersects")
    lowest = np.full(len(points), len(level), dtype=np.int64)
    np.minimum.at(lowest, point, cell)
    lowest[lowest == len(level)] = NOBODY
    return lowest


def close_slivers(faces: Shapes, owner: Ints, patch: Ints) -> dict[int, float]:
    """Give the narrow patches of unowned faces to the owner they share the longest border with.

    `owner` (changed in place) is NOBODY for unowned faces; faces with one `patch` number form a region, whose
    connected pieces are judged one by one. Returns the m² that each owner gained.
    """
    one, other, shared = _neighbours(faces)
    pieces = _pieces(owner, patch, one, other)
    gained: dict[int, float] = defaultdict(float)
    touching: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for first, second, length in zip(one.tolist(), other.tolist(), shared.tolist(), strict=True):
        touching[first].append((second, length))
        touching[second].append((first, length))
    for piece in pieces:
        shape = shapely.coverage_union_all(faces[piece])
        area = float(square_metres([shape])[0])
        heir = _longest_neighbour(piece, owner, touching)
        if heir != NOBODY and is_sliver(shape, area):
            owner[piece] = heir
            gained[heir] += area
    return gained


def _longest_neighbour(piece: list[int], owner: Ints, touching: dict[int, list[tuple[int, float]]]) -> int:
    lengths: dict[int, float] = defaultdict(float)
    for face in piece:
        for neighbour, length in touching[face]:
            if owner[neighbour] != NOBODY:
                lengths[int(owner[neighbour])] += length
    return max(lengths, key=lambda number: (lengths[number], -number)) if lengths else NOBODY


def _neighbours(faces: Shapes) -> tuple[Ints, Ints, Floats]:
    """Pairs of faces that share border, and its length in degrees, from edges both have."""
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    corners, corner_ring = shapely.get_coordinates(rings, return_index=True)
    joined = corner_ring[1:] == corner_ring[:-1]
    start, end = corners[:-1][joined], corners[1:][joined]
    face = ring_face[corner_ring[:-1][joined]]
    forth = (start[:, 0] < end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] < end[:, 1]))
    edge = np.where(forth[:, None], np.hstack([start, end]), np.hstack([end, start]))
    order = np.lexsort(edge.T)
    same = (edge[order][1:] == edge[order][:-1]).all(axis=1)
    one, other = face[order][:-1][same], face[order][1:][same]
    length = np.hypot(*(edge[order][:-1][same][:, 2:] - edge[order][:-1][same][:, :2]).T)
    return one, other, length


def _pieces(owner: Ints, patch: Ints, one: Ints, other: Ints) -> list[list[int]]:
    """Connected groups of unowned faces with one patch number."""
    root = list(range(len(owner)))

    def find(face: int) -> int:
        while root[face] != face:
            root[face] = root[root[face]]
            face = root[face]
        return face

    joins = (owner[one] == NOBODY) & (owner[other] == NOBODY) & (patch[one] == patch[other])
    for first, second in zip(one[joins].tolist(), other[joins].tolist(), strict=True):
        root[find(first)] = find(second)
    groups: dict[int, list[int]] = defaultdict(list)
    for face in np.flatnonzero(owner == NOBODY).tolist():
        groups[find(face)].append(face)
    return list(groups.values())


def joined(faces: Shapes, owner: Ints, count: int) -> list[BaseGeometry | None]:
    """The shape of each owner's faces put together; None for an owner without any."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    groups = (faces[order[starts[number] : starts[number + 1]]] for number in range(count))
    return [shapely.coverage_union_all(group) if len(group) else None for group in groups]
