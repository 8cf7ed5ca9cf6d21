"""The working calendar: which days count, and how far a limit reaches across them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A calendar file that cannot be used, and why."""


def _dates(said: object) -> frozenset[date]:
    if not isinstance(said, list) or not all(type(day) is date for day in said):
        raise TypeError("holidays and workdays are lists of dates, like 2027-01-01")
    return frozenset(said)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Public holidays and make-up working days as given; every other day follows the weekday rule.

    `known_years` are the years whose official calendar is in `holidays`/`workdays`; outside them only the weekday
    rule and the given dates hold, and `is_known` says so, so that a screen can warn (nothing ever raises).
    `spans` are the working hours of a day, local time, in order and without overlap.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    known_years: frozenset[int] = frozenset()
    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))

    def is_known(self, day: date) -> bool:
        """Whether the official calendar of that year is in."""
        return day.year in self.known_years

    def guessed_years(self, *instants: datetime | None) -> tuple[int, ...]:
        """The years between these instants whose official calendar is not in: what a screen warns of."""
        years = [at.astimezone(LOCAL).year for at in instants if at is not None]
        if not years:
            return ()
        return tuple(year for year in range(min(years), max(years) + 1) if year not in self.known_years)

    def with_file(self, path: Path) -> WorkCalendar:
        """The same calendar with what a file says above it; without the file, the same.

        The file (`calendar.toml`) lists dates under `holidays` and `workdays` and, under `years`, those it knows
        wholly. CalendarError names the file and what is wrong with it.
        """
        if not path.exists():
            return self
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            days = {name: _dates(data.pop(name, [])) for name in ("holidays", "workdays")}
            years = frozenset(int(year) for year in data.pop("years", []))
        except (OSError, TypeError, ValueError) as problem:
            raise CalendarError(f"{path.name}: {problem}") from problem
        off, on = days["holidays"], days["workdays"]
        if data or off & on:
            wrong = ", ".join([*data, *(day.isoformat() for day in sorted(off & on))])
            raise CalendarError(f"{path.name}: unknown or said twice: {wrong}")
        return replace(
            self,
            holidays=(self.holidays - on) | off,
            workdays=(self.workdays - off) | on,
            known_years=self.known_years | years,
        )

    def is_working_day(self, day: date) -> bool:
        """Make-up days first, then holidays, then the weekday."""
        if day in self.workdays:
            return True
        return day not in self.holidays and day.weekday() < 5

    def close_of(self, day: date) -> datetime:
        """The instant at which that day's work ends."""
        return datetime.combine(day, self.spans[-1][1], LOCAL)

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The close of the `days`-th working day after the day of `start` (the day itself never counts)."""
        return _close_after(self, start.astimezone(LOCAL).date(), days)

    def add_working_time(self, start: datetime, length: timedelta) -> datetime:
        """The instant at which `length` of working time has passed since `start`."""
        for opens, closes in self._spans_from(start):
            if length <= closes - opens:
                return opens + length
            length -= closes - opens
        raise AssertionError("a calendar never ends")

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; zero when `end` is not after `start`."""
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._spans_from(start):
            if opens >= end:
                return total
            total += min(closes, end) - opens
        raise AssertionError("a calendar never ends")

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(LOCAL).date()
        while True:
            if self.is_working_day(day):
                for begin, end in self.spans:
                    opens = max(datetime.combine(day, begin, LOCAL), start)
                    closes = datetime.combine(day, end, LOCAL)
                    if opens < closes:
                        yield opens, closes
            day += DAY


@lru_cache(maxsize=4096)
def _close_after(calendar: WorkCalendar, day: date, days: int) -> datetime:
    """The close of the `days`-th working day after a day; every report of a day asks for the same few."""
    while days > 0:
        day += DAY
        days -= calendar.is_working_day(day)
    return calendar.close_of(day)
