"""Limits as data, over the real calendars and across New Year into a year that nobody knows yet."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from chinese_calendar import constants
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar import LOCAL, CalendarError, WorkCalendar
from cases.deadlines import UNITS, TimeLimit, due
from cases.desk import Desk
from cases.limits import DEFAULT_TABLE, LimitsError, read_limits
from cases.model import Action, Difficulty, Standing
from tests.cases.build import DUTY, LEADER, report
from tests.cases.test_desk import Room

OFFICIAL = WorkCalendar(
    frozenset(constants.holidays), frozenset(constants.workdays), frozenset(day.year for day in constants.holidays)
)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("category", "difficulty", "amount", "unit"),
    [
        ("dispute.neighbour", Difficulty.SIMPLE, 1, "working_days"),
        ("dispute.labour", Difficulty.COMPLEX, 7, "working_days"),
        ("dispute.land", Difficulty.HARD, 20, "working_days"),
        ("safety.fire", Difficulty.SIMPLE, 2, "hours"),
        ("safety.water_cut", Difficulty.SIMPLE, 24, "hours"),
        ("environment.rubbish", Difficulty.SIMPLE, 4, "working_hours"),
    ],
)
def test_the_default_limits_are_those_of_the_sources(
    category: str, difficulty: Difficulty, amount: int, unit: str
) -> None:
    assert DEFAULT_TABLE.total(category, difficulty) == TimeLimit(amount, unit)
    assert all(row.source for row in DEFAULT_TABLE.rows)


ROOMS_OWN = """
yellow_at = 0.5
[[total]]
amount = 5
unit = "days"
[[total]]
category = ["city.parking"]
amount = 3
unit = "hours"
[[total]]
area = "T-N"
difficulty = "hard"
amount = 9
unit = "days"
[[stage]]
step = "sign"
category = ["city.parking"]
amount = 1
unit = "hours"
"""


def test_a_rooms_own_table_goes_from_the_narrowest_row(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(ROOMS_OWN, encoding="utf-8")
    table = read_limits(path)
    assert table.total("city.parking", Difficulty.HARD, ("T", "T-N")).amount == 9
    assert table.total("city.parking", Difficulty.HARD, ("T", "T-S")).amount == 3
    assert table.total("other", Difficulty.SIMPLE, ("T", "T-N")).amount == 5
    assert table.stage("sign", "city.parking", Difficulty.SIMPLE) == TimeLimit(1, "hours")
    assert (
        table.stage("sign", "other", Difficulty.SIMPLE)
        is table.stage("verify", "city.parking", Difficulty.HARD)
        is None
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[total]]\ndifficulty = "simple"\namount = 1\nunit = "days"', "complex"),
        (ROOMS_OWN.replace("amount = 9", "amount = 0"), "amount"),
        (ROOMS_OWN.replace('"sign"', '"sing"'), "step"),
        (ROOMS_OWN.replace('"hours"', '"weeks"'), "weeks"),
        (ROOMS_OWN.replace("area", "aera"), "aera"),
        (ROOMS_OWN.replace("0.5", "1.5"), "yellow_at"),
        ("[[total", "limits.toml"),
    ],
)
def test_a_table_that_cannot_be_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LimitsError, match=says):
        read_limits(path)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (local(2024, 2, 8, 10), 3, local(2024, 2, 19, 17, 30)),  # 9 February at work, 10–17 off, Sunday 18 at work
        (local(2025, 1, 24, 10), 2, local(2025, 1, 27, 17, 30)),  # Sunday 26 January at work
        (local(2025, 9, 30, 10), 1, local(2025, 10, 9, 17, 30)),  # 1–8 October off
        (local(2026, 9, 30, 10), 2, local(2026, 10, 9, 17, 30)),
        (local(2026, 12, 31, 10), 1, local(2027, 1, 1, 17, 30)),  # nobody has said yet that this is a holiday
    ],
)
def test_working_days_of_the_real_calendars(start: datetime, days: int, end: datetime) -> None:
    assert OFFICIAL.add_working_days(start, days) == end


def test_years_that_are_guessed_are_named() -> None:
    assert OFFICIAL.guessed_years(local(2026, 12, 25), local(2027, 1, 20)) == (2027,)
    assert OFFICIAL.guessed_years(local(2026, 1, 1), None) == OFFICIAL.guessed_years() == ()


def test_a_calendar_file_overrides_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "calendar.toml"
    assert OFFICIAL.with_file(path) is OFFICIAL
    path.write_text("years = [2027]\nholidays = [2027-01-01, 2026-12-31]\nworkdays = [2027-01-03]", encoding="utf-8")
    told = OFFICIAL.with_file(path)
    assert [told.is_working_day(date(2027, 1, day)) for day in (1, 2, 3, 4)] == [False, False, True, True]
    assert not told.is_working_day(date(2026, 12, 31)) and told.guessed_years(local(2027, 5, 1)) == ()


@pytest.mark.parametrize(
    "text", ["holidays = ['x']", "oops = 1", "holidays = [2027-01-01]\nworkdays = [2027-01-01]", "="]
)
def test_a_calendar_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError, match=r"calendar\.toml"):
        OFFICIAL.with_file(path)


NEW_YEAR = replace(OFFICIAL, holidays=OFFICIAL.holidays | {date(2027, 1, 1)}, known_years=OFFICIAL.known_years | {2027})
EVE = local(2026, 12, 30, 10)


def recomputed(room: Room, calendar: WorkCalendar, now: datetime) -> int:
    return Desk(room.store, calendar, room.bells.extend).recompute_clocks(now)


def test_when_a_calendar_arrives_open_clocks_move_and_say_so() -> None:
    room = Room(OFFICIAL)
    [simple, complex_, done] = [
        a.receipt.number
        for a in room.file(
            report("a", received_at=EVE),
            report("b", received_at=EVE, category="dispute.labour"),
            report("c", received_at=EVE, category="dispute.labour"),
            at=EVE,
        )
    ]
    room.act(done, Action.VOID, reason="误报", at=EVE)
    before = room.store.cases[complex_]
    room.bells.clear()
    assert recomputed(room, NEW_YEAR, EVE) == 1
    after, event = room.store.cases[complex_], room.store.happened[-1]
    assert (before.due_at, after.due_at) == (local(2027, 1, 8, 17, 30), local(2027, 1, 11, 17, 30))
    assert (event.action, event.changes["due_at"], event.before["due_at"]) == (
        Action.CLOCK,
        after.due_at,
        before.due_at,
    )
    assert "时限重新计算" in event.why and [bell.number for bell in room.bells] == [complex_]
    assert room.store.cases[simple].version == 1
    assert recomputed(room, NEW_YEAR, EVE) == 0


def test_a_recomputed_clock_keeps_its_rests_and_extensions() -> None:
    room, same = Room(OFFICIAL), Room(NEW_YEAR)
    for each in (room, same):
        no = each.file(report(category="dispute.labour", received_at=EVE), at=EVE)[0].receipt.number
        each.act(no, Action.ACCEPT, at=EVE)
        each.act(no, Action.EXTEND, DUTY, reason="等待鉴定", days=2, at=EVE)
        each.act(no, Action.APPROVE, LEADER, at=EVE)
        each.act(no, Action.SUSPEND, reason="当事人外出", at=EVE + timedelta(hours=2))
        each.act(no, Action.RESUME, at=local(2026, 12, 31, 9))
    assert room.store.cases[no].due_at != same.store.cases[no].due_at
    assert recomputed(room, NEW_YEAR, local(2027, 1, 5, 9)) == 1
    assert room.store.cases[no].due_at == same.store.cases[no].due_at
    assert recomputed(same, NEW_YEAR, local(2027, 1, 5, 9)) == 0


def slow_due(start: datetime, limit: TimeLimit, calendar: WorkCalendar) -> datetime:
    """The slow, obvious reference: walk the days or the minutes, one by one."""
    here = start.astimezone(LOCAL)
    if limit.unit in ("hours", "days"):
        return start + timedelta(hours=limit.amount * (24 if limit.unit == "days" else 1))
    left = limit.amount if limit.unit == "working_days" else limit.amount * 60
    while limit.unit == "working_days" and left:
        here = datetime.combine(here.date() + timedelta(days=1), time(17, 30), LOCAL)
        left -= _is_work(here.date(), calendar)
    while limit.unit == "working_hours" and left:
        left -= _is_work(here.date(), calendar) and any(a <= here.time() < b for a, b in calendar.spans)
        here += timedelta(minutes=1)
    return here


def _is_work(day: date, calendar: WorkCalendar) -> bool:
    if day in calendar.workdays:
        return True
    return day not in calendar.holidays and day.isoweekday() not in (6, 7)


STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 3, 1)).map(
    lambda t: t.replace(second=0, microsecond=0, tzinfo=UTC)
)
LIMITS = st.builds(TimeLimit, st.integers(1, 20), st.sampled_from(UNITS))


def due_is_the_reference(start: datetime, limit: TimeLimit, calendar: WorkCalendar) -> None:
    warn_at, due_at = due(start, limit, calendar, 0.7)
    assert due_at == slow_due(start, limit, calendar), f"{limit.amount} {limit.unit} from {start}"
    assert abs(warn_at - (start + (due_at - start) * 0.7)) < timedelta(milliseconds=1)


@settings(max_examples=300, deadline=None)
@given(STARTS, LIMITS, st.sampled_from([OFFICIAL, NEW_YEAR]))
def test_due_times_equal_the_slow_reference(start: datetime, limit: TimeLimit, calendar: WorkCalendar) -> None:
    due_is_the_reference(start, limit, calendar)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None)
@given(STARTS, LIMITS, st.sampled_from([OFFICIAL, NEW_YEAR]))
def test_ten_thousand_due_times_equal_the_slow_reference(
    start: datetime, limit: TimeLimit, calendar: WorkCalendar
) -> None:
    due_is_the_reference(start, limit, calendar)


def test_a_moved_clock_shows_its_new_light_at_once() -> None:
    room = Room(OFFICIAL)
    no = room.file(report(category="dispute.labour", received_at=EVE), at=EVE)[0].receipt.number
    late = local(2027, 1, 8, 18)
    room.desk.turn_clocks(late)
    assert room.store.cases[no].standing is Standing.OVERDUE
    recomputed(room, NEW_YEAR, late)
    assert room.store.cases[no].standing is Standing.AT_RISK
