"""What happened in a cell: counts by week, hour and kind, waits for stages, matters that come back to an address."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from cases.calendar import LOCAL

WEEK = timedelta(days=7)
YEAR = 52 * WEEK  # the same weekdays of the year before
SMALL_BASE = 10  # a share or a median of fewer says so


@dataclass(frozen=True, slots=True)
class Happening:
    """One counted case as the analysis needs it; place in WGS-84 degrees, None where it has none.

    It counts on the day it was received, as in the register; the hour of the week is that of the report.
    """

    no: str
    reported_at: datetime
    received_at: datetime
    category: str
    address: str
    lon: float | None = None
    lat: float | None = None
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """From report to one stage: of `base` cases that are past it, median and 90th percentile; `waiting` are not yet.

    The percentiles are None without a base.
    """

    stage: str
    base: int
    median: timedelta | None
    p90: timedelta | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Mix:
    """Counts of a scope's happenings: by kind (most first), by weekday and hour of the report (Asia/Shanghai).

    `first_at` is when the oldest one on record came, whatever the span; None where there is none.
    """

    kinds: Sequence[tuple[str, int]]
    hours: Sequence[Sequence[int]]
    first_at: datetime | None

    @property
    def base(self) -> int:
        """How many happenings the span has."""
        return sum(count for _, count in self.kinds)


def mix_of(all_of_them: Sequence[Happening]) -> Mix:
    """The same of happenings at hand."""
    first = min((each.reported_at for each in all_of_them), default=None)
    return Mix(by_kind(all_of_them), by_hour_and_weekday(all_of_them), first)


STAGES = (("accepted_at", "受理"), ("dispatched_at", "派遣"), ("handled_at", "办结"), ("closed_at", "结案"))
"""Field of a happening and the stage's name."""


def week_starts(now: datetime, count: int) -> list[datetime]:
    """The first instants of the last `count` local weeks (Monday), oldest first; the last one is still running."""
    today = now.astimezone(LOCAL).date()
    monday = today - timedelta(days=today.weekday())
    return [_midnight(monday - timedelta(weeks=back)) for back in range(count - 1, -1, -1)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def by_week(all_of_them: Iterable[Happening], starts: Sequence[datetime]) -> list[int]:
    """How many were received in each of these weeks, given by their first instants, oldest first."""
    counts = Counter((each.received_at - starts[0]) // WEEK for each in all_of_them)
    return [counts[number] for number in range(len(starts))]


def by_hour_and_weekday(all_of_them: Iterable[Happening]) -> list[list[int]]:
    """Seven rows (Monday first) of 24 counts, in Asia/Shanghai."""
    table = [[0] * 24 for _ in range(7)]
    for each in all_of_them:
        local = each.reported_at.astimezone(LOCAL)
        table[local.weekday()][local.hour] += 1
    return table


def by_kind(all_of_them: Iterable[Happening]) -> list[tuple[str, int]]:
    """(category, count), most first, then by code."""
    counts = Counter(each.category for each in all_of_them)
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def waits(all_of_them: Sequence[Happening]) -> list[Wait]:
    """How long each stage was waited for; who still waits is counted apart, never left out in silence."""
    return [_wait(field, name, all_of_them) for field, name in STAGES]


def _wait(field: str, name: str, all_of_them: Sequence[Happening]) -> Wait:
    ends = [(each.reported_at, getattr(each, field)) for each in all_of_them]
    spans = sorted(end - begin for begin, end in ends if end is not None)
    if not spans:
        return Wait(name, 0, None, None, len(ends))
    ninth = spans[min(len(spans) - 1, -(-9 * len(spans) // 10) - 1)]  # nearest rank
    return Wait(name, len(spans), statistics.median(spans), ninth, len(ends) - len(spans))


def address_key(address: str) -> str:
    """An address as far as two writings of it are one: without blanks, in lower case."""
    return "".join(address.split()).lower()


@dataclass(frozen=True, slots=True)
class Repeat:
    """An address to which matters came back."""

    address: str
    count: int
    kinds: tuple[str, ...]
    first_at: datetime
    last_at: datetime


class Told(NamedTuple):
    """So many cases of one kind at one address as it is written, between two instants of their reports."""

    address: str
    kind: str
    many: int
    first_at: datetime
    last_at: datetime


def repeats(all_of_them: Iterable[Happening], least: int = 2) -> list[Repeat]:
    """Addresses with at least so many cases, most first; cases without an address are no repeat of each other."""
    one_each = (Told(each.address, each.category, 1, each.reported_at, each.reported_at) for each in all_of_them)
    return of_addresses(one_each, least)


def of_addresses(told: Iterable[Told], least: int = 2) -> list[Repeat]:
    """The same of counts by address and kind."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for each in told:
        if each.address.strip():
            found[address_key(each.address)].append(each)
    rows = (_repeat(group) for group in found.values())
    return sorted((row for row in rows if row.count >= least), key=lambda row: (-row.count, row.address))


def _repeat(group: Sequence[Told]) -> Repeat:
    kinds: Counter[str] = Counter()
    for each in group:
        kinds[each.kind] += each.many
    listed = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    newest = max(group, key=lambda each: each.last_at)
    first = min(each.first_at for each in group)
    return Repeat(newest.address, kinds.total(), tuple(listed), first, newest.last_at)
