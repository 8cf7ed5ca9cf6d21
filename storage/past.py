"""The room as it was (cases.past.Past): today's rows taken back by their events, alerts by their steps, kept fixes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cases.alerts import AlertEvent, as_it_was, is_waiting
from cases.calendar import LOCAL
from cases.model import Alert, AlertLevel, AlertNo, AlertState, Case, Event, Fix, Scope, Standing
from cases.past import Landmark, RoomThen
from storage import back_then
from storage.back_then import Since, lies_in
from storage.engine import Engine
from storage.figures import FigureReader
from storage.instants import instant, micros
from storage.positions import fix_of
from storage.rows import alert_event_of, alert_of, case_id, event_of
from storage.scope import alert_in, case_in, simplest, worker_in
from storage.seen import VERSION, SeenCases
from storage.tables import COUNTED, OPEN, WHOLE, alert_events, alerts, cases, events, last_fixes, tracks

DAY = timedelta(days=1)
MOST_ON_BOARD, MOST_RECENT = 2000, 50  # as many as the live screens get
_GRAVEST_FIRST = {AlertLevel.RED: 0, AlertLevel.ORANGE: 1, AlertLevel.YELLOW: 2}
_LATEST_FIRST = {Standing.OVERDUE: 0, Standing.AT_RISK: 1}
_BECAME_OVERDUE = f'%"standing":"{Standing.OVERDUE.value}"%'  # as events keep what they changed


@dataclass(frozen=True, slots=True)
class SqlPast:
    """The kept past in SQL. What a reading of one moment costs grows with what changed since and was there then."""

    engine: Engine
    _figures: FigureReader = field(default_factory=FigureReader)
    _seen: SeenCases = field(default_factory=SeenCases)

    def room(self, scope: Scope, at: datetime, since: datetime, most_alerts: int) -> RoomThen:
        """The room at an instant that has passed; `since` begins the ticks. Raises TooLongAgo."""
        with self.engine.read() as connection:
            after = back_then.since(connection, at)
            then = _Then(connection, simplest(connection, scope), at, after, self._seen)
            return RoomThen(
                at,
                then.board(),
                self._figures.read(connection, scope, at, after),
                then.alerts(most_alerts),
                then.recent(),
                then.ticks(since),
            )

    def fixes(self, scope: Scope, at: datetime) -> list[Fix]:
        """Where each worker of the scope was last known to be at an instant, by worker id."""
        newest = (
            sa.select(sa.func.max(tracks.c.at))
            .where(tracks.c.worker == last_fixes.c.worker, tracks.c.at <= micros(at))
            .correlate(last_fixes)
            .scalar_subquery()
        )
        known = last_fixes.join(tracks, sa.and_(tracks.c.worker == last_fixes.c.worker, tracks.c.at == newest))
        query = sa.select(tracks).select_from(known).where(worker_in(scope, last_fixes.c.worker))
        with self.engine.read() as connection:
            return [fix_of(row) for row in connection.execute(query.order_by(last_fixes.c.worker))]

    def next(self, scope: Scope, after: datetime, landmark: Landmark) -> datetime | None:
        """When the next one of a kind came after an instant; None when there is none yet."""
        with self.engine.read() as connection:
            found: int | None = connection.execute(_NEXT[landmark](scope, after)).scalar()
        return instant(found)

    def begins(self) -> datetime | None:
        """The first instant on record; None while there is none."""
        with self.engine.read() as connection:
            first = sa.select(events.c.at).join(cases, cases.c.id == events.c.case_id)
            return instant(connection.execute(first.order_by(cases.c.id, events.c.seq).limit(1)).scalar())


@dataclass(frozen=True, slots=True)
class _Then:
    """One moment of one scope, read in one transaction."""

    connection: sa.Connection
    scope: Scope
    at: datetime
    after: Since
    seen: SeenCases

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        """Whether a row of `cases` is in the scope and reads as it did then."""
        return sa.and_(case_in(self.scope), self.after.untouched)

    def _were(self) -> list[Case]:
        """The cases of the scope that have changed since, as they were."""
        return [case for case in self.after.were if lies_in(case, self.scope)]

    def board(self) -> list[Case]:
        """Open cases, most urgent first (storage.views)."""
        still = self.connection.execute(sa.select(*VERSION).where(OPEN, self._mine)).all()
        found = [*self.seen.cases(self.connection, still), *(case for case in self._were() if case.is_open)]
        return sorted(found, key=_urgency)[:MOST_ON_BOARD]

    def ticks(self, since: datetime) -> list[tuple[datetime, int]]:
        """(reported_at, severity) of the cases reported in [since, at) that were known, oldest first."""
        span = sa.and_(cases.c.reported_at >= micros(since), cases.c.reported_at < micros(self.at))
        rows = self.connection.execute(
            sa.select(cases.c.reported_at, cases.c.severity).where(span, COUNTED, self._mine)
        )
        counted = [case for case in self._were() if not case.exercise and case.parent is None]
        then = [(case.reported_at, case.severity) for case in counted if since <= case.reported_at < self.at]
        return sorted([*((instant(at), severity) for at, severity in rows), *then], key=lambda tick: tick[0])

    def recent(self) -> list[tuple[Event, Case]]:
        """The newest events with their cases, newest first."""
        still = sa.select(*VERSION).where(self._mine).order_by(cases.c.updated_at.desc()).limit(MOST_RECENT)
        untouched = self.seen.cases(self.connection, self.connection.execute(still).all())
        newest = sorted([*untouched, *self._were()], key=lambda case: case.updated_at, reverse=True)[:MOST_RECENT]
        by_id = {case_id(case.no): case for case in newest}
        rows = self.connection.execute(
            sa.select(events)
            .where(events.c.case_id.in_(by_id), events.c.at <= micros(self.at))
            .order_by(events.c.at.desc(), events.c.seq.desc())
            .limit(MOST_RECENT)
        )
        return [(event_of(row), by_id[row.case_id]) for row in rows]

    def alerts(self, most: int) -> list[Alert]:
        """Those that waited, those that rested, and the others of the 24 hours before, in the order of the screens."""
        stood = [as_it_was(alert, steps, self.at) for alert, steps in self._alerts_with_steps()]
        oldest = self.at - DAY
        listed = [
            alert
            for alert in stood
            if alert is not None
            and (alert.state in (AlertState.NEW, AlertState.SHELVED) or alert.received_at >= oldest)
        ]
        return sorted(listed, key=self._call)[:most]

    def _call(self, alert: Alert) -> tuple[int, int, str]:
        received = micros(alert.received_at)
        if is_waiting(alert, self.at):
            return _GRAVEST_FIRST.get(alert.level, 3), received, alert.no
        return 4, -received, alert.no

    def _alerts_with_steps(self) -> list[tuple[Alert, Sequence[AlertEvent]]]:
        """Every alert that can have been listed then, with its steps, oldest first."""
        stepped = sa.select(alert_events.c.alert).where(alert_events.c.at > micros(self.at))
        can = sa.or_(
            alerts.c.state.in_([AlertState.NEW.value, AlertState.SHELVED.value]),
            alerts.c.received_at >= micros(self.at - DAY),
            alerts.c.no.in_(stepped),
        )
        there = sa.and_(alerts.c.received_at <= micros(self.at), can, alert_in(self.scope))
        found = [alert_of(row) for row in self.connection.execute(sa.select(alerts).where(there))]
        of_them = sa.select(alert_events).join(alerts, alerts.c.no == alert_events.c.alert).where(there)
        steps: dict[AlertNo, list[AlertEvent]] = defaultdict(list)
        for row in self.connection.execute(of_them.order_by(alert_events.c.alert, alert_events.c.version)):
            steps[AlertNo(row.alert)].append(alert_event_of(row))
        return [(alert, steps[alert.no]) for alert in found]


def _urgency(case: Case) -> tuple[int, bool, int, str]:
    due = micros(case.due_at)
    return _LATEST_FIRST.get(case.standing, 2), due is None, due or 0, case.no


def _next_red(scope: Scope, after: datetime) -> sa.Select[Any]:
    red = sa.and_(alerts.c.level == AlertLevel.RED.value, alerts.c.received_at > micros(after))
    return sa.select(alerts.c.received_at).where(red, alert_in(scope)).order_by(alerts.c.received_at).limit(1)


def _next_overdue(scope: Scope, after: datetime) -> sa.Select[Any]:
    late = sa.and_(events.c.action == sa.literal_column("'clock'"), events.c.changes.like(_BECAME_OVERDUE))
    found = sa.select(events.c.at).join(cases, cases.c.id == events.c.case_id)
    return found.where(late, events.c.at > micros(after), case_in(scope)).order_by(events.c.at).limit(1)


def _next_case(scope: Scope, after: datetime) -> sa.Select[Any]:
    """By number: they are given in the order of filing."""
    today = case_id(f"{after.astimezone(LOCAL):%Y%m%d}-000000")
    first = sa.and_(events.c.case_id == cases.c.id, events.c.version == 1)
    found = sa.select(events.c.at).select_from(cases.join(events, first))
    later = sa.and_(cases.c.id >= sa.literal(today, WHOLE), events.c.at > micros(after))
    return found.where(later, case_in(scope)).order_by(cases.c.id).limit(1)


_NEXT: Mapping[Landmark, Callable[[Scope, datetime], sa.Select[Any]]] = {
    Landmark.RED: _next_red,
    Landmark.OVERDUE: _next_overdue,
    Landmark.CASE: _next_case,
}
