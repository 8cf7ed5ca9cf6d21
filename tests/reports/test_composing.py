"""How a report says its days."""

from __future__ import annotations

from datetime import date

import pytest

from cases.indicators import Period
from reports.composing import said_period


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), "2026年10月"),
        (date(2026, 7, 1), date(2026, 12, 31), "2026年下半年"),
        (date(2026, 11, 2), date(2026, 11, 2), "2026年11月2日"),
        (date(2026, 11, 9), date(2026, 11, 15), "2026年11月9日至15日"),
        (date(2026, 11, 30), date(2026, 12, 6), "2026年11月30日至12月6日"),
        (date(2026, 12, 28), date(2027, 1, 3), "2026年12月28日至2027年1月3日"),
    ],
)
def test_a_span_says_nothing_twice(first: date, last: date, said: str) -> None:
    assert said_period(Period(first, last)) == said
