"""From cells to borders: arcs between junctions, drawn once and shared by the two areas on their sides."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

from geo.towns.mesh import CORNERS, NOBODY, Corner, Mesh, plane
from geo.towns.terrain import distance

Point = tuple[float, float]

# Each polygon keeps between these many vertices; the margins leave room for nothing to go wrong in rounding.
FEWEST, MOST = 62, 244
SMOOTHING_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Arc:
    """A border from one junction to the next, with the unit on its left and on its right (NOBODY: outside)."""

    start: Corner
    end: Corner
    left: int
    right: int
    points: tuple[Point, ...]

    def length(self) -> float:
        """Metres along the arc."""
        return fsum(distance(a, b) for a, b in zip(self.points, self.points[1:], strict=False))


class EnclosedArea(ValueError):
    """A unit lies wholly within another, so its border has no junction: try another seed."""


def arcs_between(mesh: Mesh, owner: Sequence[int]) -> list[Arc]:
    """All borders between units of different owners, in a fixed order, still as jagged as the cells."""
    edges = _edges(mesh, owner)
    at: dict[Corner, list[int]] = defaultdict(list)
    for number, (a, b, _, _) in enumerate(edges):
        at[a].append(number)
        at[b].append(number)
    junctions = {corner for corner, touching in at.items() if len(touching) == 3}
    used: set[int] = set()
    arcs = []
    for junction in sorted(junctions):
        for number in sorted(at[junction]):
            if number not in used:
                arcs.append(_trace(mesh, edges, at, junctions, used, junction, number))
    if len(used) != len(edges):
        raise EnclosedArea(f"{len(edges) - len(used)} border edges belong to a unit enclosed by one other")
    return arcs


Edge = tuple[Corner, Corner, int, int]


def _edges(mesh: Mesh, owner: Sequence[int]) -> list[Edge]:
    edges = []
    for cell, near in enumerate(mesh.neighbours):
        for k, other in enumerate(near):
            there = owner[other] if other != NOBODY else NOBODY
            if owner[cell] > there:
                x, y = mesh.spots[cell]
                (ax, ay), (bx, by) = CORNERS[k], CORNERS[(k + 1) % 6]
                edges.append(((x + ax, y + ay), (x + bx, y + by), owner[cell], there))
    return edges


def _trace(
    mesh: Mesh,
    edges: list[Edge],
    at: dict[Corner, list[int]],
    junctions: set[Corner],
    used: set[int],
    junction: Corner,
    number: int,
) -> Arc:
    """Follow edges from a junction to the next; the points between are the middles of the edges."""
    a, _, left, right = edges[number]
    forward = a == junction
    here, points = junction, [plane(junction, mesh.size_m)]
    while True:
        used.add(number)
        a, b, _, _ = edges[number]
        there = b if a == here else a
        points.append(plane((here[0] + there[0], here[1] + there[1]), mesh.size_m / 2.0))
        here = there
        if here in junctions:
            break
        number = next(n for n in at[here] if n != number)
    points.append(plane(here, mesh.size_m))
    sides = (left, right) if forward else (right, left)
    return Arc(junction, here, *sides, tuple(points))


def smoothed(arcs: Sequence[Arc]) -> list[Arc]:
    """Take the honeycomb's teeth out of the arcs and move each junction between its three arcs."""
    moved = _relaxed_junctions(arcs)
    return [replace(arc, points=_soft(arc, moved[arc.start], moved[arc.end])) for arc in arcs]


def _relaxed_junctions(arcs: Sequence[Arc]) -> dict[Corner, Point]:
    around: dict[Corner, list[Point]] = defaultdict(list)
    for arc in arcs:
        reach = min(2, len(arc.points) - 1)
        around[arc.start].append(arc.points[reach])
        around[arc.end].append(arc.points[-1 - reach])
    return {c: (fsum(p[0] for p in ps) / len(ps), fsum(p[1] for p in ps) / len(ps)) for c, ps in around.items()}


def _soft(arc: Arc, start: Point, end: Point) -> tuple[Point, ...]:
    points = [start, *arc.points[1:-1], end]
    for _ in range(SMOOTHING_ROUNDS):
        inner = [
            (0.25 * a[0] + 0.5 * b[0] + 0.25 * c[0], 0.25 * a[1] + 0.5 * b[1] + 0.25 * c[1])
            for a, b, c in zip(points, points[1:], points[2:], strict=False)
        ]
        points = [start, *inner, end]
    return tuple(points)


def budgets(arcs: Sequence[Arc], levels: Sequence[Sequence[int]], spacing_m: float) -> list[int]:
    """Inner vertices for each arc, so that the areas of all levels keep between FEWEST and MOST vertices.

    `levels[k][unit]` is the area of level k, outermost first, to which the innermost unit belongs. Arcs on an outer
    border are shared by large areas with many arcs and get few; the others make up for it.
    """
    spent = [max(3, min(60, round(arc.length() / spacing_m))) for arc in arcs]
    depths = [_depth(arc, levels) for arc in arcs]
    for depth, level in enumerate(levels):
        rings = list(_rings(arcs, level).values())
        movable = [[a for a in ring if depths[a] == depth] for ring in rings]
        for _ in range(400):
            moved = [_adjust(r, m, spent, arcs) for r, m in zip(rings, movable, strict=True)]
            if not any(moved):
                break
        else:
            raise ValueError(f"no choice of vertices keeps level {depth} between {FEWEST} and {MOST}")
    return spent


def _depth(arc: Arc, levels: Sequence[Sequence[int]]) -> int:
    """The outermost level at which the arc is a border: 0 for the outermost areas."""
    return next(k for k, level in enumerate(levels) if _of(arc.left, level) != _of(arc.right, level))


def _adjust(ring: list[int], movable: list[int], spent: list[int], arcs: Sequence[Arc]) -> bool:
    """Take vertices where they are dense or add where they are sparse; True if the ring was out of bounds."""
    total = sum(spent[a] + 1 for a in ring)
    if total > MOST:
        spare = [a for a in movable if spent[a] > 1]
        for a in sorted(spare, key=lambda a: (-spent[a] / arcs[a].length(), a))[: total - MOST]:
            spent[a] -= 1
    elif total < FEWEST:
        for a in sorted(movable, key=lambda a: (-arcs[a].length() / (spent[a] + 1), a))[: FEWEST - total]:
            spent[a] += 1
    return not FEWEST <= total <= MOST


def _of(unit: int, level: Sequence[int]) -> int:
    return NOBODY if unit == NOBODY else level[unit]


def _rings(arcs: Sequence[Arc], level: Sequence[int]) -> dict[int, list[int]]:
    rings: dict[int, list[int]] = defaultdict(list)
    for number, arc in enumerate(arcs):
        left, right = _of(arc.left, level), _of(arc.right, level)
        if left != right:
            for area in (left, right):
                if area != NOBODY:
                    rings[area].append(number)
    return rings


def fitted(arc: Arc, inner: int) -> Arc:
    """The same arc with exactly `inner` vertices between its ends: the least telling dropped, or bends added."""
    points = list(arc.points)
    while len(points) > inner + 2:
        del points[min(range(1, len(points) - 1), key=lambda i: _triangle(*points[i - 1 : i + 2]))]
    while len(points) < inner + 2:
        i = max(range(len(points) - 1), key=lambda i: distance(points[i], points[i + 1]))
        points.insert(i + 1, _between(points, i))
    return replace(arc, points=tuple(points))


def _triangle(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))


def _between(points: list[Point], i: int) -> Point:
    """Halfway from point i to the next, on the curve through them and their neighbours."""
    a, b, c, d = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, len(points) - 1)]
    return (
        (-a[0] + 9.0 * b[0] + 9.0 * c[0] - d[0]) / 16.0,
        (-a[1] + 9.0 * b[1] + 9.0 * c[1] - d[1]) / 16.0,
    )


def rings_of(arcs: Sequence[Arc], level: Sequence[int]) -> dict[int, list[Point]]:
    """The closed, counter-clockwise ring of each area of a level; EnclosedArea where an area has a hole."""
    return {area: _chain(arcs, numbers, area, level) for area, numbers in sorted(_rings(arcs, level).items())}


def _chain(arcs: Sequence[Arc], numbers: list[int], area: int, level: Sequence[int]) -> list[Point]:
    onward: dict[Corner, tuple[Corner, tuple[Point, ...]]] = {}
    for number in numbers:
        arc = arcs[number]
        if _of(arc.left, level) == area:
            onward[arc.start] = (arc.end, arc.points)
        else:
            onward[arc.end] = (arc.start, arc.points[::-1])
    first = here = min(onward)
    ring: list[Point] = []
    for _ in range(len(onward)):
        here, points = onward.pop(here)
        ring += points[:-1]
        if here == first:
            break
    if onward:
        raise EnclosedArea(f"area {area} has a hole")
    return [*ring, ring[0]]
