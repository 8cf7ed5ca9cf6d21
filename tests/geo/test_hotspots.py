"""Gi* against PySAL's own values, and its care with many tests."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import shapely

from geo.hotspots import false_discovery, gi_star, hot_spots, neighbours

SIDE = 8
CELLS = [shapely.box(x, y, x + 1, y + 1) for y in range(SIDE) for x in range(SIDE)]
NEAR = neighbours(CELLS)


def clustered() -> np.ndarray:
    """Noise of a fixed seed, with nine high cells in one corner."""
    values = np.random.default_rng(7).poisson(3, (SIDE, SIDE)).astype(float)
    values[:3, :3] += 20
    return values.ravel()


def esda_values(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z and pseudo p of PySAL esda's Gi* over the same neighbours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda, libpysal = pytest.importorskip("esda"), pytest.importorskip("libpysal")
        weights = libpysal.weights.W({at: list(map(int, each)) for at, each in enumerate(NEAR)}, silence_warnings=True)
        answer = esda.G_Local(values, weights, transform="B", star=True, permutations=999, seed=1, n_jobs=1)
    return answer.Zs, answer.p_sim


def test_neighbours_touch_by_side_or_corner() -> None:
    assert list(NEAR[0]) == [1, SIDE, SIDE + 1]
    assert len(NEAR[SIDE + 1]) == 8


@pytest.mark.long  # numba compiles for minutes on a busy machine
@pytest.mark.timeout(900)
def test_z_is_that_of_esda() -> None:
    values = clustered()
    theirs, _ = esda_values(values)
    assert gi_star(values, NEAR) == pytest.approx(theirs, rel=1e-6)


@pytest.mark.long  # numba compiles for minutes on a busy machine
@pytest.mark.timeout(900)
def test_permutation_p_agrees_with_esda_as_far_as_chance_lets_it() -> None:
    values = clustered()
    _, theirs = esda_values(values)
    ours = np.array([spot.p for spot in hot_spots(values.tolist(), NEAR)])
    assert np.abs(ours - theirs).max() < 0.08


def test_the_corner_is_hot_and_noise_is_not() -> None:
    spots = hot_spots(clustered().tolist(), NEAR)
    hot = {at for at, spot in enumerate(spots) if spot.is_hot}
    assert {0, 1, SIDE, SIDE + 1} <= hot
    assert all(at % SIDE < 5 and at // SIDE < 5 for at in hot)


def test_noise_alone_has_hardly_a_hot_spot() -> None:
    found = 0
    for seed in range(20):
        noise = np.random.default_rng(seed).poisson(5, SIDE * SIDE)
        found += any(spot.is_hot for spot in hot_spots(noise.tolist(), NEAR, permutations=499))
    assert found <= 4  # a false discovery rate of 5 % a picture, with room for the luck of twenty


def test_q_is_that_of_benjamini_and_hochberg() -> None:
    assert false_discovery(np.array([0.01, 0.04, 0.03, 0.5])) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])


@pytest.mark.parametrize("values", [[5.0] * 64, [1.0, 2.0]])
def test_nothing_is_said_of_equal_or_too_few_cells(values: list[float]) -> None:
    assert hot_spots(values, NEAR[: len(values)]) == []


def test_same_question_gets_the_same_answer() -> None:
    assert hot_spots(clustered().tolist(), NEAR) == hot_spots(clustered().tolist(), NEAR)
