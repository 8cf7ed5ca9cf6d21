"""Heat pictures, one an area and span however many screens ask, changed by what came and went and not drawn anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from cases.model import Scope
from cases.ports import Views
from geo.density import Bounds, HeatMap, difference_picture, etag_of

KEPT_S = 10.0
NEAR_M = 50.0
METRES_PER_DEGREE = 111_320.0
KEPT_MOST = 32  # a picture's cells take 2 MB; the one longest not asked for goes first

Points = npt.NDArray[np.complex128]  # lon + lat·i, degrees WGS-84, sorted


@dataclass(frozen=True, slots=True)
class HeatAsk:
    """Which heat: `of` is count, overdue, repeat or change (against as many days before), smoothed over `metres`."""

    of: str = "count"
    metres: int = 150
    days: int = 30


@dataclass(frozen=True, slots=True)
class HeatShown:
    """A picture, its ETag, and what its legend must say: the peak in cases per km², and how many cases."""

    png: bytes
    etag: str
    peak_per_km2: float
    count: int
    count_before: int


Read = Callable[[], tuple[Points, Points]]  # of the span itself, and of the one before where that is asked for


class KeptHeat:
    """One heat of one area. Blocking; one caller reads, the others wait and find it fresh."""

    def __init__(self, bounds: Bounds, metres: float, *, is_change: bool = False) -> None:
        self._turn = threading.Lock()
        self._heats = [KeptPoints(bounds, metres) for _ in range(2 if is_change else 1)]
        self._as_of: datetime | None = None
        self._shown: HeatShown | None = None

    def shown(self, read: Read, now: datetime) -> HeatShown:
        """The picture; `read` is asked for the points when the last answer is older than ten seconds."""
        with self._turn:
            if self._shown is None or self._as_of is None or (now - self._as_of).total_seconds() > KEPT_S:
                moved = [heat.take(points) for heat, points in zip(self._heats, read(), strict=False)]
                self._shown = self._show() if any(moved) or self._shown is None else self._shown
                self._as_of = now
            return self._shown

    def _show(self) -> HeatShown:
        first, *before = self._heats
        density = first.heat.density()
        if not before:
            peak = float(density.max()) / first.heat.cell_km2
            return HeatShown(first.heat.picture(), first.heat.etag, peak, len(first.points), 0)
        other = before[0].heat.density()
        picture = difference_picture(density, other)
        peak = float(abs(density - other).max()) / first.heat.cell_km2
        return HeatShown(picture, etag_of(picture), peak, len(first.points), len(before[0].points))


class KeptPoints:
    """A heat map and the points it is made of, changed by what came and went."""

    def __init__(self, bounds: Bounds, metres: float) -> None:
        self.heat = HeatMap(bounds, bandwidth_m=metres)
        self.points: Points = np.empty(0, np.complex128)

    def take(self, points: Points) -> bool:
        """Late, moved, voided and outlived cases alike: what differs is added or taken out; whether anything did."""
        if np.array_equal(points, self.points):
            return False
        changed, weight = difference(self.points, points)
        self.heat.add(changed.real, changed.imag, weight)
        self.points = points
        return True


class Heats:
    """The heats of every area and kind asked for lately."""

    def __init__(self, views: Views, bounds_of: Callable[[str], Bounds]) -> None:
        self._views, self._bounds_of = views, bounds_of
        self._kept: OrderedDict[tuple[str, HeatAsk], KeptHeat] = OrderedDict()
        self._turn = threading.Lock()

    def shown(self, scope: Scope, ask: HeatAsk, now: datetime) -> HeatShown:
        """The heat of the located cases of the last `ask.days` within the scope's area. Blocking."""
        whole = Scope(scope.area)
        since = now - timedelta(days=ask.days)

        def read() -> tuple[Points, Points]:
            points = as_points(self._views.points(whole, since, late_only=ask.of == "overdue"))
            if ask.of == "repeat":
                return repeated(points), NOTHING
            if ask.of != "change":
                return points, NOTHING
            return points, as_points(self._views.points(whole, since - timedelta(days=ask.days), until=since))

        return self._heat_of(scope.area, ask).shown(read, now)

    def _heat_of(self, area: str, ask: HeatAsk) -> KeptHeat:
        with self._turn:
            key = (area, ask)
            if key not in self._kept:
                self._kept[key] = KeptHeat(self._bounds_of(area), ask.metres, is_change=ask.of == "change")
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
            return self._kept[key]


NOTHING: Points = np.empty(0, np.complex128)


def repeated(points: Points) -> Points:
    """Those points that share a square of 50 m with another one: the places that are heard of again."""
    if not len(points):
        return points
    lat_step = NEAR_M / METRES_PER_DEGREE
    lon_step = lat_step / max(0.01, float(np.cos(np.radians(points.imag.mean()))))
    squares = np.floor(points.real / lon_step) + 1j * np.floor(points.imag / lat_step)
    _, which, counts = np.unique(squares, return_inverse=True, return_counts=True)
    return points[counts[which] > 1]


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
