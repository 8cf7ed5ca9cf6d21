"""Hot and cold spots among cells: Getis-Ord Gi* by conditional permutation, with Benjamini–Hochberg's q.

Getis & Ord 1992, Ord & Getis 1995; Benjamini & Hochberg 1995. Checked in the tests against PySAL esda's `G_Local`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

PERMUTATIONS = 999
SEED = 20261121  # the same question gets the same answer
ALPHA = 0.05
FEWEST = 8  # with fewer cells a permutation says nothing
_TOUCH = 1e-6  # degrees, about 0.1 m: boundaries drawn twice seldom meet exactly

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell: its z by the normal theory, p by permutation (one-sided, away from the middle), q after FDR."""

    z: float
    p: float
    q: float

    @property
    def is_hot(self) -> bool:
        """Whether more comes together here than chance puts together, at a false discovery rate of 5 %."""
        return self.z > 0 and self.q <= ALPHA

    @property
    def is_cold(self) -> bool:
        """Whether less does."""
        return self.z < 0 and self.q <= ALPHA


def neighbours(shapes: Sequence[BaseGeometry]) -> list[npt.NDArray[np.intp]]:
    """For each WGS-84 polygon the indices of those that touch it (queen contiguity), itself left out."""
    geometries = np.asarray(shapes, dtype=object)
    tree = shapely.STRtree(geometries)
    left, right = tree.query(geometries, predicate="dwithin", distance=_TOUCH)
    apart = left != right
    left, right = left[apart], right[apart]
    return [np.sort(right[left == at]) for at in range(len(geometries))]


def hot_spots(
    values: Sequence[float],
    near: Sequence[npt.NDArray[np.intp]],
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> list[Spot]:
    """Gi* of each cell over itself and its neighbours; empty when there are too few cells or all are equal."""
    x = np.asarray(values, dtype=np.float64)
    if len(x) < FEWEST or np.ptp(x) == 0:
        return []
    z = gi_star(x, near)
    p = _permuted(x, near, permutations, np.random.default_rng(seed))
    return [Spot(float(a), float(b), float(c)) for a, b, c in zip(z, p, false_discovery(p), strict=True)]


def gi_star(x: Floats, near: Sequence[npt.NDArray[np.intp]]) -> Floats:
    """The standardised Gi* with binary weights, the cell itself included (Ord & Getis 1995, eq. 14)."""
    n, mean, spread = len(x), x.mean(), x.std()
    size = np.array([len(each) + 1 for each in near], dtype=np.float64)
    inside = np.array([x[at] + x[each].sum() for at, each in enumerate(near)])
    scale = spread * np.sqrt(size * (n - size) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, (inside - mean * size) / scale, 0.0)


def _permuted(x: Floats, near: Sequence[npt.NDArray[np.intp]], count: int, chance: np.random.Generator) -> Floats:
    """Pseudo p: the cell keeps its value, its neighbours are drawn from all the others without putting back."""
    most = max(len(each) for each in near)
    n = len(x)
    draws = np.argsort(chance.random((count, n - 1)), axis=1)[:, : max(most, 1)]
    p = np.ones(n)
    for at, each in enumerate(near):
        if not len(each):
            continue
        others = np.delete(x, at)
        drawn = others[draws[:, : len(each)]].sum(axis=1)
        larger = int((drawn >= x[each].sum()).sum())
        p[at] = (min(larger, int((drawn <= x[each].sum()).sum())) + 1) / (count + 1)
    return p


def false_discovery(p: Floats) -> Floats:
    """q of each p (Benjamini–Hochberg): the smallest false discovery rate at which it would be called."""
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    q = np.minimum.accumulate(p[order] * len(p) / ranks)
    answer = np.empty(len(p))
    answer[order] = np.minimum(q, 1.0)
    return answer
