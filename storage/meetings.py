"""Meetings, decisions, supervision and rulings in SQL (cases/ports/meetings.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from cases.agenda import Matters
from cases.assessment import Objection, Ruling
from cases.calendar import LOCAL
from cases.decisions import Decision
from cases.indicators import Period
from cases.meetings import Meeting
from cases.model import Alert, Case, Scope, Whistle
from cases.ports.meetings import MeetingTransaction
from cases.supervision import LookBack, Rectification, Supervision
from storage import meeting_rows as rows
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.instants import micros
from storage.rows import alert_of, case_no, case_of, whistle_of
from storage.scope import alert_in, case_in
from storage.store import SqlTransaction
from storage.tables import (
    COUNTED,
    OPEN,
    alerts,
    cases,
    decisions,
    links,
    look_backs,
    meetings,
    objections,
    rectifications,
    rulings,
    supervisions,
    whistles,
)

DAY = timedelta(days=1)
WEEK = 7 * DAY
WEEKS = 4
Kind = TypeVar("Kind")


class SqlMeetingTransaction(SqlTransaction):
    """The record's transaction, with what meetings write (cases.ports.meetings.MeetingTransaction)."""

    __slots__ = ()

    def meeting(self, no: str) -> Meeting | None:
        """One meeting."""
        return _one(self.connection, meetings, no, rows.meeting_of)

    def open_meeting(self, area: str) -> Meeting | None:
        """The newest meeting of an area that is being held."""
        return open_meeting(self.connection, area)

    def save_meeting(self, meeting: Meeting) -> None:
        """Enter a meeting or write it; the database refuses to write one that is closed."""
        _keep(self.connection, meetings, rows.meeting_row(meeting), meetings.c.closed_at.is_(None))

    def decision(self, no: str) -> Decision | None:
        """One decision."""
        return _one(self.connection, decisions, no, rows.decision_of)

    def save_decision(self, decision: Decision) -> None:
        """Enter a decision or write it."""
        _keep(self.connection, decisions, rows.decision_row(decision))

    def supervision(self, no: str) -> Supervision | None:
        """One supervision."""
        return _one(self.connection, supervisions, no, rows.supervision_of)

    def save_supervision(self, one: Supervision) -> None:
        """Enter a supervision or write it."""
        _keep(self.connection, supervisions, rows.supervision_row(one))

    def rectification(self, no: str) -> Rectification | None:
        """One entry of the ledger."""
        return _one(self.connection, rectifications, no, rows.rectification_of)

    def save_rectification(self, one: Rectification) -> None:
        """Enter a problem into the ledger or write it."""
        _keep(self.connection, rectifications, rows.rectification_row(one))

    def add_look_back(self, one: LookBack) -> None:
        """Keep a drawing; it is never changed."""
        self.connection.execute(look_backs.insert().values(rows.look_back_row(one)))

    def add_ruling(self, area: str, ruling: Ruling) -> None:
        """Keep a person's word on a proposal of an area; the database refuses a second one."""
        self.connection.execute(rulings.insert().values(rows.ruling_row(area, ruling)))

    def save_objection(self, area: str, objection: Objection) -> None:
        """Enter an objection, or write what was ruled on it."""
        row = rows.objection_row(area, objection)
        key = [objections.c[name] == row[name] for name in ("area", "month", "unit", "case_no")]
        if not self.connection.execute(objections.update().where(*key).values(row)).rowcount:
            self.connection.execute(objections.insert().values(row))


@dataclass(frozen=True, slots=True)
class SqlMeetings:
    """Meetings, their decisions, supervision and rulings (cases.ports.meetings.Meetings)."""

    engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[MeetingTransaction]:
        """Begin a write transaction; no other writer runs until it ends."""
        with self.engine.write() as connection:
            yield SqlMeetingTransaction(connection, self.engine.mark)

    def open_meeting(self, area: str) -> Meeting | None:
        """The newest meeting of an area that is being held."""
        with self.engine.read() as connection:
            return open_meeting(connection, area)

    def meeting(self, no: str, area: str) -> Meeting | None:
        """One meeting of an area; None when absent or another area's."""
        with self.engine.read() as connection:
            found = _one(connection, meetings, no, rows.meeting_of)
        return found if found is not None and found.area == area else None

    def past(self, area: str, limit: int = 20) -> list[Meeting]:
        """Meetings of an area that are over, newest first."""
        over = sa.select(meetings).where(meetings.c.area == area, meetings.c.closed_at.is_not(None))
        with self.engine.read() as connection:
            found = connection.execute(over.order_by(meetings.c.opened_at.desc()).limit(limit)).all()
        return [rows.meeting_of(row) for row in found]

    def matters(self, codes: Sequence[str], scope: Scope, now: datetime) -> Mapping[str, Matters]:
        """What is to be spoken of in each of these grids, from one moment of the database."""
        with self.engine.read() as connection:
            shown = _open_cases(connection, scope)
            called = _whistles(connection, scope)
            waiting = _alerts(connection, scope)
            repeats = _repeats(connection, scope) | {case.no for case in shown if case.reopened}
        weeks, usual = self._weeks(codes, scope, now)
        at = {str(case.no): case.grids for case in shown}
        return {
            code: Matters(
                [case for case in shown if code in case.grids],
                [each for each in called if code in at.get(each.case, ())],
                [alert for alert in waiting if code in alert.place.grids],
                frozenset(no for no in repeats if code in at.get(no, ())),
                weeks.get(code, 0),
                usual.get(code) if usual is not None else None,
            )
            for code in codes
        }

    def _weeks(
        self, codes: Sequence[str], scope: Scope, now: datetime
    ) -> tuple[Mapping[str, int], Mapping[str, float] | None]:
        """What each grid received in the last seven days, and a week's mean of the four weeks before (指标 received).

        The mean is None where the record is younger than they.
        """
        today, book = now.astimezone(LOCAL).date(), SqlFigureBook(self.engine)
        week = Period(today - WEEK + DAY, today)
        before = Period(week.first - WEEKS * WEEK, week.first - DAY)
        told = [book.ask_many(["received"], codes, span, scope, now) for span in (week, before)]
        newest, usual = ({code: figure.numerator for (_, code), figure in each.items() if code} for each in told)
        with self.engine.read() as connection:
            first: int | None = connection.execute(sa.select(sa.func.min(cases.c.reported_at))).scalar()
        is_known = first is not None and first <= micros(before.since)
        return newest, {code: count / WEEKS for code, count in usual.items()} if is_known else None

    def decisions(self, scope: Scope, *, meeting: str | None = None, limit: int = 500) -> list[Decision]:
        """Decisions of a scope (its own meetings', and those about or for its grid), newest first."""
        query = sa.select(decisions).where(_decided_in(scope.area))
        if meeting is not None:
            query = query.where(decisions.c.meeting == meeting)
        with self.engine.read() as connection:
            found = connection.execute(query.order_by(decisions.c.made_at.desc(), decisions.c.no.desc()).limit(limit))
            return [rows.decision_of(row) for row in found]

    def decisions_for(self, unit: str | None, grid: str) -> list[Decision]:
        """Unverified decisions that a unit, or a grid's seat, answers for; the most urgent first."""
        whose = decisions.c.unit == unit if unit else sa.and_(decisions.c.who_grid == grid, decisions.c.unit.is_(None))
        query = sa.select(decisions).where(whose, decisions.c.verified_at.is_(None)).order_by(decisions.c.due_at)
        with self.engine.read() as connection:
            return [rows.decision_of(row) for row in connection.execute(query)]

    def supervisions(self, scope: Scope, limit: int = 200, *, unit: str | None = None) -> list[Supervision]:
        """Matters under supervision, the open ones first, newest first; `unit`: those that a unit is meant by."""
        order = (supervisions.c.closed_at.is_not(None), supervisions.c.opened_at.desc(), supervisions.c.no.desc())
        query = sa.select(supervisions).where(_meant(supervisions, scope, unit)).order_by(*order).limit(limit)
        with self.engine.read() as connection:
            return [rows.supervision_of(row) for row in connection.execute(query)]

    def supervision(self, no: str) -> Supervision | None:
        """One supervision, of whatever area."""
        with self.engine.read() as connection:
            return _one(connection, supervisions, no, rows.supervision_of)

    def rectification(self, no: str) -> Rectification | None:
        """One entry of the ledger, of whatever area."""
        with self.engine.read() as connection:
            return _one(connection, rectifications, no, rows.rectification_of)

    def rectifications(self, scope: Scope, limit: int = 500, *, unit: str | None = None) -> list[Rectification]:
        """The ledger, newest first; `unit`: the entries that a unit is meant by."""
        order = (rectifications.c.opened_at.desc(), rectifications.c.no.desc())
        query = sa.select(rectifications).where(_meant(rectifications, scope, unit)).order_by(*order).limit(limit)
        with self.engine.read() as connection:
            return [rows.rectification_of(row) for row in connection.execute(query)]

    def look_backs(self, scope: Scope) -> list[LookBack]:
        """All drawings of an area, newest first."""
        query = sa.select(look_backs).where(look_backs.c.area == scope.area).order_by(look_backs.c.at.desc())
        with self.engine.read() as connection:
            return [rows.look_back_of(row) for row in connection.execute(query)]

    def rulings(self, area: str) -> list[Ruling]:
        """What persons ruled on an area's proposals, oldest first."""
        with self.engine.read() as connection:
            found = connection.execute(sa.select(rulings).where(rulings.c.area == area).order_by(rulings.c.at))
            return [rows.ruling_of(row) for row in found]

    def objections(self, area: str, month: str = "") -> list[Objection]:
        """The objections to a month's cases (all months for ""), oldest first."""
        query = sa.select(objections).where(objections.c.area == area).order_by(objections.c.at)
        with self.engine.read() as connection:
            found = connection.execute(query.where(objections.c.month == month) if month else query)
            return [rows.objection_of(row) for row in found]


def open_meeting(connection: sa.Connection, area: str) -> Meeting | None:
    """The newest meeting of an area that is being held."""
    held = sa.select(meetings).where(meetings.c.area == area, meetings.c.closed_at.is_(None))
    row = connection.execute(held.order_by(meetings.c.opened_at.desc()).limit(1)).one_or_none()
    return None if row is None else rows.meeting_of(row)


def _one(connection: sa.Connection, table: sa.Table, no: str, made_of: Callable[[Any], Kind]) -> Kind | None:
    row = connection.execute(sa.select(table).where(table.c.no == no)).one_or_none()
    return None if row is None else made_of(row)


def _keep(connection: sa.Connection, table: sa.Table, row: rows.Values, *if_so: sa.ColumnElement[bool]) -> None:
    """Write a row by its number, where it may be written; else enter it."""
    if not connection.execute(table.update().where(table.c.no == row["no"], *if_so).values(row)).rowcount:
        connection.execute(table.insert().values(row))


def _decided_in(area: str) -> sa.ColumnElement[bool]:
    if not area:
        return sa.true()
    return sa.or_(*(decisions.c[name] == area for name in ("area", "grid", "who_grid")))


def _meant(table: sa.Table, scope: Scope, unit: str | None) -> sa.ColumnElement[bool]:
    """What concerns a unit whatever its area; else what an area supervises or is meant by, all for the whole room."""
    if unit is not None:
        return table.c.unit == unit
    return sa.or_(table.c.area == scope.area, table.c.grid == scope.area) if scope.area else sa.true()


def _open_cases(connection: sa.Connection, scope: Scope) -> list[Case]:
    real = sa.and_(OPEN, COUNTED, case_in(scope))
    order = (cases.c.due_at.is_(None), cases.c.due_at, cases.c.id)
    return [case_of(row) for row in connection.execute(sa.select(cases).where(real).order_by(*order))]


def _whistles(connection: sa.Connection, scope: Scope) -> list[Whistle]:
    called = sa.select(whistles).join(cases, cases.c.id == whistles.c.case_id)
    called = called.where(whistles.c.arrived_at.is_(None), OPEN, case_in(scope)).order_by(whistles.c.answer_by)
    return [whistle_of(row) for row in connection.execute(called)]


def _alerts(connection: sa.Connection, scope: Scope) -> list[Alert]:
    new = sa.select(alerts).where(alerts.c.state == "new", alerts.c.exercise == 0, alert_in(scope))
    return [alert_of(row) for row in connection.execute(new.order_by(alerts.c.received_at))]


def _repeats(connection: sa.Connection, scope: Scope) -> set[str]:
    """The numbers of open cases that a link says came again."""
    ends = sa.or_(links.c.case_id == cases.c.id, links.c.other_id == cases.c.id)
    query = sa.select(cases.c.id).join(links, ends).where(links.c.kind == "repeat", OPEN, case_in(scope))
    return {case_no(number) for (number,) in connection.execute(query)}
