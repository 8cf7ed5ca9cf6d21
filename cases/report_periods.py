"""Which days a report speaks of: the last whole day, week, month, half-year or year, or what somebody asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from cases.errors import BadAction
from cases.indicators import Period

DAY = timedelta(days=1)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_HALF = re.compile(r"(\d{4})-?[Hh]([12])")
LONGEST_DAYS = 3_700  # ten years: a longer one is a slip


def latest(kind: str, today: date) -> Period:
    """The last period of a kind of report that is over; of a special brief the running month."""
    return _LATEST.get(kind, _running)(today)


def asked(kind: str, given: Mapping[str, str], today: date) -> Period:
    """The period of `when`, of `month` (2026-10), `half` (2026-H1), `year`, `day`, or `from` and `to`; or the latest.

    `when` is a month, half-year, year or day in the same spelling, whichever it is.

    BadAction names what cannot be read.
    """
    for name, read in _READERS.items():
        if given.get(name):
            return _checked(name, given, read)
    return latest(kind, today)


def _checked(name: str, given: Mapping[str, str], read: Callable[[Mapping[str, str]], Period]) -> Period:
    try:
        period = read(given)
    except (ValueError, TypeError, KeyError) as problem:
        raise BadAction("时段写法不对：月 2026-10，半年 2026-H1，年 2026，日 2026-10-01", name) from problem
    if period.days > LONGEST_DAYS:
        raise BadAction("时段太长，最多十年", name)
    return period


def _month(given: Mapping[str, str]) -> Period:
    found = _MONTH.fullmatch(given["month"])
    if found is None:
        raise ValueError(given["month"])
    return Period.month(int(found[1]), int(found[2]))


def _half(given: Mapping[str, str]) -> Period:
    found = _HALF.fullmatch(given["half"])
    if found is None:
        raise ValueError(given["half"])
    return _half_of(int(found[1]), int(found[2]))


def _half_of(year: int, half: int) -> Period:
    return Period(date(year, 1, 1), date(year, 6, 30)) if half == 1 else Period(date(year, 7, 1), date(year, 12, 31))


def _year(given: Mapping[str, str]) -> Period:
    year = int(given["year"])
    return Period(date(year, 1, 1), date(year, 12, 31))


def _day(given: Mapping[str, str]) -> Period:
    return Period(date.fromisoformat(given["day"]), date.fromisoformat(given["day"]))


def _ends(given: Mapping[str, str]) -> Period:
    first = date.fromisoformat(given["from"])
    return Period(first, date.fromisoformat(given.get("to") or given["from"]))


def _when(given: Mapping[str, str]) -> Period:
    said = given["when"].strip()
    name = next((name for name, shape in _SHAPES.items() if shape.fullmatch(said)), "day")
    return _READERS[name]({name: said})


_SHAPES = {"month": _MONTH, "half": _HALF, "year": re.compile(r"\d{4}")}
_READERS: Mapping[str, Callable[[Mapping[str, str]], Period]] = {
    "when": _when,
    "month": _month,
    "half": _half,
    "year": _year,
    "day": _day,
    "from": _ends,
}


def offered(today: date) -> Mapping[str, str]:
    """Spans that people ask for, as `when` spells them, and their words."""
    month, half = _last_month(today).first, _last_half(today)
    return {
        (today - DAY).isoformat(): "昨天",
        f"{today:%Y-%m}": "本月",
        f"{month:%Y-%m}": "上月",
        f"{half.first.year}-H{1 if half.first.month == 1 else 2}": "最近的半年",
        f"{today.year}": "今年",
        f"{today.year - 1}": "去年",
    }


def _yesterday(today: date) -> Period:
    return Period(today - DAY, today - DAY)


def _last_week(today: date) -> Period:
    monday = today - timedelta(days=today.weekday() + 7)
    return Period(monday, monday + 6 * DAY)


def _last_month(today: date) -> Period:
    end = today.replace(day=1) - DAY
    return Period(end.replace(day=1), end)


def _last_half(today: date) -> Period:
    return _half_of(today.year, 1) if today.month > 6 else _half_of(today.year - 1, 2)


def _last_year(today: date) -> Period:
    return Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))


def _running(today: date) -> Period:
    return Period(today.replace(day=1), today)


_LATEST: Mapping[str, Callable[[date], Period]] = {
    "daily": _yesterday,
    "weekly": _last_week,
    "monthly": _last_month,
    "half_year": _last_half,
    "annual": _last_year,
}
