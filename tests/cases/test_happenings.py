"""What happened in a cell, counted by week, hour, kind, wait and address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.calendar import LOCAL
from cases.happenings import Happening, by_hour_and_weekday, by_week, repeats, waits, week_starts

SUNDAY = datetime(2026, 11, 22, 23, 30, tzinfo=LOCAL)


def happening(at: datetime = SUNDAY, address: str = "", category: str = "a", **more: datetime) -> Happening:
    return Happening("1", at, at, category, address, **more)


def test_weeks_begin_on_local_monday_and_the_last_is_running() -> None:
    starts = week_starts(SUNDAY, 2)
    assert [start.isoformat() for start in starts] == ["2026-11-09T00:00:00+08:00", "2026-11-16T00:00:00+08:00"]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2026, 11, 15, 15, 59, 59, tzinfo=UTC), [1, 0]),  # the last local second of Sunday
        (datetime(2026, 11, 15, 16, 0, 0, tzinfo=UTC), [0, 1]),
        (datetime(2026, 11, 8, 15, 59, 59, tzinfo=UTC), [0, 0]),
    ],
)
def test_week_of_an_instant_is_the_local_one(at: datetime, counts: list[int]) -> None:
    assert by_week([happening(at)], week_starts(SUNDAY, 2)) == counts


def test_hour_and_weekday_are_local() -> None:
    table = by_hour_and_weekday([happening(datetime(2026, 11, 22, 15, 30, tzinfo=UTC))])
    assert table[6][23] == 1
    assert sum(map(sum, table)) == 1


def test_who_still_waits_is_counted_apart() -> None:
    done = [happening(accepted_at=SUNDAY + timedelta(hours=n)) for n in range(1, 11)]
    accepted = waits([*done, happening()])[0]
    assert (accepted.base, accepted.waiting) == (10, 1)
    assert (accepted.median, accepted.p90) == (timedelta(hours=5.5), timedelta(hours=9))


def test_wait_without_a_base_has_no_median() -> None:
    assert waits([happening()])[0].median is None


def test_address_comes_back_however_it_is_spaced_and_no_address_never_does() -> None:
    found = repeats([happening(address="荷花苑 1 幢"), happening(address="荷花苑1幢"), happening(), happening()])
    assert [(row.count, row.kinds) for row in found] == [(2, ("a",))]
