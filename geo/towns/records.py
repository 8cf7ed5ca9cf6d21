"""What is written about each grid: code, name, people, area, and what it borders on each side (四至)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

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
    return [
        [
            Record(
                level,
                number,
                *labels[level][number][:2],
                labels[level - 1][town.parents(level)[number]][0] if level else None,
                labels[level][number][2],
                sum(people[u][0] for u in units),
                sum(people[u][1] for u in units),
                bounds,
                tuple(town.rings(level)[number]),
            )
            for number, (units, bounds) in enumerate(
                zip(town.units(level), _bounds(town, level, labels[level], edge), strict=True)
            )
        ]
        for level in range(len(town.levels))
    ]


def _people(town: Town, households: int, random: Random) -> list[tuple[int, int]]:
    """(households, population) of each unit, in proportion to where people live, give or take."""
    weights = [sum(town.terrain.density(x, y) for x, y in homes) for homes in town.homes]
    per_weight = households / sum(weights)
    rows = []
    for weight in weights:
        count = max(18, round(weight * per_weight * (0.75 + 0.5 * random.random())))
        rows.append((count, round(count * (2.2 + 0.9 * random.random()))))
    return rows


def _bounds(town: Town, level: int, labels: Labels, edge: str) -> Iterator[str]:
    """The four sides in words: along a river or road by its name, else the neighbour with most border there."""
    lengths: list[dict[tuple[str, str], float]] = [defaultdict(float) for _ in labels]
    centres = [_centre([p for u in units for p in town.homes[u]]) for units in town.units(level)]
    area_of = lambda unit: NOBODY if unit == NOBODY else town.levels[level][unit]  # noqa: E731
    for arc in town.arcs:
        left, right = area_of(arc.left), area_of(arc.right)
        if left != right:
            _note(town, arc, left, right, lengths, centres, lambda a: edge if a == NOBODY else labels[a][1])
            _note(town, arc, right, left, lengths, centres, lambda a: edge if a == NOBODY else labels[a][1])
    for area in range(len(labels)):
        yield ",".join(f"{side}至{_on(side, lengths[area], edge)}" for side in SIDES)


def _note(
    town: Town,
    arc: Arc,
    area: int,
    other: int,
    lengths: list[dict[tuple[str, str], float]],
    centres: list[Point],
    name: Callable[[int], str],
) -> None:
    if area == NOBODY:
        return
    along = _line_along(town, arc)
    middle = _centre(arc.points)
    lengths[area][_side(centres[area], middle), along or name(other)] += arc.length()


def _line_along(town: Town, arc: Arc) -> str | None:
    for line in town.terrain.lines:
        if all(line.side(x, y) for x, y in arc.points):
            gaps = [abs(line.curve(y) - x if line.upright else line.curve(x) - y) for x, y in arc.points]
            if sum(gaps) / len(gaps) < ALONG_M:
                return line.name
    return None


def _side(centre: Point, place: Point) -> str:
    dx, dy = place[0] - centre[0], place[1] - centre[1]
    if abs(dx) > abs(dy):
        return "东" if dx > 0 else "西"
    return "北" if dy > 0 else "南"


def _on(side: str, lengths: dict[tuple[str, str], float], edge: str) -> str:
    found = {what: length for (where, what), length in lengths.items() if where == side}
    return max(sorted(found), key=lambda what: found[what]) if found else edge


def _centre(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
