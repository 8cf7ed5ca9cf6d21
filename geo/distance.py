"""Metres between places, and square metres of shapes; degrees are never taken for metres."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6_371_008.8  # mean radius (IUGG); the sphere is wrong by at most 0.6 %


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres between two WGS-84 places."""
    return float(_haversine(lon1, lat1, lon2, lat2, math))


def metres_many(
    lons1: npt.ArrayLike, lats1: npt.ArrayLike, lons2: npt.ArrayLike, lats2: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """`metres` for arrays that broadcast against each other."""
    lon1, lat1, lon2, lat2 = (np.asarray(degrees, dtype=np.float64) for degrees in (lons1, lats1, lons2, lats2))
    return np.asarray(_haversine(lon1, lat1, lon2, lat2, np), dtype=np.float64)


def square_metres(shapes: Sequence[BaseGeometry] | npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The area of each WGS-84 shape in m², in an equal-area projection centred on all of them."""
    geometries = np.asarray(shapes, dtype=object)
    if not len(geometries):
        return np.zeros(0)
    west, south, east, north = shapely.total_bounds(geometries)
    if not math.isfinite(west):
        return np.zeros(len(geometries))
    # Rounding keeps nearly equal layers on one projection (and one cached transformer).
    project = _equal_area(round((west + east) / 2, 1), round((south + north) / 2, 1))
    flat = shapely.transform(geometries, lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1])))
    return np.asarray(shapely.area(flat), dtype=np.float64)


@lru_cache(maxsize=64)
def _equal_area(lon: float, lat: float) -> Any:
    from pyproj import Transformer  # noqa: PLC0415 — the gateway measures distances and never areas

    laea = f"+proj=laea +lon_0={lon} +lat_0={lat} +datum=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", laea, always_xy=True)


def _haversine(lon1: Any, lat1: Any, lon2: Any, lat2: Any, m: Any) -> Any:
    """`m` is `math` for numbers, `numpy` for arrays: one formula for both."""
    half_lat, half_lon = m.radians(lat2 - lat1) / 2, m.radians(lon2 - lon1) / 2
    chord = m.sin(half_lat) ** 2 + m.cos(m.radians(lat1)) * m.cos(m.radians(lat2)) * m.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * m.asin(m.sqrt(chord))
