"""How far two places are apart, and the box to ask the record for before anything is measured."""

from __future__ import annotations

from cases.model import Place
from geo.distance import metres

_M_PER_DEG = 60_000  # generous: a degree of longitude is at least 60 km anywhere in China


def box_around(place: Place, metres_off: float) -> tuple[float, float, float, float] | None:
    """West, south, east, north (degrees WGS-84) that hold all within `metres_off`; None where the place is unknown."""
    if place.lon is None or place.lat is None:
        return None
    off = metres_off / _M_PER_DEG
    return place.lon - off, place.lat - off, place.lon + off, place.lat + off


def metres_between(one: Place, other: Place) -> float | None:
    """The straight way in metres; None where one of both places is unknown."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return metres(one.lon, one.lat, other.lon, other.lat)
