"""The ground an invented town stands on: hills, a river, brooks and roads, from a seed.

Only `+ - * /` and `sqrt` are used, which IEEE 754 rounds the same on every machine: `sin` and `exp` differ in the
last bit between processors, and one bit is enough to move a border. Floats are added up with `fsum`, since the built-in
`sum` rounds otherwise from Python 3.12 on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import TypeVar

import numpy as np
import numpy.typing as npt

LATTICE = 256
Cells = npt.NDArray[np.int64]


Numbers = npt.NDArray[np.float64]
Place = TypeVar("Place", float, npt.NDArray[np.float64])


class Noise:
    """Value noise: smooth, repeatable, between -1 and 1; `x` and `y` in units of one bump."""

    def __init__(self, random: Random) -> None:
        self._values = np.array([2.0 * random.random() - 1.0 for _ in range(LATTICE)])
        order = list(range(LATTICE))
        random.shuffle(order)
        self._order = np.array(order)

    def _at(self, column: Cells, row: Cells) -> Numbers:
        mask = LATTICE - 1
        found: Numbers = self._values[self._order[(column + self._order[row & mask]) & mask]]
        return found

    def __call__(self, x: Numbers, y: Numbers) -> Numbers:
        column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        u, v = _ease(x - column), _ease(y - row)
        south = self._at(column, row) * (1 - u) + self._at(column + 1, row) * u
        north = self._at(column, row + 1) * (1 - u) + self._at(column + 1, row + 1) * u
        return south * (1 - v) + north * v


def _ease(t: Numbers) -> Numbers:
    return t * t * t * (t * (6.0 * t - 15.0) + 10.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A named river, brook or road: the curve `across = f(along)`, from `start` to `end` metres of `along`."""

    name: str
    kind: str
    toll_m: float
    upright: bool
    curve: Callable[[Numbers], Numbers]
    start: float = -1e9
    end: float = 1e9

    def across(self, along: Numbers) -> Numbers:
        """Where the line is, for each place along it."""
        different, which = np.unique(along, return_inverse=True)
        return self.curve(different)[which]

    def side(self, x: Numbers, y: Numbers) -> Cells:
        """1 or -1 for the two banks, 0 beyond the ends, where nothing is crossed."""
        along, across = (y, x) if self.upright else (x, y)
        within = (self.start <= along) & (along <= self.end)
        return np.where(across > self.across(along), 1, -1) * within

    def gap(self, x: Numbers, y: Numbers) -> Numbers:
        """Metres to the line, straight across, not the shortest way."""
        along, across = (y, x) if self.upright else (x, y)
        return np.abs(self.across(along) - across)

    def points(self, low: float, high: float, step: float) -> list[tuple[float, float]]:
        """The line as points in metres, every `step` metres of what lies between `low` and `high`."""
        low, high = max(low, self.start), min(high, self.end)
        count = max(2, int((high - low) / step) + 1)
        alongs = [low + (high - low) * i / (count - 1) for i in range(count)]
        across = self.curve(np.array(alongs)).tolist()
        return list(zip(across, alongs, strict=True)) if self.upright else list(zip(alongs, across, strict=True))


def wavy(noise: Noise, offset: float, slope: float, swing: float, wave: float) -> Callable[[Numbers], Numbers]:
    """A curve that wanders `swing` metres about a straight line, a bend every `wave` metres and small bends on top."""

    def layer(t: Numbers, lane: float) -> Numbers:
        return noise(t, np.full_like(t, lane))

    def curve(along: Numbers) -> Numbers:
        t = along / wave
        bends = layer(t, 7.5) + 0.5 * layer(2.3 * t, 31.5)
        bends = bends + 0.24 * layer(5.1 * t, 77.5)
        bends = bends + 0.1 * layer(11.7 * t, 5.5)
        return offset + slope * along + swing * bends

    return curve


@dataclass(frozen=True, slots=True)
class Terrain:
    """What makes walking slow (hills, ridges, water, roads to cross) and what draws people (the core)."""

    relief: Noise
    ridges: Noise
    radius_m: float
    core: tuple[float, float]
    contrast: float
    lines: tuple[Line, ...]

    def slowness(self, x: Numbers, y: Numbers) -> Numbers:
        """Cost of a metre at each place; ridges are the slow, winding bands along which villages meet."""
        # Turned by 37 degrees (3-4-5): value noise likes its own axes, borders should not.
        u, v = (0.8 * x - 0.6 * y) / self.radius_m, (0.6 * x + 0.8 * y) / self.radius_m
        bend = self.relief(2.1 * u + 9.5, 2.1 * v - 3.5)
        twist = self.relief(7.0 * v - 20.5, 7.0 * u + 11.5)
        ridge = abs(self.ridges(2.6 * u + 0.5 * bend + 0.16 * twist, 2.6 * v - 0.5 * bend + 0.16 * twist))
        spur = abs(self.ridges(6.3 * u + 40.3 + 0.3 * twist, 6.3 * v - 17.9 - 0.3 * twist))
        rough = self.relief(17.0 * u, 17.0 * v) + 0.8 * self.relief(41.0 * u - 5.5, 41.0 * v + 5.5)
        wall = 6.0 * _band(ridge, 0.11) + 4.0 * _band(spur, 0.16)
        open_country = 1.0 - 0.8 * self.pull(x, y)
        reach = 1.0 + 0.75 * self.relief(1.7 * u + 70.5, 1.7 * v - 70.5)
        return (1.0 + (wall + 1.1 * (rough + 1.8)) * open_country) * reach

    def pull(self, x: Place, y: Place) -> Place:
        """1 in the middle of the built-up core, falling to 0 in the hills."""
        dx, dy = x - self.core[0], y - self.core[1]
        near = 1.0 + (dx * dx + dy * dy) / (0.1 * self.radius_m * self.radius_m)
        return 1.0 / (near * near)

    def density(self, x: Place, y: Place) -> Place:
        """People per area, relative: 1 in the hills, `contrast` times as many in the core."""
        return 1.0 + (self.contrast - 1.0) * self.pull(x, y)


def _band(distance: Numbers, width: float) -> Numbers:
    return np.maximum(0.0, 1.0 - distance / width)


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two places in the town's own plane."""
    return sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
