"""The values of a rule file: each taker gives the value, or says in one line what its key takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from cases.categories import CATEGORIES

LONGEST = timedelta(days=7)
MOST_COUNT = 50
_SPAN = re.compile(r"(\d{1,6})(s|min|h)")
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_UNITS = {"s": 1, "min": 60, "h": 3600}

Point = tuple[float, float]
Around = tuple[str, str, float]  # a register, the number or the type of its records, metres
PLACED = ("place", "thing", "matter", "organisation")  # registers whose records lie somewhere; a person is no place


def among(kind: type[StrEnum]) -> Callable[[str, object], Any]:
    """A taker for one word of an enumeration."""

    def take(name: str, value: object) -> Any:
        try:
            return kind(str(value))
        except ValueError:
            raise ValueError(f"{name} is one of {', '.join(str(each) for each in kind)}") from None

    return take


def flag(name: str, value: object) -> bool:
    """Yes or no; TypeError for anything else."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} is true or false")
    return value


def text(name: str, value: object) -> str:
    """Any text; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text")
    return value


def words(name: str, value: object) -> str:
    """What an alert is called, 1 to 30 characters; ValueError for anything else."""
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 30:
        raise ValueError(f"{name} is a text of 1 to 30 characters")
    return value.strip()


def _span(name: str, value: object) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    span = timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else None
    if span is None or span > LONGEST:
        raise ValueError(f"{name} is a span such as 90s, 15min or 2h, at most 7 days")
    return span


def _positive_span(name: str, value: object) -> timedelta:
    span = _span(name, value)
    if not span:
        raise ValueError(f"{name} must be more than 0s")
    return span


def _count(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_COUNT:
        raise ValueError(f"{name} is a whole number from 1 to {MOST_COUNT}")
    return value


def _number(name: str, value: object, least: float, most: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= float(value) <= most:  # type: ignore[arg-type]
        raise ValueError(f"{name} is a number from {least:g} to {most:g}")
    return float(value)  # type: ignore[arg-type]


def _metres(name: str, value: object) -> float:
    return _number(name, value, 0, 10_000)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise TypeError(f"{name} is a list of texts")
    return tuple(value)


def _categories(name: str, value: object) -> tuple[str, ...]:
    given = _texts(name, value)
    for each in given:
        if each not in CATEGORIES:
            raise ValueError(f"{name}: there is no category {each}")
    return given


def _severities(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(each) is int and 1 <= each <= 4 for each in value):
        raise ValueError(f"{name} is a list of whole numbers from 1 (gravest) to 4")
    return tuple(value)


def _hours(name: str, value: object) -> tuple[int, int]:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    begin, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (1, 0)
    if not begin < end <= 1440:
        raise ValueError(f"{name} reads 07:00-22:00, within one day")
    return begin, end


def _point(name: str, value: object) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{name}: a point is [lon, lat], degrees WGS-84")
    return _number(f"{name}'s lon", value[0], -180, 180), _number(f"{name}'s lat", value[1], -85, 85)


def _circle(name: str, value: object) -> tuple[float, float, float]:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"{name} is [lon, lat, metres], degrees WGS-84")
    return *_point(name, value[:2]), _number(f"{name}'s metres", value[2], 5, 10_000)


def _around(name: str, value: object) -> Around:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f'{name} is [register, number or type, metres], such as ["place", "水库", 150]')
    register, which = text(f"{name}'s register", value[0]), words(f"{name}'s number or type", value[1])
    if register not in PLACED:
        raise ValueError(f"{name}'s register is one of {', '.join(PLACED)}")
    return register, which, _number(f"{name}'s metres", value[2], 5, 10_000)


def _ring(name: str, value: object) -> tuple[Point, ...]:
    if not isinstance(value, list) or not 3 <= len(value) <= 500:
        raise ValueError(f"{name} is a list of 3 to 500 points [lon, lat], degrees WGS-84")
    return tuple(_point(name, each) for each in value)


TAKES: Mapping[str, Callable[[str, object], object]] = {
    "lasting": _span,
    "clear_after": _span,
    "cooldown": _span,
    "stale": _positive_span,
    "count": _count,
    "within": _positive_span,
    "clear_below": _count,
    "categories": _categories,
    "devices": _texts,
    "hours": _hours,
    "severities": _severities,
    "purpose": text,
    "accuracy_m": _metres,
    "leave_m": _metres,
    "gap": _positive_span,
    "circle": _circle,
    "around": _around,
    "ring": _ring,
}
"""What each key of an option takes."""
