"""Near repeats: pairs within both limits, and whether chance makes as many."""

from __future__ import annotations

import random

import pytest

from geo.near_repeats import near_repeats

M = 1 / 111_195  # a metre of latitude, in degrees


@pytest.mark.parametrize(
    ("metres", "days", "is_pair"), [(199, 14, True), (201, 1, False), (10, 14.1, False), (0, 0, True)]
)
def test_pair_is_within_both_limits(metres: float, days: float, is_pair: bool) -> None:
    found = near_repeats([120.0, 120.0], [30.0, 30.0 + metres * M], [0.0, days])
    assert list(found.pairs) == ([(0, 1)] if is_pair else [])


def test_nothing_and_one_have_no_pairs() -> None:
    assert near_repeats([], [], []).pairs == near_repeats([120.0], [30.0], [1.0]).pairs == ()


def test_outbreaks_are_more_than_chance_and_scatter_is_not() -> None:
    chance = random.Random(3)
    lons, lats, days = [], [], []
    for _ in range(20):  # a hundred cases in twenty outbreaks
        x, y, day = chance.random() * 0.1, chance.random() * 0.1, chance.random() * 360
        for _ in range(5):
            lons.append(120 + x + chance.random() * 50 * M)
            lats.append(30 + y + chance.random() * 50 * M)
            days.append(day + chance.random() * 5)
    assert near_repeats(lons, lats, days).p <= 0.01
    assert near_repeats(lons, lats, [chance.random() * 360 for _ in days]).p > 0.01
