"""Which days a report speaks of."""

from datetime import date

import pytest

from cases.errors import BadAction
from cases.indicators import Period
from cases.report_periods import asked, latest, offered

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("daily", "2026-11-21", "2026-11-21"),
        ("weekly", "2026-11-09", "2026-11-15"),
        ("monthly", "2026-10-01", "2026-10-31"),
        ("half_year", "2026-01-01", "2026-06-30"),
        ("annual", "2025-01-01", "2025-12-31"),
        ("special", "2026-11-01", "2026-11-22"),
    ],
)
def test_the_latest_period_is_over(kind, first, last):
    assert latest(kind, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last))


def test_january_looks_back_into_the_old_year():
    new_year = date(2027, 1, 1)
    assert latest("monthly", new_year) == Period.month(2026, 12)
    assert latest("half_year", new_year).first == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({"when": " 2024-02 "}, "2024-02-01", "2024-02-29"),
        ({"when": "2026H1"}, "2026-01-01", "2026-06-30"),
        ({"when": "2025"}, "2025-01-01", "2025-12-31"),
        ({"when": "2026-10-01"}, "2026-10-01", "2026-10-01"),
        ({"month": "2024-02"}, "2024-02-01", "2024-02-29"),
        ({"half": "2026-H2"}, "2026-07-01", "2026-12-31"),
        ({"year": "2026"}, "2026-01-01", "2026-12-31"),
        ({"day": "2026-10-05"}, "2026-10-05", "2026-10-05"),
        ({"from": "2026-10-05", "to": "2026-10-09"}, "2026-10-05", "2026-10-09"),
        ({"month": "", "day": ""}, "2026-10-01", "2026-10-31"),
    ],
)
def test_what_is_asked_for(given, first, last):
    assert asked("monthly", given, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "given",
    [
        {"month": "2026-13"},
        {"month": "十月"},
        {"half": "2026-H3"},
        {"year": "0"},
        {"from": "2026-10-05", "to": "2026-10-01"},
    ],
)
def test_a_slip_is_said(given):
    with pytest.raises(BadAction):
        asked("monthly", given, TODAY)


def test_a_century_is_a_slip():
    with pytest.raises(BadAction, match="十年"):
        asked("special", {"from": "1926-01-01", "to": "2026-01-01"}, TODAY)


def test_every_span_that_is_offered_is_one_that_is_read():
    spans = {
        words: asked("special", {"when": when}, date(2026, 3, 31)) for when, words in offered(date(2026, 3, 31)).items()
    }
    assert (spans["昨天"].last, spans["上月"], spans["本月"]) == (
        date(2026, 3, 30),
        Period.month(2026, 2),
        Period.month(2026, 3),
    )
    assert (spans["最近的半年"].first, spans["今年"].first, spans["去年"].last) == (
        date(2025, 7, 1),
        date(2026, 1, 1),
        date(2025, 12, 31),
    )
