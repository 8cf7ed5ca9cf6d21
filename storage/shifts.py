"""The watch in SQL: handovers that never change once signed for, what a digest is made from, and the seats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cases import shifts as rules
from cases.calendar import LOCAL
from cases.decisions import Decision
from cases.model import Action, Case, Scope
from cases.shifts import Handing, Line, Matters, Seat, SeatNow, Section, Shift, WatchRules
from storage.engine import Engine
from storage.instants import instant, micros
from storage.meeting_rows import decision_of
from storage.rows import Row, alert_of, case_of, to_json, whistle_of
from storage.scope import alert_in, case_in
from storage.tables import OPEN, alerts, cases, decisions, events, seat_days, seats, shifts, whistles

DAY = timedelta(days=1)
LISTED = 60
_OPEN_SHIFT = sa.and_(shifts.c.taken_at.is_(None), shifts.c.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True)
class SqlShifts:
    """The read side of the watch, and the seats (ports.Shifts). Blocking; StoreUnavailable as everywhere."""

    engine: Engine
    rules: WatchRules = WatchRules()

    # handovers ------------------------------------------------------------------------------------------------

    def handing(self, scope: Scope, now: datetime) -> Handing:
        """All that the handover page of an area needs, from one moment of the database."""
        with self.engine.read() as connection:
            last = sa.select(sa.func.max(shifts.c.taken_at)).where(shifts.c.area == scope.area)
            taken_at = instant(connection.execute(last).scalar())
            since = taken_at or now - DAY
            digest = rules.digest(_matters(connection, scope, since), now)
            past = sa.select(shifts).where(shifts.c.area == scope.area, sa.not_(_OPEN_SHIFT))
            rows = connection.execute(past.order_by(shifts.c.handed_at.desc()).limit(LISTED)).all()
            return Handing(
                since,
                taken_at is None,
                digest,
                tuple(open_shifts(connection, scope.area)),
                tuple(shift_of(row) for row in rows),
            )

    def shift(self, no: str, area: str) -> Shift | None:
        """One handover of an area's seat; None when absent or another area's."""
        with self.engine.read() as connection:
            found = read_shift(connection, no)
        return found if found is not None and found.area == area else None

    def handed(self, area: str, since: datetime, until: datetime) -> list[Shift]:
        """Handovers of an area's seat begun in a span, oldest first, those not signed for and withdrawn too."""
        span = sa.and_(shifts.c.handed_at >= micros(since), shifts.c.handed_at < micros(until))
        query = sa.select(shifts).where(shifts.c.area == area, span).order_by(shifts.c.handed_at)
        with self.engine.read() as connection:
            return [shift_of(row) for row in connection.execute(query)]

    # seats ----------------------------------------------------------------------------------------------------

    def seat_now(self, areas: Sequence[str], now: datetime) -> SeatNow:
        """What is to be said of the seat that minds an area: the first of `areas` (innermost first) with one."""
        with self.engine.read() as connection:
            found = connection.execute(sa.select(seats).where(seats.c.area.in_(areas))).all()
            kept = {row.area: _seat_of(row) for row in found}
            area = next((each for each in areas if each in kept), areas[-1])
            waiting = tuple(open_shifts(connection, area))
            since = rules.unmanned_since(kept[area], now, self.rules) if area in kept else None
            day = now.astimezone(LOCAL).date().isoformat()
            counted = sa.select(seat_days.c.unmanned).where(seat_days.c.area == area, seat_days.c.day == day)
            today = connection.execute(counted).scalar() or 0
        return SeatNow(since, timedelta(microseconds=today), waiting)

    def active(self, area: str, at: datetime) -> None:
        """Somebody did something at an area's seat; going back in time is not possible."""
        with self.engine.write() as connection:
            seat = _read_seat(connection, area) or Seat(area, None, at, at, at)
            seat = self._watched(connection, seat, at)
            if seat.active_at is None or seat.active_at < at:
                seat = Seat(area, at, seat.known_since, seat.watched_to, max(seat.counted_to, at))
            _keep_seat(connection, seat)

    def watch_seats(self, areas: Sequence[str], now: datetime) -> None:
        """Mind the seats of these areas up to `now`, and count how long nobody sat there."""
        with self.engine.write() as connection:
            for area in areas:
                seat = _read_seat(connection, area) or Seat(area, None, now, now, now)
                _keep_seat(connection, self._watched(connection, seat, now))

    def unmanned(self, area: str, since: str, until: str) -> dict[str, timedelta]:
        """How long nobody sat at an area's seat on each local day (YYYY-MM-DD) of a span, both ends included."""
        span = sa.and_(seat_days.c.area == area, seat_days.c.day >= since, seat_days.c.day <= until)
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(seat_days.c.day, seat_days.c.unmanned).where(span)).all()
        return {day: timedelta(microseconds=each) for day, each in rows}

    def _watched(self, connection: sa.Connection, seat: Seat, now: datetime) -> Seat:
        seat, spans = rules.watched(seat, now, self.rules)
        today = now.astimezone(LOCAL).date()  # a watched day has a row also when nobody was missing
        for day, span in ({today: timedelta()} | dict(spans)).items():
            connection.execute(
                _ADD, {"area": seat.area, "day": day.isoformat(), "span": span // timedelta(microseconds=1)}
            )
        return seat


_ADD = sa.text(
    "INSERT INTO seat_days (area, day, unmanned) VALUES (:area, :day, :span) "
    "ON CONFLICT (area, day) DO UPDATE SET unmanned = seat_days.unmanned + excluded.unmanned"
)


def open_shifts(connection: sa.Connection, area: str) -> list[Shift]:
    """Handovers of an area's seat that nobody has signed for, oldest first."""
    query = sa.select(shifts).where(shifts.c.area == area, _OPEN_SHIFT).order_by(shifts.c.handed_at)
    return [shift_of(row) for row in connection.execute(query)]


def read_shift(connection: sa.Connection, no: str) -> Shift | None:
    """One handover."""
    row = connection.execute(sa.select(shifts).where(shifts.c.no == no)).one_or_none()
    return None if row is None else shift_of(row)


def keep_shift(connection: sa.Connection, shift: Shift) -> None:
    """Enter a handover, or sign one that is open; the database refuses to write one that is not."""
    values = dict(zip((column.name for column in shifts.columns), shift_row(shift), strict=True))
    done = connection.execute(shifts.update().where(shifts.c.no == shift.no, _OPEN_SHIFT).values(values))
    if not done.rowcount:
        connection.execute(shifts.insert().values(values))


def shift_row(shift: Shift) -> tuple[object, ...]:
    """A handover as the columns of `shifts`, in the table's order."""
    spans = (micros(shift.began_at), micros(shift.handed_at), micros(shift.due_at))
    digest = to_json([asdict(section) for section in shift.digest])
    signed = (shift.incoming, micros(shift.taken_at), shift.how or None, shift.moved or None)
    return (shift.no, shift.area, shift.outgoing, *spans, shift.notes, digest, *signed, micros(shift.withdrawn_at))


def shift_of(row: Row) -> Shift:
    """The handover back from the columns of `shifts`, in the table's order."""
    no, area, outgoing, began_at, handed_at, due_at, notes, digest, incoming, taken_at, how, moved, withdrawn_at = row
    spans = (instant(began_at), instant(handed_at), instant(due_at))
    given = Shift(no, area, outgoing, *spans, notes, _digest_of(digest), incoming, instant(taken_at), how or "")
    return replace(given, moved=moved or 0, withdrawn_at=instant(withdrawn_at))


def _digest_of(kept: str) -> tuple[Section, ...]:
    return tuple(
        Section(section["key"], section["title"], tuple(Line(**line) for line in section["lines"]))
        for section in json.loads(kept)
    )


def _matters(connection: sa.Connection, scope: Scope, since: datetime) -> Matters:
    mine = case_in(scope)
    urgent = (sa.case({"overdue": 0, "at_risk": 1}, value=cases.c.standing, else_=2), cases.c.due_at, cases.c.id)
    shelved_or_new = sa.or_(alerts.c.state == "new", alerts.c.state == "shelved")
    waiting = sa.select(alerts).where(shelved_or_new, alert_in(scope)).order_by(alerts.c.received_at)
    called = sa.select(whistles).join(cases, cases.c.id == whistles.c.case_id)
    called = called.where(whistles.c.arrived_at.is_(None), OPEN, mine)
    real = sa.and_(mine, cases.c.exercise == 0)
    reopened = sa.exists().where(
        events.c.case_id == cases.c.id, events.c.action == Action.REOPEN.value, events.c.at >= micros(since)
    )
    return Matters(
        _cases(connection, sa.select(cases).where(OPEN, mine).order_by(*urgent)),
        [alert_of(row) for row in connection.execute(waiting)],
        [whistle_of(row) for row in connection.execute(called.order_by(whistles.c.answer_by))],
        _cases(connection, _newest(sa.and_(real, cases.c.received_at >= micros(since)), cases.c.received_at)),
        _cases(connection, _newest(sa.and_(real, cases.c.closed_at >= micros(since)), cases.c.closed_at)),
        _cases(connection, _newest(sa.and_(real, cases.c.updated_at >= micros(since), reopened), cases.c.updated_at)),
        _decisions(connection, scope.area),
    )


def _decisions(connection: sa.Connection, area: str) -> list[Decision]:
    """What meetings gave to an area's seat and no unit, and nobody has verified; the most urgent first."""
    mine = sa.and_(decisions.c.unit.is_(None), decisions.c.who_grid == area, decisions.c.verified_at.is_(None))
    rows = connection.execute(sa.select(decisions).where(mine).order_by(decisions.c.due_at, decisions.c.no))
    return [decision_of(row) for row in rows]


def _newest(which: sa.ColumnElement[bool], at: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(cases).where(which).order_by(at.desc(), cases.c.id)


def _cases(connection: sa.Connection, query: sa.Select[Any]) -> list[Case]:
    return [case_of(row) for row in connection.execute(query)]


def _read_seat(connection: sa.Connection, area: str) -> Seat | None:
    row = connection.execute(sa.select(seats).where(seats.c.area == area)).one_or_none()
    return None if row is None else _seat_of(row)


def _seat_of(row: Any) -> Seat:
    times = (row.known_since, row.watched_to, row.counted_to)
    return Seat(row.area, instant(row.active_at), *(instant(each) for each in times))


def _keep_seat(connection: sa.Connection, seat: Seat) -> None:
    times = {name: micros(getattr(seat, name)) for name in ("active_at", "known_since", "watched_to", "counted_to")}
    done = connection.execute(seats.update().where(seats.c.area == seat.area).values(times))
    if not done.rowcount:
        connection.execute(seats.insert().values(area=seat.area, **times))
