"""Near repeats: pairs of events close in space and time, and whether chance makes as many (Knox 1964)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.distance import metres_many

WITHIN_M, WITHIN_DAYS = 200.0, 14.0
PERMUTATIONS = 999
SEED = 20261121
_DEGREE_M = 110_000.0  # the shortest degree of latitude; only to search wide enough

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class NearRepeats:
    """Pairs as indices into the events, how many chance makes on average, and the one-sided permutation p."""

    pairs: Sequence[tuple[int, int]]
    expected: float
    p: float


def near_repeats(
    lons: Sequence[float],
    lats: Sequence[float],
    days: Sequence[float],
    *,
    within_m: float = WITHIN_M,
    within_days: float = WITHIN_DAYS,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> NearRepeats:
    """Knox's test over WGS-84 places and times in days; permutation moves the times, places stay."""
    at = np.asarray(days, dtype=np.float64)
    left, right = _close(np.asarray(lons, np.float64), np.asarray(lats, np.float64), within_m)
    if not len(left):
        return NearRepeats((), 0.0, 1.0)
    is_near = np.abs(at[left] - at[right]) <= within_days
    chance = np.random.default_rng(seed)
    counts = np.empty(permutations)
    for turn in range(permutations):
        moved = chance.permutation(at)
        counts[turn] = (np.abs(moved[left] - moved[right]) <= within_days).sum()
    found = int(is_near.sum())
    p = (int((counts >= found).sum()) + 1) / (permutations + 1)
    pairs = tuple(zip(left[is_near].tolist(), right[is_near].tolist(), strict=True))
    return NearRepeats(pairs, float(counts.mean()), p)


def _close(lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64], within_m: float) -> tuple[Ints, Ints]:
    """Index pairs, the lower first, of places at most so far apart."""
    if len(lons) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    narrow = max(0.1, float(np.cos(np.radians(np.abs(lats).max()))))
    points = np.asarray(shapely.points(lons * narrow, lats), dtype=object)
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=within_m / _DEGREE_M)
    once = left < right
    left, right = left[once], right[once]
    near = metres_many(lons[left], lats[left], lons[right], lats[right]) <= within_m
    return left[near], right[near]
