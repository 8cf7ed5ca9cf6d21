"""What is written about each grid: code, name, people, area, and what it borders on each side (四至)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from random import Random

import numpy as np
import pyproj
import shapely

from geo.towns.borders import Arc, Point
from geo.towns.mesh import NOBODY
from geo.towns.town import Town

GEOD = pyproj.Geod(ellps="WGS84")
# An arc whose points lie this near to a river or road on average runs along it.
ALONG_M = 70.0
SIDES = ("东", "南", "西", "北")


@dataclass(frozen=True, slots=True)
class Record:
    """One grid: `ring` in degrees; `unit` numbers belong to the innermost level only."""

    level: int
    number: int
    code: str
    name: str
    parent_code: str | None
    kind: str
    households: int
    population: int
    bounds: str
    ring: tuple[Point, ...]

    def feature(self) -> dict[str, object]:
        """The GeoJSON feature, WGS-84."""
        properties = {
            "code": self.code,
            "name": self.name,
            "parent_code": self.parent_code,
            "kind": self.kind,
            "households": self.households,
            "population": self.population,
            "area_m2": self.area_m2(),
            "bounds": self.bounds,
        }
        geometry = {"type": "Polygon", "coordinates": [self.ring]}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    def polygon(self) -> shapely.Polygon:
        """The area, in degrees."""
        return shapely.Polygon(self.ring)

    def area_m2(self) -> int:
        """Square metres on the ellipsoid."""
        return round(abs(GEOD.geometry_area_perimeter(self.polygon())[0]))


Labels = Sequence[tuple[str, str, str]]


def records(town: Town, labels: Sequence[Labels], households: int, edge: str) -> list[list[Record]]:
    """The grids of each level; `labels[level][number]` is (code, name, kind), `edge` what lies outside."""
    people = _people(town, households, Random(town.ground.seed + 1))
    return [_level(town, level, labels, people, edge) for level in range(len(town.levels))]


def _level(town: Town, level: int, labels: Sequence[Labels], people: list[tuple[int, int]], edge: str) -> list[Record]:
    rings, units = town.rings(level), town.units(level)
    parents = [labels[level - 1][p][0] for p in town.parents(level)] if level else [None] * len(units)
    bounds = bounds_in_words(town, level, [name for _, name, _ in labels[level]], edge)
    return [
        Record(
            level=level,
            number=number,
            code=code,
            name=name,
            parent_code=parents[number],
            kind=kind,
            households=sum(people[u][0] for u in units[number]),
            population=sum(people[u][1] for u in units[number]),
            bounds=bounds[number],
            ring=tuple(rings[number]),
        )
        for number, (code, name, kind) in enumerate(labels[level])
    ]


def _people(town: Town, households: int, random: Random) -> list[tuple[int, int]]:
    """(households, population) of each unit, in proportion to where people live, give or take."""
    weights = [fsum(town.terrain.density(x, y) for x, y in homes) for homes in town.homes]
    per_weight = households / fsum(weights)
    rows = []
    for weight in weights:
        count = max(18, round(weight * per_weight * (0.75 + 0.5 * random.random())))
        rows.append((count, round(count * (2.2 + 0.9 * random.random()))))
    return rows


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of an area's border: which way it lies from the area's middle, how long it is, and what is beyond."""

    east: float
    north: float
    length_m: float
    beyond: str

    def toward(self, side: str) -> float:
        """How far it lies in the direction of `side`, in metres; negative for the other side."""
        return {"东": self.east, "南": -self.north, "西": -self.east, "北": self.north}[side]

    def faces(self, side: str) -> bool:
        """Whether `side` is the side it lies on most."""
        return self.toward(side) >= max(abs(self.east), abs(self.north))


def bounds_in_words(town: Town, level: int, names: Sequence[str], edge: str) -> list[str]:
    """The four sides of each area: a river or road by its name, else the neighbour with most border on that side."""
    centres = [_centre([p for u in units for p in town.homes[u]]) for units in town.units(level)]
    stretches: list[list[Stretch]] = [[] for _ in names]
    for arc in town.arcs:
        left, right = _area(town, level, arc.left), _area(town, level, arc.right)
        if left == right:
            continue
        line = _line_along(town, arc)
        x, y = _centre(arc.points)
        for area, other in ((left, right), (right, left)):
            if area != NOBODY:
                beyond = line or (edge if other == NOBODY else names[other])
                cx, cy = centres[area]
                stretches[area].append(Stretch(x - cx, y - cy, arc.length(), beyond))
    return ["，".join(f"{side}至{_beyond(side, rim)}" for side in SIDES) for rim in stretches]


def _area(town: Town, level: int, unit: int) -> int:
    return NOBODY if unit == NOBODY else town.levels[level][unit]


def _beyond(side: str, rim: Sequence[Stretch]) -> str:
    facing = [s for s in rim if s.faces(side)]
    if not facing:
        return max(rim, key=lambda s: s.toward(side)).beyond
    lengths: dict[str, float] = defaultdict(float)
    for stretch in facing:
        lengths[stretch.beyond] += stretch.length_m
    return max(sorted(lengths), key=lambda beyond: lengths[beyond])


def _line_along(town: Town, arc: Arc) -> str | None:
    x, y = np.array(arc.points).T
    for line in town.terrain.lines:
        if line.side(x, y).all() and fsum(line.gap(x, y).tolist()) / len(x) < ALONG_M:
            return line.name
    return None


def _centre(points: Sequence[Point]) -> Point:
    return fsum(x for x, _ in points) / len(points), fsum(y for _, y in points) / len(points)
