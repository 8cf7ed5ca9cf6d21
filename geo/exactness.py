"""Proof that a nest is exact: the grids of each level are tiled by their children, to the last bit.

Walk every border with its grid on the left. Inside a parent each piece of border is walked once in either
direction and cancels out; if what remains of the children is exactly the parent's own border, the children
cover it once and only once (winding numbers add up). No rounding takes part, so nothing can be nearly true.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Ints = npt.NDArray[np.int32]


class Nested(Protocol):
    """What the proof needs of a grid."""

    @property
    def code(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def geometry(self) -> BaseGeometry: ...


def parents_if_exact(levels: Sequence[Sequence[Nested]]) -> list[Ints] | None:
    """For each level the index in that level of every leaf's ancestor (the leaf level's own: 0, 1, 2, …).

    None when the nest is not exact. Shapes must be valid.
    """
    table = np.arange(len(levels[-1]), dtype=np.int32)
    tables = [table]
    for outer, inner in zip(levels[-2::-1], levels[:0:-1], strict=True):
        parent = _parent_indices(outer, inner)
        if parent is None or not _tile(outer, inner, parent):
            return None
        table = parent[table]
        tables.append(table)
    return tables[::-1]


def _parent_indices(outer: Sequence[Nested], inner: Sequence[Nested]) -> Ints | None:
    index = {grid.code: number for number, grid in enumerate(outer)}
    if any(grid.parent not in index for grid in inner):
        return None
    return np.array([index[grid.parent or ""] for grid in inner], dtype=np.int32)


def _tile(outer: Sequence[Nested], inner: Sequence[Nested], parent: Ints) -> bool:
    mine, theirs = _walks(outer), _walks(inner)
    theirs[:, 0] = parent[theirs[:, 0].astype(np.int64)]
    back = mine[:, [0, 3, 4, 1, 2]]
    walks = np.vstack([theirs, back])
    forth = (walks[:, 1] < walks[:, 3]) | ((walks[:, 1] == walks[:, 3]) & (walks[:, 2] < walks[:, 4]))
    walks = np.where(forth[:, None], walks, walks[:, [0, 3, 4, 1, 2]])
    _, piece = np.unique(walks, axis=0, return_inverse=True)
    return not np.bincount(piece.ravel(), weights=np.where(forth, 1.0, -1.0)).any()


def _walks(grids: Sequence[Nested]) -> npt.NDArray[np.float64]:
    """Rows (grid, x0, y0, x1, y1): every piece of border, walked with the grid on its left."""
    shapes = shapely.orient_polygons(np.array([grid.geometry for grid in grids], dtype=object))
    parts, part_grid = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    corners, corner_ring = shapely.get_coordinates(rings, return_index=True)
    joined = corner_ring[1:] == corner_ring[:-1]
    owner = part_grid[ring_part[corner_ring[:-1][joined]]].astype(np.float64)
    return np.column_stack([owner, corners[:-1][joined], corners[1:][joined]])
