"""A honeycomb of small cells and the regions that grow on it: every border of a town is drawn between two cells.

Three cells meet at each corner of a honeycomb, never four, so regions cannot touch in a single point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import fsum, sqrt
from random import Random

import numpy as np

from geo.towns.terrain import Terrain, distance

# Steps to the six neighbours, in half cells east and third rows north, counter-clockwise from east; between corner k
# and corner k + 1 of a cell lies the edge it shares with neighbour k.
STEPS = ((2, 0), (1, 3), (-1, 3), (-2, 0), (-1, -3), (1, -3))
CORNERS = ((1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2))
NOBODY = -1
FAR = 1e18
ROUNDS = 4

Corner = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Cells of one size in a disc around the origin: places, neighbours, and what a step to each costs."""

    size_m: float
    spots: list[Corner]
    places: list[tuple[float, float]]
    neighbours: list[list[int]]
    costs: list[list[float]]
    weights: list[float]

    @classmethod
    def over(cls, terrain: Terrain, reach_m: float, size_m: float) -> "Mesh":
        """Lay cells `size_m` wide over the disc of `reach_m` metres around the origin."""
        spots = _spots(reach_m, size_m)
        places = [plane(spot, size_m) for spot in spots]
        index = {spot: i for i, spot in enumerate(spots)}
        neighbours = [[index.get((x + dx, y + dy), NOBODY) for dx, dy in STEPS] for x, y in spots]
        costs = _costs(terrain, places, neighbours, size_m)
        weights = terrain.density(*np.array(places).T).tolist()
        return cls(size_m, spots, places, neighbours, costs, weights)

    def grow(
        self, seeds: Sequence[int], within: Iterable[int], limit: int = 0, delays: Sequence[float] | None = None
    ) -> dict[int, int]:
        """Give each cell of `within` to the seed from which it is reached soonest; `limit` stops after so many cells.

        A cell is only ever reached from a cell of the same region, so every region is in one piece. A seed with a
        delay starts later and wins less.
        """
        owner: dict[int, int] = {}
        # The best cost seen so far; less than nothing where no step may go, beyond the rim (index -1) too.
        best = [-1.0] * (len(self.places) + 1)
        for cell in within:
            best[cell] = FAR
        queue = [((delays or [0.0] * len(seeds))[n], cell, n) for n, cell in enumerate(seeds)]
        heapify(queue)
        while queue and not (limit and len(owner) >= limit):
            cost, cell, number = heappop(queue)
            if cell in owner:
                continue
            owner[cell] = number
            for near, step in zip(self.neighbours[cell], self.costs[cell], strict=True):
                if cost + step <= best[near]:
                    best[near] = cost + step
                    heappush(queue, (cost + step, near, number))
        return owner

    def centre(self, cells: Iterable[int]) -> int:
        """The cell nearest to the weighted centre of `cells`."""
        chosen = list(cells)
        total = fsum(self.weights[c] for c in chosen)
        x = fsum(self.places[c][0] * self.weights[c] for c in chosen) / total
        y = fsum(self.places[c][1] * self.weights[c] for c in chosen) / total
        return min(chosen, key=lambda c: (self.places[c][0] - x) ** 2 + (self.places[c][1] - y) ** 2)

    def split(self, cells: Sequence[int], parts: int, random: Random) -> list[list[int]]:
        """Divide `cells`, which are in one piece, into `parts` regions of like weight, each in one piece."""
        if parts == 1:
            return [list(cells)]
        within = set(cells)
        seeds = self._scatter(cells, parts, random)
        delays = [0.0] * parts
        for _ in range(ROUNDS):
            regions = members(self.grow(seeds, within, delays=delays), parts)
            if not all(regions):
                seeds, delays = self._scatter(cells, parts, random), [0.0] * parts
                continue
            seeds = [self.centre(region) for region in regions]
            delays = self._fairer(delays, regions)
        regions = members(self.grow(seeds, within, delays=delays), parts)
        return regions if all(regions) else self.split(cells, parts, random)

    def _fairer(self, delays: Sequence[float], regions: Sequence[Sequence[int]]) -> list[float]:
        """Hold back what has grown too heavy, by less than half the way across it."""
        weights = [fsum(self.weights[c] for c in region) for region in regions]
        mean = fsum(weights) / len(weights)
        across = [2.5 * self.size_m * sqrt(len(region) + 1.0) for region in regions]
        later = [d + 0.4 * a * min(1.0, w / mean - 1.0) for d, a, w in zip(delays, across, weights, strict=True)]
        first = min(later)
        return [min(d - first, a) for d, a in zip(later, across, strict=True)]

    def _scatter(self, cells: Sequence[int], parts: int, random: Random) -> list[int]:
        """Seeds far from each other, closer together where people live closer together."""
        seeds: list[int] = []
        while len(seeds) < parts:
            offers = random.choices(cells, weights=[self.weights[c] for c in cells], k=24)
            seeds.append(max(offers, key=lambda c: self._room(c, seeds)))
        return seeds

    def _room(self, cell: int, seeds: Sequence[int]) -> float:
        x, y = self.places[cell]
        gaps = [(self.places[s][0] - x) ** 2 + (self.places[s][1] - y) ** 2 for s in seeds]
        return min(gaps, default=1.0) * self.weights[cell]


def _spots(reach_m: float, size_m: float) -> list[Corner]:
    columns = int(reach_m / size_m)
    rows = int(reach_m / (size_m * sqrt(3.0) / 2.0))
    square = [(2 * c + (r & 1), 3 * r) for r in range(-rows, rows + 1) for c in range(-columns, columns + 1)]
    return [spot for spot in square if distance(plane(spot, size_m), (0.0, 0.0)) < reach_m]


def plane(spot: Corner, size_m: float) -> tuple[float, float]:
    """Metres east and north of the origin for a spot counted in half cells and third rows."""
    return spot[0] * size_m / 2.0, spot[1] * size_m / (2.0 * sqrt(3.0))


def _costs(
    terrain: Terrain, places: list[tuple[float, float]], neighbours: list[list[int]], size_m: float
) -> list[list[float]]:
    """What a step to each neighbour costs: the ground's slowness on the way, and a toll for each line crossed."""
    x, y = np.array(places).T
    near = np.array(neighbours)
    slow = terrain.slowness(x, y)
    costs = 0.5 * size_m * (slow[:, None] + slow[near])
    for line in terrain.lines:
        side = line.side(x, y)
        costs += line.toll_m * (side[:, None] * side[near] < 0)
    steps: list[list[float]] = costs.tolist()
    return steps


def members(owner: Mapping[int, int], parts: int) -> list[list[int]]:
    """The cells of each region."""
    regions: list[list[int]] = [[] for _ in range(parts)]
    for cell, number in owner.items():
        regions[number].append(cell)
    return regions


def compact(mesh: Mesh, cells: Iterable[int], rounds: int = 6) -> list[int]:
    """`cells` without spurs and bays one or two cells wide, in one piece and without holes."""
    inside = set(cells)
    for _ in range(rounds):
        votes = {c: sum(n in inside for n in mesh.neighbours[c]) for c in _rim(mesh, inside)}
        inside = {c for c in inside if votes.get(c, 6) > 2} | {c for c, v in votes.items() if v > 3}
    return filled(mesh, mesh.grow([min(inside, key=lambda c: _from_origin(mesh, c))], inside))


def _rim(mesh: Mesh, inside: set[int]) -> set[int]:
    return {n for c in inside for n in mesh.neighbours[c] if n != NOBODY and n not in inside} | {
        c for c in inside if any(n not in inside for n in mesh.neighbours[c])
    }


def _from_origin(mesh: Mesh, cell: int) -> float:
    x, y = mesh.places[cell]
    return x * x + y * y


def filled(mesh: Mesh, cells: Iterable[int]) -> list[int]:
    """`cells` and every hole in them: whatever the mesh's rim cannot reach without crossing them."""
    inside = set(cells)
    reached = {i for i, near in enumerate(mesh.neighbours) if NOBODY in near and i not in inside}
    queue = list(reached)
    while queue:
        for near in mesh.neighbours[queue.pop()]:
            if near != NOBODY and near not in inside and near not in reached:
                reached.add(near)
                queue.append(near)
    return [i for i in range(len(mesh.places)) if i not in reached]
