"""Coordinate systems: WGS-84, CGCS2000, GCJ-02 and BD-09, converted once, on entry.

The GCJ-02 and BD-09 formulas are the community's published ones (domain.md c1 holds five vectors computed
from them). CGCS2000 differs from WGS-84 by about 0.1 mm and is taken as equal.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownCrs

CRS_NAMES = ("wgs84", "gcj02", "bd09", "cgcs2000")

Floats = npt.NDArray[np.float64]

_AXIS_M = 6378245.0  # Krasovsky 1940, as GCJ-02 uses it
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000.0 / 180.0
_CHINA_LON = (72.004, 137.8347)
_CHINA_LAT = (0.8293, 55.8271)
_CLOSE_ENOUGH_DEG = 1e-10  # about 0.01 mm
_MOST_ROUNDS = 30
# Each round gains two decimals or more; a fixed number gives one place one answer, whatever else is in the array.
_ROUNDS_FOR_MANY = 8


def to_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """The place in WGS-84 degrees; a point already in WGS-84 or CGCS2000 comes back unchanged.

    The inverse is iterated until forward and back agree within 0.01 mm. Raises UnknownCrs.
    """
    if _is_wgs84(crs):
        return lon, lat
    found_lon, found_lat = lon, lat
    for _ in range(_MOST_ROUNDS):
        shown_lon, shown_lat = from_wgs84(found_lon, found_lat, crs)
        step_lon, step_lat = lon - shown_lon, lat - shown_lat
        found_lon, found_lat = found_lon + step_lon, found_lat + step_lat
        if abs(step_lon) + abs(step_lat) < _CLOSE_ENOUGH_DEG:
            break
    return found_lon, found_lat


def from_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """The same place as `crs` writes it; for display against a base map. Raises UnknownCrs."""
    if _is_wgs84(crs):
        return lon, lat
    if _in_china(lon, lat):
        east, north = _gcj_offset(lon, lat, math)
        lon, lat = lon + east, lat + north
    if crs == "bd09":
        lon, lat = _bd_from_gcj(lon, lat, math)
    return lon, lat


def to_wgs84_many(lons: npt.ArrayLike, lats: npt.ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """`to_wgs84` for arrays of equal length; the arguments are not changed."""
    lon, lat = np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64)
    if _is_wgs84(crs):
        return lon, lat
    # What is not a finite number stays none, without a warning.
    with np.errstate(invalid="ignore"):
        return _inverse_many(lon, lat, crs)


def _inverse_many(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]:
    found_lon, found_lat = lon.copy(), lat.copy()
    for _ in range(_ROUNDS_FOR_MANY):
        shown_lon, shown_lat = from_wgs84_many(found_lon, found_lat, crs)
        found_lon += lon - shown_lon
        found_lat += lat - shown_lat
    return found_lon, found_lat


def from_wgs84_many(lons: npt.ArrayLike, lats: npt.ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """`from_wgs84` for arrays of equal length; the arguments are not changed."""
    lon, lat = np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64)
    if _is_wgs84(crs):
        return lon, lat
    inside = _in_china(lon, lat)
    with np.errstate(invalid="ignore"):  # what is not finite is not inside, whatever its sine
        east, north = _gcj_offset(lon, lat, np)
        lon, lat = lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)
        if crs == "bd09":
            lon, lat = _bd_from_gcj(lon, lat, np)
    return lon, lat


def _is_wgs84(crs: str) -> bool:
    if crs not in CRS_NAMES:
        raise UnknownCrs(crs)
    return crs in ("wgs84", "cgcs2000")


def _in_china(lon: Any, lat: Any) -> Any:
    """GCJ-02 shifts only inside this rectangle; `&` serves numbers and arrays alike."""
    east_west = (_CHINA_LON[0] <= lon) & (lon <= _CHINA_LON[1])
    return east_west & (_CHINA_LAT[0] <= lat) & (lat <= _CHINA_LAT[1])


def _gcj_offset(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    """Degrees to add to WGS-84; `m` is `math` for one point, `numpy` for many."""
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * m.sin(6.0 * x * m.pi) + 20.0 * m.sin(2.0 * x * m.pi)
    bend = 0.1 * m.sqrt(m.fabs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * bend
    north_m += (wave + 20.0 * m.sin(y * m.pi) + 40.0 * m.sin(y / 3.0 * m.pi)) * 2.0 / 3.0
    north_m += (160.0 * m.sin(y / 12.0 * m.pi) + 320.0 * m.sin(y * m.pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + bend
    east_m += (wave + 20.0 * m.sin(x * m.pi) + 40.0 * m.sin(x / 3.0 * m.pi)) * 2.0 / 3.0
    east_m += (150.0 * m.sin(x / 12.0 * m.pi) + 300.0 * m.sin(x / 30.0 * m.pi)) * 2.0 / 3.0
    radians = lat / 180.0 * m.pi
    flat = 1.0 - _ECCENTRICITY_2 * m.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (flat * m.sqrt(flat))
    parallel_m = _AXIS_M / m.sqrt(flat) * m.cos(radians)
    return east_m * 180.0 / (parallel_m * m.pi), north_m * 180.0 / (meridian_m * m.pi)


def _bd_from_gcj(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    radius = m.sqrt(lon * lon + lat * lat) + 0.00002 * m.sin(lat * _BD_TURN)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * _BD_TURN)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006
