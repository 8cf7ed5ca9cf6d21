"""Clocks: limits over working days and make-up days, lights, pauses, extensions, against a slow obvious reference."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import deadlines
from cases.calendar import LOCAL, WorkCalendar
from cases.deadlines import TimeLimit
from cases.model import Stage, Standing, State
from tests.cases.build import MONDAY_9, case

# National Day 2026 as published: 1–7 October off, Saturday 10 October and Sunday 20 September at work.
OCTOBER = WorkCalendar(
    holidays=frozenset(date(2026, 10, d) for d in range(1, 8)),
    workdays=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
    known_years=frozenset({2026}),
)
PLAIN = WorkCalendar()


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        (local(2026, 9, 30, 10), TimeLimit(1, "working_days"), local(2026, 10, 8, 17, 30)),
        (local(2026, 9, 30, 10), TimeLimit(3, "working_days"), local(2026, 10, 10, 17, 30)),
        (local(2026, 9, 18, 16), TimeLimit(1, "working_days"), local(2026, 9, 20, 17, 30)),
        (local(2026, 9, 30, 16), TimeLimit(4, "working_hours"), local(2026, 10, 8, 11, 30)),
        (local(2026, 9, 30, 11), TimeLimit(2, "working_hours"), local(2026, 9, 30, 14, 30)),
        (local(2026, 10, 3, 3), TimeLimit(2, "hours"), local(2026, 10, 3, 5)),
        (local(2026, 10, 3, 3), TimeLimit(2, "days"), local(2026, 10, 5, 3)),
        (local(2026, 12, 31, 10), TimeLimit(1, "working_days"), local(2027, 1, 1, 17, 30)),
    ],
)
def test_a_limit_runs_out_when_the_calendar_says(start: datetime, limit: TimeLimit, end: datetime) -> None:
    assert limit.after(start, OCTOBER) == end


def test_a_year_without_an_official_calendar_is_known_to_be_unknown() -> None:
    assert OCTOBER.is_known(date(2026, 12, 31)) and not OCTOBER.is_known(date(2027, 1, 1))


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="unit"):
        TimeLimit(1, "weeks")


def heard(*minutes: int) -> list[Standing | None]:
    """What the clock says at these minutes around the deadline, looked at in turn."""
    clock = case(warn_at=MONDAY_9 + timedelta(hours=1), due_at=MONDAY_9 + timedelta(hours=2))
    said = []
    for minute in minutes:
        clock, event = deadlines.watch(clock, clock.due_at + timedelta(minutes=minute))
        said.append(event.changes["standing"] if event else None)
    return said


def test_the_clock_speaks_once_per_change() -> None:
    assert heard(-61, -60, -30, 0, 1) == [None, Standing.AT_RISK, None, Standing.OVERDUE, None]


@pytest.mark.parametrize(
    "rest", [{"state": State.SUSPENDED}, {"stage": Stage.CLOSED}, {"state": State.VOID}, {"due_at": None}]
)
def test_the_clock_of_a_case_off_the_road_is_silent(rest: dict) -> None:
    assert deadlines.watch(case(**rest), MONDAY_9 + timedelta(days=90))[1] is None


def test_a_suspension_gives_back_the_working_time_it_took() -> None:
    paused = case(suspended_at=local(2026, 11, 16, 11), warn_at=local(2026, 11, 16, 15), due_at=local(2026, 11, 16, 16))
    back = deadlines.resume(paused, local(2026, 11, 18, 9), PLAIN, TimeLimit(1, "working_days"))
    # 11:00 to 16:00 held 1 h before lunch and 2.5 h after it; 3.5 h from 9:00 on the 18th end at 14:00.
    assert back.due_at == local(2026, 11, 18, 14)
    assert back.warn_at == local(2026, 11, 18, 11, 30)
    assert back.suspended_at is None


def minute_by_minute(start: datetime, length: timedelta, calendar: WorkCalendar) -> datetime:
    """The slow, obvious reference: walk the minutes and count those at work."""
    now, left = start, int(length.total_seconds() // 60)
    while left:
        here = now.astimezone(LOCAL)
        at_work = any(a <= here.time() < b for a, b in calendar.spans)
        left -= calendar.is_working_day(here.date()) and at_work
        now += timedelta(minutes=1)
    return now


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2026, 9, 15), datetime(2026, 10, 20)).map(
        lambda t: t.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    st.integers(1, 40),
)
def test_working_hours_equal_the_slow_reference(start: datetime, hours: int) -> None:
    length = timedelta(hours=hours)
    assert OCTOBER.add_working_time(start, length) == minute_by_minute(start, length, OCTOBER)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 31)).map(lambda t: t.replace(tzinfo=UTC)),
    st.integers(1, 2000).map(lambda m: timedelta(minutes=m)),
)
def test_time_added_is_time_measured(start: datetime, length: timedelta) -> None:
    assert OCTOBER.working_time(start, OCTOBER.add_working_time(start, length)) == length


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 31)).map(lambda t: t.replace(tzinfo=UTC)), st.integers(1, 30)
)
def test_a_limit_in_working_days_ends_at_the_close_of_one(start: datetime, days: int) -> None:
    end = TimeLimit(days, "working_days").after(start, OCTOBER).astimezone(LOCAL)
    begun = start.astimezone(LOCAL).date()
    between = [begun + timedelta(days=n) for n in range(1, (end.date() - begun).days + 1)]
    assert sum(OCTOBER.is_working_day(day) for day in between) == days
    assert OCTOBER.is_working_day(end.date()) and end.time() == time(17, 30)
