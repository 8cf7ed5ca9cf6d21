"""An area that a hand drew on the map, as an address has it: `lon,lat;lon,lat;…` in WGS-84 degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

MOST_CORNERS = 200


def ring_of(text: str) -> BaseGeometry:
    """The area inside; ValueError (for people) when it is none. A line that crosses itself is cleaned."""
    try:
        corners = [tuple(float(part) for part in corner.split(",")) for corner in text.split(";") if corner]
    except ValueError:
        raise ValueError("圈定范围须写成 经度,纬度;经度,纬度;…") from None
    if not 3 <= len(corners) <= MOST_CORNERS or any(len(corner) != 2 for corner in corners):
        raise ValueError(f"圈定范围须有 3 到 {MOST_CORNERS} 个顶点")
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in corners):  # what is no number is not either
        raise ValueError("圈定范围的经纬度超出范围")
    shape = shapely.make_valid(shapely.Polygon(corners))
    if shape.area <= 0:
        raise ValueError("圈定范围没有面积")
    return shape


def inside(shape: BaseGeometry, lons: Sequence[float | None], lats: Sequence[float | None]) -> NDArray[np.bool_]:
    """Which of the points lie in a shape or on its edge; a point without a place does not."""
    shapely.prepare(shape)
    x, y = (np.array(each, dtype=float) for each in (lons, lats))
    hit: NDArray[np.bool_] = shapely.intersects_xy(shape, x, y)
    return hit
