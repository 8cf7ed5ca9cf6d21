"""指标 in SQL: the register's figures from the kept tallies, exact to the newest event, and the cases behind them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa

from cases.calendar import LOCAL
from cases.errors import NotAllowed
from cases.indicators import (
    REGISTER,
    Fact,
    Figure,
    FigureRows,
    Indicator,
    Narrowing,
    Period,
    Register,
    answer,
    link_of,
    running,
)
from cases.model import CaseNo, Scope
from storage import surveys
from storage.aggregates import (
    Position,
    counted_share,
    difference,
    fresh_rows,
    kept_rows,
    newest_event,
    position,
    touched_since,
)
from storage.engine import Engine
from storage.fact_rows import Delta, FactRow, Key, day_number
from storage.histories import grouped, these
from storage.instants import instant, micros
from storage.received import part_ids
from storage.rows import case_id, case_of, codes_of
from storage.scope import case_in
from storage.sets_of_now import is_of_now, open_ids, open_total, records_total, red_alerts
from storage.tables import OPEN, alert_grids, alerts, case_facts, case_grids, cases, events, seat_days, tallies, waits

TAIL = 1_500  # events beyond the cursor that a reader adds itself; more are said to be missing
UNRECORDED = "—（期内未记录）"
_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class SqlFigureBook:
    """The register's figures (ports.FigureBook). Blocking; StoreUnavailable as everywhere."""

    engine: Engine
    register: Register = REGISTER

    def ask(
        self,
        id: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        *,
        leaves: Sequence[str] = (),
        without: Collection[CaseNo] = (),
        part: Narrowing | None = None,
    ) -> Figure:
        """One figure; KeyError for an id the register does not have, NotAllowed for a grid outside the scope."""
        indicator, code = self.register[id], grid or scope.area
        with self.engine.read() as connection:
            _check_inside(connection, code, scope)
            if part:
                return self._part(connection, indicator, code, period, now, part)
            tail = _Tail.read(connection)
            return self._answer(connection, indicator, code, period, now, tail, leaves, without)

    def ask_many(
        self, ids: Sequence[str], grids: Sequence[str | None], period: Period, scope: Scope, now: datetime
    ) -> Mapping[tuple[str, str | None], Figure]:
        """Several figures of several grids, from one moment of the database; grids outside the scope are left out."""
        found = {}
        with self.engine.read() as connection:
            tail = _Tail.read(connection)
            for grid in grids:
                code = grid or scope.area
                if not _is_inside(connection, code, scope):
                    continue
                for id_ in ids:
                    found[id_, grid] = self._answer(connection, self.register[id_], code, period, now, tail)
        return found

    def _answer(
        self,
        connection: sa.Connection,
        indicator: Indicator,
        code: str,
        period: Period,
        now: datetime,
        tail: _Tail,
        leaves: Sequence[str] = (),
        without: Collection[CaseNo] = (),
    ) -> Figure:
        counts = SqlCounts(connection, self.register, code, now, tail, tuple(leaves), _left_out(connection, without))
        as_of = now if not tail.behind else tail.as_of(connection, now)
        made = answer(indicator, code, period, counts, as_of, tail.behind, self.register)
        return made if counts.is_recorded(indicator, period) else replace(made, value=None, words=UNRECORDED)

    def _part(
        self,
        connection: sa.Connection,
        indicator: Indicator,
        code: str,
        period: Period,
        now: datetime,
        part: Narrowing,
    ) -> Figure:
        """A figure of fewer cases, counted from the cases themselves and so never behind them."""
        indicator.check_part(part)
        counts = _Counted(len(part_ids(connection, code, period, part)))
        made = answer(indicator, code, period, counts, now, 0, self.register)
        link, definition = link_of(indicator.id, code, period, part), f"{made.definition}。其中只数{part.words}"
        return replace(made, name=f"{made.name}：{part.words}", link=link, definition=definition)

    def rows(
        self,
        id: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        page: int = 1,
        size: int = 50,
        *,
        part: Narrowing | None = None,
    ) -> FigureRows:
        """The cases behind a figure or a part of it, newest first; of a change those of this period."""
        indicator, code = self.register[id], grid or scope.area
        indicator = self.register[indicator.of] if indicator.kind == "change" else indicator
        with self.engine.read() as connection:
            _check_inside(connection, code, scope)
            if not self.register.is_of_cases(indicator):
                return self._not_cases(connection, indicator, code, page)
            found = self._members(connection, indicator, code, period, now, part)
            wanted = sorted(found, reverse=True)[(page - 1) * size : page * size]
            query = sa.select(cases).where(cases.c.id.in_(wanted), case_in(scope)).order_by(cases.c.id.desc())
            rows = connection.execute(query).all()
        items = tuple(case_of(row) for row in rows)
        return FigureRows(items, tuple(found[row[0]] for row in rows), page, len(found))

    def counting(self) -> float | None:
        """Which share of the record is counted, while more is missing than a reader adds; None where nothing is."""
        with self.engine.read() as connection:
            return None if not _Tail.read(connection).behind else counted_share(connection)

    def _not_cases(self, connection: sa.Connection, indicator: Indicator, code: str, page: int) -> FigureRows:
        """What else a figure counts, in words, and the alerts of this moment themselves."""
        sets = [self.register.sets[name] for name in indicator.sets]
        waiting = red_alerts(connection, code) if any(each.source == "alerts_now" for each in sets) else ()
        return FigureRows((), (), page, 0, "；".join(each.words for each in sets), waiting)

    def _members(
        self,
        connection: sa.Connection,
        indicator: Indicator,
        code: str,
        period: Period,
        now: datetime,
        part: Narrowing | None,
    ) -> dict[int, tuple[str, ...]]:
        """The ids of the cases in any of the indicator's sets, each with the sets it is in."""
        if part:
            indicator.check_part(part)
            return dict.fromkeys(part_ids(connection, code, period, part), indicator.numerator)
        tail = _Tail.read(connection)
        first, last = day_number(period.first), day_number(period.last)
        found: dict[int, list[str]] = defaultdict(list)
        for name in (each for each in indicator.sets if not is_of_now(each)):
            for row in [*_holding(connection, name, code, first, last, tail), *tail.fresh_in(code)]:
                if any(each == name and first <= day <= last for each, day, _ in row.parsed()):
                    found[row.case_id].append(name)
        for name in filter(is_of_now, indicator.sets):
            for id_ in open_ids(connection, name, code, now):
                found[id_].append(name)
        for id_, fact in _open_facts(connection, code, period, now):
            if fact.name in indicator.sets and fact.name not in found[id_]:
                found[id_].append(fact.name)
        return {id_: tuple(names) for id_, names in found.items() if names}


@dataclass(frozen=True)
class _Tail:
    """What the kept figures do not know yet: the cases that newer events touched, as kept and as they stand."""

    at: Position
    behind: int
    old: dict[int, FactRow] = field(default_factory=dict)
    new: dict[int, FactRow] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: sa.Connection) -> _Tail:
        at, newest = position(connection), newest_event(connection)
        since = at.seq if at.is_built else 0  # while they are being built, any case may be missing
        last, touched = touched_since(connection, since, TAIL)
        if last < newest:
            return cls(at, newest - since)
        old: dict[int, FactRow] = {}
        new: dict[int, FactRow] = {}
        for some in grouped(touched, _STATEMENT):
            old |= kept_rows(connection, these(some))
            new |= fresh_rows(connection, these(some))
        return cls(at, 0, old, new)

    @cached_property
    def _delta(self) -> Delta:
        return difference(self.old, self.new)

    @cached_property
    def tallies(self) -> Mapping[Key, int]:
        """What they add to the kept sets."""
        return self._delta.tallies

    @cached_property
    def fresh(self) -> Mapping[Key, Sequence[int]]:
        """The waiting times they add."""
        return self._delta.waits

    @cached_property
    def gone(self) -> Mapping[Key, Sequence[int]]:
        """The waiting times that are no more."""
        return self._delta.gone

    def fresh_in(self, code: str) -> list[FactRow]:
        """The cases of a grid as they stand."""
        return [row for row in self.new.values() if not code or code in codes_of(row.grids)]

    def as_of(self, connection: sa.Connection, now: datetime) -> datetime:
        """When the last event happened that the figures know."""
        at = connection.execute(sa.select(events.c.at).where(events.c.seq == self.at.seq)).scalar()
        return instant(at) or now


@dataclass(frozen=True, slots=True)
class _Counted:
    """The counts of a part (cases.indicators.Counts): a number of cases, and no waiting times."""

    cases: int

    def total(self, _name: str, _period: Period) -> int:
        """How many there are."""
        return self.cases

    def waits(self, _name: str, _period: Period) -> Sequence[int]:
        """None are kept by part."""
        return ()


@dataclass(frozen=True)
class SqlCounts:
    """The counts of one grid in one read transaction (cases.indicators.Counts)."""

    connection: sa.Connection
    register: Register
    code: str
    now: datetime
    tail: _Tail
    leaves: tuple[str, ...] = ()
    without: Sequence[FactRow] = ()

    def total(self, name: str, period: Period) -> int:
        """How much of a set there is in a period."""
        return _TOTALS[self.register.sets[name].source](self, name, period)

    def waits(self, name: str, period: Period) -> Sequence[int]:
        """The waiting times of a set in a period, those that go on included."""
        if self.register.sets[name].source == "alerts":
            return self._alert_waits(period)
        first, last = day_number(period.first), day_number(period.last)
        query = sa.select(waits.c.minutes).where(*_of_days(waits, self.code, name, first, last))
        found = Counter(map(int, "".join(self.connection.execute(query).scalars()).split()))
        for sign, changed in ((1, self.tail.fresh), (-1, self.tail.gone)):
            for (code, each, day), minutes in changed.items():
                if code == self.code and each == name and first <= day <= last:
                    for minute in minutes:
                        found[minute] += sign
        for each, day, amount in self._left_out():
            if each == name and first <= day <= last:
                found[amount] -= 1
        going_on = (fact.amount for _, fact in self._open(period) if fact.name == name)
        return [*found.elements(), *going_on]

    def _facts(self, name: str, period: Period) -> int:
        first, last = day_number(period.first), day_number(period.last)
        query = sa.select(sa.func.coalesce(sa.func.sum(tallies.c.amount), 0))
        kept = int(self.connection.execute(query.where(*_of_days(tallies, self.code, name, first, last))).scalar_one())
        newer = sum(
            amount
            for (code, each, day), amount in self.tail.tallies.items()
            if code == self.code and each == name and first <= day <= last
        )
        left_out = sum(amount for each, day, amount in self._left_out() if each == name and first <= day <= last)
        return kept + newer - left_out

    def _running(self, name: str, period: Period) -> int:
        return sum(fact.amount for _, fact in self._open(period) if fact.name == name)

    def _open(self, period: Period) -> list[tuple[int, Fact]]:
        gone = {row.case_id for row in self.without}
        found = _open_facts(self.connection, self.code, period, self.now)
        return [(id_, fact) for id_, fact in found if id_ not in gone]

    def _left_out(self) -> list[tuple[str, int, int]]:
        inside = (row for row in self.without if not self.code or self.code in codes_of(row.grids))
        return [fact for row in inside for fact in row.parsed()]

    def _alerts(self, name: str, period: Period) -> int:
        if name == "days":
            return min(period.days, max(Period(period.first, max(period.first, _today(self.now))).days, 1))
        answered = [alerts.c.acted_at.is_not(None)] if name == "alerts_answered" else []
        query = sa.select(sa.func.count()).select_from(alerts).where(*self._alerts_of(period), *answered)
        return int(self.connection.execute(query).scalar_one())

    def _alert_waits(self, period: Period) -> list[int]:
        query = sa.select(alerts.c.acted_at - alerts.c.received_at)
        spans = self.connection.execute(query.where(*self._alerts_of(period), alerts.c.acted_at.is_not(None)))
        return [max(span, 0) // 60_000_000 for span in spans.scalars()]

    def _alerts_of(self, period: Period) -> list[sa.ColumnElement[bool]]:
        at = alerts.c.received_at
        mine = sa.exists().where(alert_grids.c.code == self.code, alert_grids.c.alert == alerts.c.no)
        span = [at >= micros(period.since), at < micros(period.until), alerts.c.exercise == 0]
        return [*span, mine] if self.code else span

    def _seats(self, name: str, period: Period) -> int:
        span = seat_days.c.day.between(period.first.isoformat(), period.last.isoformat())
        query = sa.select(sa.func.coalesce(sa.func.sum(seat_days.c.unmanned), 0))
        return int(self.connection.execute(query.where(seat_days.c.area == self.code, span)).scalar_one()) // 60_000_000

    def _surveys(self, name: str, period: Period) -> int:
        return surveys.people(self.connection, name, self.code, period)

    def is_recorded(self, indicator: Indicator, period: Period) -> bool:
        """Whether anybody kept a record of what an indicator counts: nobody watching a seat is not zero minutes."""
        if any(self.register.sets[name].source == "surveys" for name in indicator.sets):
            return any(self.total(name, period) for name in indicator.denominator)
        if not any(self.register.sets[name].source == "seats" for name in indicator.sets):
            return True
        days = seat_days.c.day.between(period.first.isoformat(), period.last.isoformat())
        query = sa.select(seat_days.c.day).where(seat_days.c.area == self.code, days)
        return self.connection.execute(query.limit(1)).first() is not None

    def _now(self, name: str, _period: Period) -> int:
        return open_total(self.connection, name, self.code, self.now)

    def _alerts_now(self, _name: str, _period: Period) -> int:
        return len(red_alerts(self.connection, self.code))

    def _registers(self, name: str, _period: Period) -> int:
        return records_total(self.connection, name, self.code, self.now)

    def _grids(self, name: str, period: Period) -> int:
        if name == "grids":
            return len(self.leaves)
        first, last = day_number(period.first), day_number(period.last)
        seen: Counter[str] = Counter()
        for some in (self.leaves[n : n + _STATEMENT] for n in range(0, len(self.leaves), _STATEMENT)):
            query = sa.select(tallies.c.code, sa.func.sum(tallies.c.amount)).where(
                tallies.c.code.in_(some), tallies.c.name == "received", tallies.c.day.between(first, last)
            )
            seen.update({code: int(amount) for code, amount in self.connection.execute(query.group_by(tallies.c.code))})
        for (code, each, day), amount in self.tail.tallies.items():
            if each == "received" and first <= day <= last:
                seen[code] += amount
        reported = sum(seen[leaf] > 0 for leaf in self.leaves)
        return reported if name == "grids_reported" else len(self.leaves) - reported


_TOTALS = {
    "facts": SqlCounts._facts,
    "running": SqlCounts._running,
    "now": SqlCounts._now,
    "alerts_now": SqlCounts._alerts_now,
    "registers": SqlCounts._registers,
    "alerts": SqlCounts._alerts,
    "seats": SqlCounts._seats,
    "grids": SqlCounts._grids,
    "surveys": SqlCounts._surveys,
}


def _today(now: datetime) -> date:
    return now.astimezone(LOCAL).date()


def _of_days(table: sa.Table, code: str, name: str, first: int, last: int) -> list[sa.ColumnElement[bool]]:
    return [table.c.code == code, table.c.name == name, table.c.day.between(first, last)]


def _open_facts(connection: sa.Connection, code: str, period: Period, now: datetime) -> list[tuple[int, Fact]]:
    """What the open cases of a grid and period add that time alone changes."""
    received = sa.and_(cases.c.received_at >= micros(period.since), cases.c.received_at < micros(period.until))
    inside = [case_in(Scope(code))]
    rows = connection.execute(sa.select(cases).where(OPEN, received, *inside))
    return [(row[0], fact) for row in rows for fact in running(case_of(row), now)]


def _holding(connection: sa.Connection, name: str, code: str, first: int, last: int, tail: _Tail) -> list[FactRow]:
    """The kept rows of a grid that may hold a fact of this name in these days, without the cases that changed since."""
    c = case_facts.c
    query = sa.select(case_facts).where(
        c.first_day <= last, c.last_day >= first, c.facts.contains(f"{name}@", autoescape=True)
    )
    if code:
        query = query.join(case_grids, case_grids.c.case_id == c.case_id).where(case_grids.c.code == code)
    changed = tail.old.keys() | tail.new.keys()
    return [FactRow(*row) for row in connection.execute(query) if row[0] not in changed]


def _left_out(connection: sa.Connection, without: Collection[CaseNo]) -> list[FactRow]:
    """What cases add that are to be left out."""
    found: list[FactRow] = []
    for some in grouped(sorted(case_id(no) for no in without), _STATEMENT):
        found += fresh_rows(connection, these(some)).values()
    return found


def _is_inside(connection: sa.Connection, code: str, scope: Scope) -> bool:
    """Whether a grid lies in the scope, as far as cases can tell; the caller has the tree and has checked it."""
    if not scope.area or code == scope.area:
        return True
    one = (
        sa.select(case_grids.c.case_id).where(case_grids.c.code == code).order_by(case_grids.c.case_id.desc()).limit(1)
    )
    newest = connection.execute(one).scalar()
    if newest is None:
        return True
    area = sa.select(case_grids.c.case_id).where(case_grids.c.code == scope.area, case_grids.c.case_id == newest)
    return connection.execute(area).first() is not None


def _check_inside(connection: sa.Connection, code: str, scope: Scope) -> None:
    if not _is_inside(connection, code, scope):
        raise NotAllowed("没有这个网格，或不在您的辖区内", "grid")
