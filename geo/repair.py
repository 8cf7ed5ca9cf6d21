"""Repairing a nest until every point has exactly one grid of each level, and saying every change.

The innermost grids are believed first: where borders disagree, a face belongs to the innermost grid that claims
it, outer grids become the sum of their children, slivers go to the neighbour with the longest common border,
and a wide area that no inner grid claims becomes a grid of its own ("未划分").
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.defects import Kind
from geo.distance import square_metres
from geo.nest import Cell, Nest, containing, make_codes
from geo.partition import NOBODY, close_slivers, joined, partition
from geo.report import TOLERATED_M2
from geo.topology import topology_defects

UNDIVIDED = "未划分"
_MOSTLY = 0.5


def repair(nest: Nest) -> tuple[Nest, list[str]]:
    """A nest without defects over 1 m², and in Chinese what was changed; the argument stays as it is."""
    changes = [f"已修：{defect.text}" for defect in nest.defects if defect.kind is not Kind.BAD_CODE]
    repaired = replace(nest, levels=[[replace(cell) for cell in level] for level in nest.levels], defects=[])
    if not topology_defects(repaired):
        return repaired, changes
    before = replace(nest, levels=[list(level) for level in nest.levels])
    changes += _adopt(repaired)
    changes += _cut_anew(repaired)
    return repaired, changes + _changed(repaired, before)


def _adopt(nest: Nest) -> list[str]:
    """A grid that lies mostly outside its parent goes to the one that holds most of it, or else the nearest."""
    said = []
    for outer, inner in zip(nest.levels, nest.levels[1:], strict=False):
        by_code = {cell.code: cell for cell in outer}
        lost = [cell for cell in inner if _share_inside(cell, by_code.get(cell.parent or "")) < _MOSTLY]
        tree = shapely.STRtree([cell.geometry for cell in outer])
        for cell, held_by in zip(lost, containing(lost, outer), strict=True):
            keeps = cell.parent if cell.parent in by_code else None
            found = held_by or keeps or outer[int(tree.nearest(cell.geometry))].code
            if found != cell.parent:
                said.append(f"{_named(nest, cell)}：上级由 {cell.parent or '无'} 改为所在或最近的 {found}")
                cell.parent = found
    return said


def _share_inside(cell: Cell, parent: Cell | None) -> float:
    if parent is None:
        return 0.0
    return float(shapely.intersection(cell.geometry, parent.geometry).area / cell.geometry.area)


def _cut_anew(nest: Nest) -> list[str]:
    """Draw all borders again from one partition; outer grids become the sum of their children."""
    cut = partition(nest.levels)
    level, grid = cut.deepest_claim()
    leaves = list(nest.levels[-1])
    owner = cut.owner[-1].copy()
    patch = level * (1 + max(len(cells) for cells in nest.levels)) + grid
    gained = close_slivers(cut.faces, owner, patch)
    for claim in np.unique(patch[(owner == NOBODY) & (level != NOBODY)]):
        faces = (patch == claim) & (owner == NOBODY)
        above = nest.levels[level[faces][0]][grid[faces][0]]
        owner[faces] = len(leaves)
        leaves.append(_undivided(nest, above))
    for number, area in close_slivers(cut.faces, owner, patch).items():  # those beside new grids only
        gained[number] = gained.get(number, 0.0) + area
    _redraw(nest, leaves, joined(cut.faces, owner, len(leaves)))
    return [f"{_named(nest, leaves[number])}：补入缝隙 {area:,.2f} m²" for number, area in gained.items()]


def _undivided(nest: Nest, above: Cell) -> Cell:
    """A grid for what nobody divided, one on every level under `above`; the innermost is returned."""
    taken = {cell.code for level in nest.levels for cell in level}
    for number in range(above.level + 1, len(nest.levels)):
        name = above.name if above.name.endswith(UNDIVIDED) else f"{above.name}{UNDIVIDED}"
        below = Cell(number, 0, "", name, above.code, above.geometry, {})
        make_codes([below], taken)
        nest.levels[number].append(below)
        above = below
    return above


def _redraw(nest: Nest, leaves: Sequence[Cell], shapes: Sequence[BaseGeometry | None]) -> None:
    """Give the leaves their shapes and build every outer level from them; what has no area left is dropped."""
    children: dict[str | None, list[BaseGeometry]] = defaultdict(list)
    for cell, shape in zip(leaves, shapes, strict=True):
        if shape is not None:
            cell.geometry = shape
            children[cell.parent].append(shape)
    kept = {cell.code for cell, shape in zip(leaves, shapes, strict=True) if shape is not None}
    nest.levels[-1] = sorted((cell for cell in leaves if cell.code in kept), key=lambda cell: cell.code)
    for number in range(len(nest.levels) - 2, -1, -1):
        nest.levels[number] = sorted(
            (cell for cell in nest.levels[number] if cell.code in children), key=lambda cell: cell.code
        )
        for cell in nest.levels[number]:
            cell.geometry = shapely.coverage_union_all(children[cell.code])
            children[cell.parent].append(cell.geometry)


def _changed(nest: Nest, before: Nest) -> list[str]:
    """What became of each grid: drawn differently, dropped, or new."""
    said = []
    for now, was in zip(nest.levels, before.levels, strict=True):
        old = {cell.code: cell for cell in was}
        new = {cell.code for cell in now}
        said += [f"{_named(nest, cell)}：删去，它的范围都属于别的网格" for cell in was if cell.code not in new]
        said += [
            f"{_named(nest, cell)}：新增，上级 {cell.parent} 的这部分没有下级" for cell in now if cell.code not in old
        ]
        said += _redrawn(nest, [(old[cell.code], cell) for cell in now if cell.code in old])
    return said


def _redrawn(nest: Nest, pairs: Sequence[tuple[Cell, Cell]]) -> list[str]:
    was, now = (np.array([pair[side].geometry for pair in pairs], dtype=object) for side in (0, 1))
    gained, lost = square_metres(shapely.difference(now, was)), square_metres(shapely.difference(was, now))
    return [
        f"{_named(nest, cell)}：边界改动，增加 {more:,.2f} m²，减少 {less:,.2f} m²"
        for (_, cell), more, less in zip(pairs, gained, lost, strict=True)
        if max(more, less) >= TOLERATED_M2
    ]


def _named(nest: Nest, cell: Cell) -> str:
    return f"{nest.scheme.levels[cell.level].name}“{cell.name or cell.code}”（{cell.code}）"
