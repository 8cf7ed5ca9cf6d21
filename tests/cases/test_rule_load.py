"""How heavily alerts lie on a seat: matters, not rows; the mean, the worst ten minutes, and the share of floods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cases.model import AlertLevel
from cases.rule_load import Raised, burden, burden_words
from tests.cases.build import MONDAY_9 as NOW

MINUTE = timedelta(minutes=1)
DAY = NOW + timedelta(days=1)


def raised(minutes: Sequence[float], level: AlertLevel = AlertLevel.ORANGE, matter: object = None) -> list[Raised]:
    """Alerts at these minutes, each a matter of its own unless one is named."""
    return [Raised(NOW + each * MINUTE, level, ("G",), matter or each) for each in minutes]


def test_what_is_one_matter_calls_once_until_it_was_quiet_for_ten_minutes() -> None:
    load = burden(raised([0, 5, 14, 30], matter="m"), NOW, DAY, 10 * MINUTE)
    assert (load.alerts, load.calls) == (4, 2)


def test_yellow_and_blue_only_stand_in_the_list() -> None:
    quiet = raised([1, 2], AlertLevel.YELLOW) + raised([3], AlertLevel.BLUE)
    assert burden(quiet, NOW, DAY, 10 * MINUTE).calls == 0


@pytest.mark.parametrize(
    ("minutes", "peak", "bearable"),
    [
        ([], 0, True),
        (range(0, 1440, 10), 1, True),  # one in ten minutes all day long
        (range(0, 1440, 9), 2, False),
        ([100 + each / 2 for each in range(10)], 10, True),
        ([100 + each / 2 for each in range(11)], 11, False),
        ([105 + each for each in range(11)], 10, True),  # eleven minutes: never more than ten in ten
    ],
)
def test_a_seat_takes_one_in_ten_minutes_on_average_and_ten_at_once(
    minutes: Sequence[float], peak: int, bearable: bool
) -> None:
    load = burden(raised(minutes), NOW, DAY, 10 * MINUTE)
    assert (load.peak, load.is_bearable) == (peak, bearable)
    assert burden_words(load).endswith("可以承受" if bearable else "过重")


def test_what_lies_outside_the_span_is_not_its_load() -> None:
    assert burden(raised([-1, 1440, 1500]), NOW, DAY, 10 * MINUTE).alerts == 0
