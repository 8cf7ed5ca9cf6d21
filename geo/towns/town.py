"""Build one invented town: its cells divided level by level, its arcs, and the areas they enclose."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from random import Random

from geo.towns.borders import Arc, Point, arcs_between, budgets, fitted, rings_of, smoothed
from geo.towns.mesh import NOBODY, Mesh, compact
from geo.towns.terrain import Line, Noise, Terrain, wavy

# Metres in a degree of latitude and, at the equator, of longitude on the WGS-84 ellipsoid, near 29° N.
METRES_PER_DEGREE_LAT = 110_862.0
METRES_PER_DEGREE_LON = 111_413.0
DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a town lies and how large it is; `shrink` is the cosine of its latitude, kept as a figure (terrain.py)."""

    seed: int
    lon: float
    lat: float
    shrink: float
    area_km2: float
    cell_m: float
    contrast: float
    spacing_m: float
    river: str
    brook: str
    road: str
    street: str


@dataclass(frozen=True, slots=True)
class Town:
    """Units are the innermost areas; `levels[k][unit]` is the area of level k that holds the unit, outermost first."""

    ground: Ground
    terrain: Terrain
    arcs: tuple[Arc, ...]
    levels: tuple[tuple[int, ...], ...]
    homes: tuple[tuple[Point, ...], ...]

    def counts(self) -> tuple[int, ...]:
        """How many areas each level has."""
        return tuple(max(level) + 1 for level in self.levels)

    def parents(self, level: int) -> list[int]:
        """For each area of `level`, its area one level further out."""
        parent = dict(zip(self.levels[level], self.levels[level - 1], strict=True))
        return [parent[area] for area in range(len(parent))]

    def units(self, level: int) -> list[list[int]]:
        """The innermost units of each area of `level`."""
        units: dict[int, list[int]] = defaultdict(list)
        for unit, area in enumerate(self.levels[level]):
            units[area].append(unit)
        return [units[area] for area in range(len(units))]

    def rings(self, level: int) -> dict[int, list[Point]]:
        """The closed ring of each area, in degrees; both sides of a border have the very same vertices."""
        rings = rings_of(self.arcs, self.levels[level])
        return {area: [self.degrees(p) for p in ring] for area, ring in rings.items()}

    def degrees(self, point: Point) -> Point:
        """(lon, lat), rounded to a centimetre, of a place in metres."""
        lon = self.ground.lon + point[0] / (METRES_PER_DEGREE_LON * self.ground.shrink)
        lat = self.ground.lat + point[1] / METRES_PER_DEGREE_LAT
        return round(lon, DECIMALS), round(lat, DECIMALS)


def build(ground: Ground, counts: Sequence[int]) -> Town:
    """A town of `counts` areas a level, outermost first; the same ground gives the same town on every machine."""
    random = Random(ground.seed)
    radius = 1000.0 * (ground.area_km2 / 3.1416) ** 0.5
    terrain = _terrain(ground, radius, random)
    mesh = Mesh.over(terrain, 1.5 * radius, ground.cell_m)
    middle = min(range(len(mesh.places)), key=lambda c: mesh.places[c][0] ** 2 + mesh.places[c][1] ** 2)
    cell_km2 = ground.cell_m**2 * 0.8660254e-6
    everywhere = range(len(mesh.places))
    cells = compact(mesh, mesh.grow([middle], everywhere, limit=int(ground.area_km2 / cell_km2)))
    if any(NOBODY in mesh.neighbours[cell] for cell in cells):
        raise ValueError("the town grew over the rim of its mesh; choose another seed")
    regions, levels = _divided(mesh, cells, counts, random)
    owner = [NOBODY] * len(mesh.places)
    for unit, region in enumerate(regions):
        for cell in region:
            owner[cell] = unit
    arcs = smoothed(arcs_between(mesh, owner))
    inner = budgets(arcs, levels, ground.spacing_m)
    homes = tuple(tuple(mesh.places[c] for c in region) for region in regions)
    drawn = tuple(fitted(arc, count) for arc, count in zip(arcs, inner, strict=True))
    return Town(ground, terrain, drawn, levels, homes)


def _terrain(ground: Ground, radius: float, random: Random) -> Terrain:
    river, brook, road, street = (Noise(random) for _ in range(4))

    def line(
        name: str, kind: str, cells: float, upright: bool, noise: Noise, shape: tuple[float, ...], *ends: float
    ) -> Line:
        offset, slope, swing, wave = shape
        curve = wavy(noise, offset * radius, slope, swing * radius, wave * radius)
        return Line(name, kind, cells * ground.cell_m, upright, curve, *(end * radius for end in ends))

    lines = (
        line(ground.river, "river", 72, False, river, (-0.10, 0.16, 0.24, 0.55)),
        line(ground.brook, "river", 40, True, brook, (0.42, 0.12, 0.22, 0.50), -0.05),
        line(ground.road, "road", 40, True, road, (-0.18, -0.10, 0.09, 0.90)),
        line(ground.street, "road", 32, False, street, (0.20, 0.03, 0.05, 0.80), -0.5, 0.55),
    )
    return Terrain(Noise(random), Noise(random), radius, (-0.12 * radius, 0.05 * radius), ground.contrast, lines)


def _divided(
    mesh: Mesh, cells: list[int], counts: Sequence[int], random: Random
) -> tuple[list[list[int]], tuple[tuple[int, ...], ...]]:
    """The innermost regions in reading order, and for each level the area each of them belongs to."""
    regions, chains = [cells], [[0]]
    for depth, count in enumerate(counts):
        if depth == 0 and count == 1:
            continue
        shares = apportion([fsum(mesh.weights[c] for c in region) for region in regions], count)
        parts = [reading_order(mesh, mesh.split(r, n, random)) for r, n in zip(regions, shares, strict=True)]
        numbers = iter(range(count))
        above = chains if depth else [[] for _ in regions]
        chains = [[*above[i], next(numbers)] for i, split in enumerate(parts) for _ in split]
        regions = [region for split in parts for region in split]
    return regions, tuple(zip(*chains, strict=True))


def apportion(weights: Sequence[float], count: int) -> list[int]:
    """Share `count` among `weights` in proportion (Sainte-Laguë), no share under two where that is possible."""
    shares = [min(2, count // len(weights))] * len(weights)
    while sum(shares) < count:
        neediest = max(range(len(weights)), key=lambda i: weights[i] / (2 * shares[i] + 1))
        shares[neediest] += 1
    return shares


def reading_order(mesh: Mesh, regions: list[list[int]]) -> list[list[int]]:
    """From north to south in bands, in each band from west to east (CJ/T 213: 从西向东、由北向南)."""
    centres = [_mean(mesh, region) for region in regions]
    top, bottom = max(y for _, y in centres), min(y for _, y in centres)
    band = (top - bottom) / max(1.0, len(regions) ** 0.5) + 1.0
    order = sorted(range(len(regions)), key=lambda i: (int((top - centres[i][1]) / band), centres[i][0]))
    return [regions[i] for i in order]


def _mean(mesh: Mesh, cells: Sequence[int]) -> Point:
    return (
        fsum(mesh.places[c][0] for c in cells) / len(cells),
        fsum(mesh.places[c][1] for c in cells) / len(cells),
    )
