"""What stands in the demo town: cameras, sensitive places, and addresses people would give. All invented."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import numpy as np
import shapely

from geo.towns import names
from geo.towns.borders import Point
from geo.towns.records import Record
from geo.towns.terrain import Line, distance
from geo.towns.town import Town

# Sites keep off the borders: 0.0003 degrees are about 30 m.
MARGIN_DEGREES = 0.0003
CAMERAS = 120
COURSE_STEP_M = 60.0
# GB/T 28181: 8 digits of the centre, 2 of the trade, 3 of the type (132: network camera), 1 of the network, 6 counted.
CAMERA_ID = "{centre}00132" + "0{number:06d}"


class Lots:
    """Places inside a unit, off its borders, handed out at random."""

    def __init__(self, town: Town, innermost: Sequence[Record], random: Random) -> None:
        self._town, self._records, self._random = town, innermost, random
        inner = [record.polygon().buffer(-MARGIN_DEGREES) for record in innermost]
        self._areas = [a if not a.is_empty else r.polygon() for a, r in zip(inner, innermost, strict=True)]
        self._weights = [record.households for record in innermost]

    def anywhere(self) -> tuple[Record, Point]:
        """A grid, more often where more people live, and a place (lon, lat) in it."""
        unit = self._random.choices(range(len(self._records)), self._weights)[0]
        return self._records[unit], self.within(unit)

    def within(self, unit: int) -> Point:
        """A place (lon, lat) in the unit."""
        homes = self._town.homes[unit]
        for _ in range(200):
            place = self._town.degrees(self._random.choice(homes))
            if shapely.Point(place).within(self._areas[unit]):
                return place
        raise ValueError(f"unit {unit} has no cell off its border")

    def unit_at(self, place: Point) -> int | None:
        """The unit that holds a place well off its borders."""
        point = shapely.Point(place)
        return next((u for u, area in enumerate(self._areas) if point.within(area)), None)


def _feature(place: Point, **properties: object) -> dict[str, object]:
    geometry = {"type": "Point", "coordinates": place}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def places(town: Town, levels: Sequence[Sequence[Record]], random: Random) -> list[dict[str, object]]:
    """The landmarks, then what every first-level grid has."""
    lots = Lots(town, levels[-1], random)
    homes = {grid.name: units for grid, units in zip(levels[0], town.units(0), strict=True)}
    homes[""] = [unit for name in names.COMMUNITIES for unit in homes[name]]
    wanted = [
        *names.LANDMARKS,
        *((k, grid.name + what, grid.name) for grid in levels[0] for k, what in names.EVERYWHERE),
    ]
    rows = []
    for number, (kind, name, where) in enumerate(wanted, start=1):
        unit = random.choice(homes[where])
        rows.append(_feature(lots.within(unit), id=f"P-{number:03d}", kind=kind, name=name, grid=levels[-1][unit].code))
    return rows


def cameras(town: Town, levels: Sequence[Sequence[Record]], random: Random) -> list[dict[str, object]]:
    """Cameras at crossings along roads and rivers, then among the houses; bearings in degrees from north."""
    lots = Lots(town, levels[-1], random)
    rows = list(_roadside(town, levels[-1], lots))[: CAMERAS // 2]
    while len(rows) < CAMERAS:
        grid, place = lots.anywhere()
        rows.append((f"{grid.name}公共区", grid, place))
    return [
        _feature(
            place,
            id=CAMERA_ID.format(centre=levels[0][0].code[:6] + "00", number=number),
            name=name,
            grid=grid.code,
            bearing_deg=random.randrange(0, 360, 15),
            online=random.random() > 0.03,
        )
        for number, (name, grid, place) in enumerate(rows, start=1)
    ]


def _roadside(town: Town, innermost: Sequence[Record], lots: Lots) -> Iterator[tuple[str, Record, Point]]:
    reach = 1.3 * town.terrain.radius_m
    for line in town.terrain.lines:
        stand = "卡口" if line.kind == "road" else "河岸"
        last: Point | None = None
        for number, (x, y) in enumerate(line.points(-reach, reach, 60.0)):
            if last and distance(last, (x, y)) < 420.0:
                continue
            unit = lots.unit_at(town.degrees((x + 25.0, y + 25.0)))
            if unit is not None:
                last = (x, y)
                yield (
                    f"{line.name}{innermost[unit].name}{stand}{number:03d}",
                    innermost[unit],
                    town.degrees((x + 25.0, y + 25.0)),
                )


def addresses(town: Town, levels: Sequence[Sequence[Record]], random: Random) -> dict[str, list[dict[str, object]]]:
    """For each innermost grid, addresses as people say them, each with its place; no text twice in the town."""
    lots = Lots(town, levels[-1], random)
    made: dict[str, list[dict[str, object]]] = {}
    for unit, grid in enumerate(levels[-1]):
        outer = levels[0][town.levels[0][unit]].name
        rows: list[dict[str, object]] = []
        for text in _texts(outer, grid, random):
            lon, lat = lots.within(unit)
            rows.append({"text": text, "lon": lon, "lat": lat})
        made[grid.code] = rows
    return made


IN_VILLAGE = ("{o}{i}{n}号", "{o}{i}{s}号", "{o}{i}小店门口", "{o}{i}晒谷场", "{o}{i}公交站牌旁", "{o}{i}水塘边")
IN_TOWN = (
    "{m}{b}幢{u}单元{r}室",
    "{m}{b}幢楼下",
    "{m}{c}幢{u}单元{r}室",
    "{m}{n}号商铺",
    "{o}{m}{s}号",
    "{m}{c}幢旁停车位",
)


def _texts(outer: str, grid: Record, random: Random) -> list[str]:
    """Farmhouses and village spots in the country; blocks, shops and house numbers, each part its own, in town."""
    part = int(grid.code[-2:])
    low = 12 * (part - 1)
    numbers = random.sample(range(60 * part - 59, 60 * part), 2)
    fill = {
        "o": outer,
        "i": grid.name,
        "m": grid.name.removesuffix("片")[:-1],
        "n": numbers[0],
        "s": numbers[1],
        "b": low + random.randrange(1, 7),
        "c": low + random.randrange(7, 13),
        "u": random.randrange(1, 4),
        "r": f"{random.randrange(1, 12)}0{random.randrange(1, 5)}",
    }
    return [form.format(**fill) for form in (IN_VILLAGE if outer.endswith("村") else IN_TOWN)]


def waters_and_roads(town: Town, levels: Sequence[Sequence[Record]]) -> list[dict[str, object]]:
    """Rivers, brooks and roads as lines cut to the town, for a map without a base map."""
    outline = shapely.union_all([record.polygon() for record in levels[0]])
    river = town.terrain.lines[0]
    rows: list[dict[str, object]] = []
    for line in town.terrain.lines:
        course = shapely.LineString([town.degrees(p) for p in _course(line, river, 1.4 * town.terrain.radius_m)])
        for part in shapely.get_parts(course.intersection(outline)):
            path = [(round(x, 6), round(y, 6)) for x, y in part.coords]
            rows.append(
                {
                    "type": "Feature",
                    "properties": {"name": line.name, "kind": line.kind},
                    "geometry": {"type": "LineString", "coordinates": path},
                }
            )
    return rows


def _course(line: Line, river: Line, reach: float) -> list[Point]:
    """The line's points; a brook comes from the north and ends in the river, wherever its own curve would end."""
    if line.kind != "river" or line is river:
        return line.points(-reach, reach, COURSE_STEP_M)
    points = []
    for x, y in replace(line, start=-reach).points(-reach, reach, COURSE_STEP_M)[::-1]:
        points.append((x, y))
        if river.side(np.array([x]), np.array([y]))[0] <= 0:
            break
    return points
