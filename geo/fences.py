"""How far places lie outside a fence: a circle or a ring, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from shapely.geometry import Point, Polygon
from shapely.prepared import PreparedGeometry, prep

from geo.distance import metres

METRES_A_DEGREE = 111_195.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Circle:
    """A fence around a place (lon, lat, WGS-84), its radius in metres."""

    lon: float
    lat: float
    radius_m: float

    def metres_out(self, lon: float, lat: float) -> float:
        """Metres from the edge to a place outside; 0 or less inside."""
        return metres(self.lon, self.lat, lon, lat) - self.radius_m

    def box(self, margin_m: float) -> Box:
        """West, south, east, north around the fence with a margin, degrees WGS-84."""
        return _around((self.lon, self.lat, self.lon, self.lat), self.radius_m + margin_m)


class Ring:
    """A fence of straight edges between points (lon, lat, WGS-84); a few kilometres wide at most, laid flat."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._bounds = Polygon(points).bounds
        self._origin = (self._bounds[0] + self._bounds[2]) / 2, (self._bounds[1] + self._bounds[3]) / 2
        self._flat = Polygon([self._laid(lon, lat) for lon, lat in points])
        self._inside: PreparedGeometry[Polygon] = prep(self._flat)

    @property
    def is_sound(self) -> bool:
        """Whether its edges do not cross one another and it has an inside."""
        return bool(self._flat.is_valid) and self._flat.area > 0

    def metres_out(self, lon: float, lat: float) -> float:
        """Metres from the edge to a place outside; 0 inside and on the edge."""
        place = Point(self._laid(lon, lat))
        return 0.0 if self._inside.covers(place) else float(self._flat.distance(place))

    def box(self, margin_m: float) -> Box:
        """West, south, east, north around the fence with a margin, degrees WGS-84."""
        return _around(self._bounds, margin_m)

    def _laid(self, lon: float, lat: float) -> tuple[float, float]:
        east = (lon - self._origin[0]) * METRES_A_DEGREE * cos(radians(self._origin[1]))
        return east, (lat - self._origin[1]) * METRES_A_DEGREE


@dataclass(frozen=True, slots=True)
class Circles:
    """A fence of several circles, at least one."""

    parts: tuple[Circle, ...]

    def metres_out(self, lon: float, lat: float) -> float:
        """Metres from the nearest edge to a place outside all of them; 0 or less inside one."""
        return min(each.metres_out(lon, lat) for each in self.parts)

    def box(self, margin_m: float) -> Box:
        """West, south, east, north around all of them with a margin, degrees WGS-84."""
        west, south, east, north = zip(*(each.box(margin_m) for each in self.parts), strict=True)
        return min(west), min(south), max(east), max(north)


Fence = Circle | Ring | Circles


def _around(bounds: Box, margin_m: float) -> Box:
    west, south, east, north = bounds
    tall = margin_m / METRES_A_DEGREE
    wide = tall / cos(radians((south + north) / 2))
    return west - wide, south - tall, east + wide, north + tall
