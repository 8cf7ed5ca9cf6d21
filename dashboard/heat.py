"""Heat pictures, one an area and span however many screens ask, changed by what came and went and not drawn anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from cases.model import Scope
from cases.ports import Views
from geo.density import Bounds, HeatMap

KEPT_S = 10.0
KEPT_MOST = 32  # a picture's cells take 2 MB; the one longest not asked for goes first

Points = npt.NDArray[np.complex128]  # lon + lat·i, degrees WGS-84, sorted


class KeptHeat:
    """The heat of one area and span. Blocking; one caller reads, the others wait and find it fresh."""

    def __init__(self, bounds: Bounds) -> None:
        self._turn = threading.Lock()
        self._heat = HeatMap(bounds)
        self._points: Points = np.empty(0, np.complex128)
        self._as_of: datetime | None = None

    def picture(self, read: Callable[[], Points], now: datetime) -> tuple[bytes, str]:
        """PNG and strong ETag; `read` is asked for the points when the last answer is older than ten seconds."""
        with self._turn:
            if self._as_of is None or (now - self._as_of).total_seconds() > KEPT_S:
                self._take(read())
                self._as_of = now
            return self._heat.picture(), self._heat.etag

    def _take(self, points: Points) -> None:
        """Late, moved, voided and outlived cases alike: whatever differs from the last points is added or taken out."""
        if np.array_equal(points, self._points):
            return
        changed, weight = difference(self._points, points)
        self._heat.add(changed.real, changed.imag, weight)
        self._points = points


class Heats:
    """The heat of every area and span asked for lately."""

    def __init__(self, views: Views, bounds_of: Callable[[str], Bounds]) -> None:
        self._views, self._bounds_of = views, bounds_of
        self._kept: OrderedDict[tuple[str, int], KeptHeat] = OrderedDict()
        self._turn = threading.Lock()

    def picture(self, scope: Scope, days: int, now: datetime) -> tuple[bytes, str]:
        """PNG and strong ETag of the located cases of the last `days` within the scope's area. Blocking."""

        def read() -> Points:
            found = self._views.points(Scope(scope.area), now - timedelta(days=days))
            return as_points(found)

        return self._heat_of(scope.area, days).picture(read, now)

    def _heat_of(self, area: str, days: int) -> KeptHeat:
        with self._turn:
            key = (area, days)
            if key not in self._kept:
                self._kept[key] = KeptHeat(self._bounds_of(area))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
            return self._kept[key]


def as_points(places: object) -> Points:
    """Pairs of (lon, lat) as sorted complex numbers."""
    pairs = np.asarray(places, np.float64).reshape(-1, 2)
    return np.sort(pairs[:, 0] + 1j * pairs[:, 1])


def difference(before: Points, after: Points) -> tuple[Points, npt.NDArray[np.float64]]:
    """Places whose number changed, and by how many: more than nothing came, less than nothing went."""
    places, which = np.unique(np.concatenate([before, after]), return_inverse=True)
    gone = np.bincount(which[: len(before)], minlength=len(places))
    come = np.bincount(which[len(before) :], minlength=len(places))
    weight = (come - gone).astype(np.float64)
    changed = weight != 0
    return places[changed], weight[changed]
