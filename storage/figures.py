"""The room's figures for one scope: counts of now from the open and today's cases, the usual from the past weeks."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import sqlalchemy as sa

from cases.calendar import LOCAL
from cases.model import OPEN_STAGES, Case, Loop, Scope, Standing, State
from cases.ports import Figures, GridCount
from storage import back_then
from storage.back_then import Since, lies_in
from storage.instants import instant, micros
from storage.rows import case_id, codes_of, codes_to_json
from storage.scope import case_in, simplest
from storage.tables import COUNTED, OPEN, cases, counters

HOUR = 3_600_000_000  # microseconds
WEEKS = 4  # how many same weekdays make the usual
SHOWN_DAYS = 7
PAST_DAYS = WEEKS * 7 + SHOWN_DAYS - 1
SCOPES_KEPT = 64

_GONE = (State.VOID, State.MERGED)  # what is void or part of another counts in no figure of the register
_STANDS: sa.ColumnElement[bool] = cases.c.state.not_in(_GONE)

_PastKey = tuple[str, str, int, int]


def midnight(day: date) -> int:
    """The first microsecond of a local day."""
    return micros(datetime.combine(day, time(), LOCAL))


@dataclass(frozen=True, slots=True)
class Past:
    """The days before today: reports by day and hour, and those of the hour that is running, on the same weekdays.

    `hours[d][h]` counts day `today - PAST_DAYS + d`; `offsets[w]` are the microseconds into the present hour,
    sorted, at which reports came w + 1 weeks ago; `first_day` is the scope's first day on record.
    """

    first_day: date | None
    hours: Sequence[Sequence[int]]
    offsets: Sequence[Sequence[int]]

    def day(self, ago: int) -> Sequence[int]:
        """The 24 counts of the day so many days before today."""
        return self.hours[PAST_DAYS - ago]

    def joined_by(self, more: Sequence[Case], now: datetime, today: date) -> Past:
        """The same with further cases of those days in it."""
        begin, end = midnight(today - timedelta(days=PAST_DAYS)), midnight(today)
        reported = sorted(at for case in more if (at := micros(case.reported_at)) < end)
        hours = [list(day) for day in self.hours]
        for at in reported:
            if at >= begin:
                day, hour = divmod((at - begin) // HOUR, 24)
                hours[day][hour] += 1
        offsets = []
        for week, known in enumerate(self.offsets, 1):
            start = _same_hour(now, week)
            offsets.append(sorted([*known, *(at - start for at in reported if start <= at < start + HOUR)]))
        days = [instant(at).astimezone(LOCAL).date() for at in reported[:1]]
        return Past(min([*days, *([self.first_day] if self.first_day else [])], default=None), hours, offsets)

    def weeks_known(self, today: date, ago: int) -> list[int]:
        """How many days ago the same weekdays before the day `ago` were, as far as the record goes back."""
        days = [ago + 7 * week for week in range(1, WEEKS + 1)]
        return [d for d in days if self.first_day is not None and today - timedelta(days=d) >= self.first_day]


@dataclass(frozen=True, slots=True)
class FigureReader:
    """Reads figures; what past weeks say is kept for the hour, for a bounded number of scopes."""

    _kept: OrderedDict[_PastKey, Past] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, connection: sa.Connection, scope: Scope, now: datetime, after: Since | None = None) -> Figures:
        """The figures of a scope as of `now`; days are those of Asia/Shanghai, exercises never count.

        For an instant that has passed they are what they were then: rows that changed since are taken back by their
        events; `after` says so where it was read before. Raises TooLongAgo where that cannot be.
        """
        today = now.astimezone(LOCAL).date()
        after = back_then.since(connection, now) if after is None else after
        were = [case for case in after.were if not case.exercise and case.parent is None and lies_in(case, scope)]
        scope = simplest(connection, scope)
        mine = sa.and_(COUNTED, case_in(scope))
        stands, stood = sa.and_(mine, _STANDS), [case for case in were if _stands(case)]
        if _touches(connection, after, stands, today, stood):
            past = _read_past(connection, sa.and_(stands, after.untouched), now, today).joined_by(stood, now, today)
        else:
            past = self._past(connection, scope, stands, now, today)
        standing = _Now.read(connection, sa.and_(mine, after.untouched), today, scope.area)
        standing.join(were, today, scope.area)
        known = past.weeks_known(today, 0)
        return Figures(
            as_of=now,
            reported_today=sum(standing.hours),
            closed_today=standing.closed_today,
            open=sum(standing.stages.values()),
            overdue=standing.standings[Standing.OVERDUE],
            at_risk=standing.standings[Standing.AT_RISK],
            unplaced=standing.unplaced,
            stages={stage: standing.stages[stage] for stage in OPEN_STAGES},
            loops={loop.value: standing.loops[loop.value] for loop in Loop},
            oldest_overdue_at=instant(standing.oldest_overdue),
            reported_usual=_usual_so_far(past, known, now),
            hours=tuple(standing.hours),
            hours_usual=tuple(_mean(past.day(d)[hour] for d in known) for hour in range(24)) if known else (),
            days=(*(sum(past.day(ago)) for ago in range(SHOWN_DAYS - 1, 0, -1)), sum(standing.hours)),
            days_usual=_usual_days(past, today),
            grids=standing.grids(),
        )

    def _past(
        self, connection: sa.Connection, scope: Scope, mine: sa.ColumnElement[bool], now: datetime, today: date
    ) -> Past:
        """The past as kept for this hour, unless cases of past days were added meanwhile (a backfill)."""
        hour = micros(now) // HOUR
        key = (scope.area, scope.account, hour, _numbered_before(connection, today))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        past = _read_past(connection, mine, now, today)
        with self._lock:
            self._kept[key] = past
            while len(self._kept) > SCOPES_KEPT:
                self._kept.popitem(last=False)
        return past


@dataclass(slots=True)
class _Now:
    """What is open and what came today."""

    hours: list[int] = field(default_factory=lambda: [0] * 24)
    closed_today: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    loops: Counter[str] = field(default_factory=Counter)
    standings: Counter[str] = field(default_factory=Counter)
    unplaced: int = 0
    oldest_overdue: int | None = None
    open_in: Counter[str] = field(default_factory=Counter)
    overdue_in: Counter[str] = field(default_factory=Counter)
    today_in: Counter[str] = field(default_factory=Counter)

    @classmethod
    def read(cls, connection: sa.Connection, mine: sa.ColumnElement[bool], today: date, area: str) -> _Now:
        """One pass over the open cases, one over today's."""
        c, found = cases.c, cls()
        begin, end = midnight(today), midnight(today + timedelta(days=1))
        alike = (c.stage, c.loop, c.standing, c.grids)
        count = sa.func.count().label("count")
        for stage, loop, standing, grids, many, oldest in connection.execute(
            sa.select(*alike, count, sa.func.min(c.due_at)).where(OPEN, mine).group_by(*alike)
        ):
            found._open(stage, loop, standing, grids, many, oldest, area)
        slot = ((c.reported_at - begin) // HOUR).label("slot")
        came = sa.select(slot, c.grids, count).where(c.reported_at >= begin, c.reported_at < end, mine, _STANDS)
        for hour, grids, many in connection.execute(came.group_by(slot, c.grids)):
            found.hours[hour] += many
            _add(found.today_in, _codes_within(grids, area), many)
        shut = sa.select(count).where(c.closed_at >= begin, c.closed_at < end, mine, _STANDS)
        found.closed_today = connection.execute(shut).scalar_one()
        return found

    def join(self, more: Iterable[Case], today: date, area: str) -> None:
        """Count further cases, one by one."""
        begin, end = midnight(today), midnight(today + timedelta(days=1))
        for case in more:
            grids = codes_to_json(case.grids)
            if case.is_open:
                self._open(case.stage, case.loop, case.standing, grids, 1, micros(case.due_at), area)
            if not _stands(case):
                continue
            if begin <= (reported := micros(case.reported_at)) < end:
                self.hours[(reported - begin) // HOUR] += 1
                _add(self.today_in, _codes_within(grids, area), 1)
            self.closed_today += case.closed_at is not None and begin <= micros(case.closed_at) < end

    def _open(self, stage: str, loop: str, standing: str, grids: str, many: int, oldest: int | None, area: str) -> None:
        self.stages[stage] += many
        self.loops[loop] += many
        self.standings[standing] += many
        codes = _codes_within(grids, area)
        _add(self.open_in, codes, many)
        self.unplaced += many if grids == "[]" else 0
        if standing == Standing.OVERDUE:
            _add(self.overdue_in, codes, many)
            self.oldest_overdue = min(at for at in (self.oldest_overdue, oldest) if at is not None)

    def grids(self) -> Mapping[str, GridCount]:
        """The counts of every grid that has any."""
        codes = self.open_in.keys() | self.today_in.keys()
        return {c: GridCount(self.open_in[c], self.overdue_in[c], self.today_in[c]) for c in codes}


def _stands(case: Case) -> bool:
    return case.state not in _GONE


def _add(counts: Counter[str], codes: Iterable[str], many: int) -> None:
    for code in codes:
        counts[code] += many


@lru_cache(maxsize=8192)
def _codes_within(grids: str, area: str) -> tuple[str, ...]:
    """The codes at and below the area; above it a part's count would pass for the whole's."""
    codes = codes_of(grids)
    return codes[codes.index(area) :] if area in codes else codes


def _read_past(connection: sa.Connection, mine: sa.ColumnElement[bool], now: datetime, today: date) -> Past:
    reported = cases.c.reported_at
    begin = midnight(today - timedelta(days=PAST_DAYS))
    slot = ((reported - begin) // HOUR).label("slot")
    rows = connection.execute(
        sa.select(slot, sa.func.count()).where(reported >= begin, reported < midnight(today), mine).group_by(slot)
    )
    hours = [[0] * 24 for _ in range(PAST_DAYS)]
    for at, count in rows:
        hours[at // 24][at % 24] = count
    first = connection.execute(sa.select(reported).where(mine).order_by(reported).limit(1)).scalar_one_or_none()
    offsets = []
    for week in range(1, WEEKS + 1):
        start = _same_hour(now, week)
        same_hour = sa.select(reported).where(reported >= start, reported < start + HOUR, mine).order_by(reported)
        offsets.append([at - start for at in connection.execute(same_hour).scalars()])
    return Past(None if first is None else instant(first).astimezone(LOCAL).date(), hours, offsets)


def _same_hour(now: datetime, week: int) -> int:
    """When the hour that is running began, so many weeks ago."""
    return micros(now) // HOUR * HOUR - week * 7 * 24 * HOUR


def _touches(
    connection: sa.Connection, after: Since, mine: sa.ColumnElement[bool], today: date, were: Sequence[Case]
) -> bool:
    """Whether what happened since changed what the days before today count: a late report, another grid."""
    if after.touched is None:
        return False
    end = midnight(today)
    now = sa.select(cases.c.id, cases.c.reported_at).where(after.touched, mine, cases.c.reported_at < end)
    then = {(case_id(case.no), micros(case.reported_at)) for case in were if micros(case.reported_at) < end}
    return {(row.id, row.reported_at) for row in connection.execute(now)} != then


def _numbered_before(connection: sa.Connection, today: date) -> int:
    """How many cases of the past days there are, by their counters: a backfill moves it, today's reports do not."""
    oldest = today - timedelta(days=PAST_DAYS)
    span = counters.c.name.between(f"case:{oldest:%Y%m%d}", f"case:{today - timedelta(days=1):%Y%m%d}")
    return int(
        connection.execute(sa.select(sa.func.coalesce(sa.func.sum(counters.c.value), 0)).where(span)).scalar_one()
    )


def _usual_so_far(past: Past, known: Sequence[int], now: datetime) -> float | None:
    """The mean of the known same weekdays up to this time of day; None without any."""
    if not known:
        return None
    hour, into = now.astimezone(LOCAL).hour, micros(now) % HOUR
    return _mean(sum(past.day(d)[:hour]) + bisect_left(past.offsets[d // 7 - 1], into) for d in known)


def _usual_days(past: Past, today: date) -> tuple[float, ...]:
    """Of each shown day, oldest first, the mean of the same weekdays before it; empty until every day has one."""
    known = [past.weeks_known(today, ago) for ago in range(SHOWN_DAYS - 1, -1, -1)]
    return tuple(_mean(sum(past.day(d)) for d in days) for days in known) if all(known) else ()


def _mean(counts: Iterable[int]) -> float:
    numbers = list(counts)
    return sum(numbers) / len(numbers)
