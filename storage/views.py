"""Read models: what the screens ask for, each from one moment of the database and never without a scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cases.alerts import AlertEvent
from cases.model import (
    Alert,
    AlertNo,
    AlertState,
    Case,
    CaseNo,
    Event,
    Handoff,
    Scope,
    Stage,
    StageClock,
    Whistle,
    WorkerId,
)
from cases.ports import AlertPage, CaseFilter, Figures, Page
from storage.engine import Engine
from storage.figures import FigureReader
from storage.instants import instant, micros
from storage.rows import alert_event_of, alert_of, case_of, clock_of, codes_of, event_of, handoff_of, whistle_of
from storage.scope import ACCOUNT_SOURCE, alert_in, case_in, case_in_grid, simplest
from storage.search_tail import Hits, TailReader
from storage.seen import VERSION, SeenCases
from storage.tables import (
    COUNTED,
    OPEN,
    UNPLACED,
    WHOLE,
    alert_events,
    alert_grids,
    alerts,
    case_grids,
    cases,
    clocks,
    events,
    handoffs,
    whistles,
)

DAY = timedelta(days=1)
_GRAVEST_FIRST = sa.case({"red": 0, "orange": 1, "yellow": 2}, value=alerts.c.level, else_=3)
_MOST_URGENT_FIRST = (
    sa.case({"overdue": 0, "at_risk": 1}, value=cases.c.standing, else_=2),
    sa.case((cases.c.due_at.is_(None), 1), else_=0),
    cases.c.due_at,
    cases.c.id,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SqlViews:
    """The read models in SQL (ports.Views). Every method raises StoreUnavailable when the database does not answer."""

    engine: Engine
    clock: Callable[[], datetime] = _utc_now
    _figures: FigureReader = field(default_factory=FigureReader)
    _seen: SeenCases = field(default_factory=SeenCases)
    _words: TailReader = field(default_factory=TailReader)

    def moment(self) -> AbstractContextManager[None]:
        """What this thread reads of the record within it, by whatever port, is of one moment."""
        return self.engine.moment()

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case, or None when absent or outside the scope."""
        with self.engine.read() as connection:
            row = connection.execute(sa.select(cases).where(cases.c.no == no, case_in(scope))).one_or_none()
        return None if row is None else case_of(row)

    def events(self, no: CaseNo, scope: Scope) -> list[Event]:
        """What happened to a case, oldest first; empty outside the scope."""
        query = sa.select(events).join(cases, cases.c.id == events.c.case_id)
        with self.engine.read() as connection:
            rows = connection.execute(query.where(cases.c.no == no, case_in(scope)).order_by(events.c.seq)).all()
        return [event_of(row) for row in rows]

    def clocks(self, no: CaseNo, scope: Scope) -> list[StageClock]:
        """The clocks of a case's steps and promises, oldest first, those that ended too; empty outside the scope."""
        of_case = sa.select(clocks).join(cases, cases.c.id == clocks.c.case_id)
        mine = of_case.where(cases.c.no == no, case_in(scope)).order_by(clocks.c.since, clocks.c.step)
        with self.engine.read() as connection:
            return [clock_of(row) for row in connection.execute(mine)]

    def board(self, scope: Scope, limit: int = 2000) -> list[Case]:
        """Open cases, most urgent first (overdue, at risk, then by due time), exercises included and marked."""
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            order = sa.select(*VERSION).where(OPEN, mine).order_by(*_MOST_URGENT_FIRST).limit(limit)
            return self._seen.cases(connection, connection.execute(order).all())

    def cases(self, scope: Scope, which: CaseFilter, page: int = 1, size: int = 50) -> Page:
        """One page of cases, newest first (by number); pages count from 1, one beyond the end is empty."""
        with self.engine.read() as connection:
            listed = _listed(connection, simplest(connection, scope), which, self._words)
            total = connection.execute(sa.select(sa.func.count()).select_from(listed.counted).where(*listed.wanted))
            one_page = sa.select(*VERSION).select_from(listed.read).where(*listed.wanted).order_by(listed.key.desc())
            rows = connection.execute(one_page.limit(size).offset((page - 1) * size)).all()
            return Page(tuple(self._seen.cases(connection, rows)), page, total.scalar_one())

    def waited_for(self, scope: Scope) -> tuple[list[Whistle], list[Handoff]]:
        """Whistles of open cases where nobody has arrived, and the hand-offs that are out; the earliest due first."""
        with self.engine.read() as connection:
            mine = sa.and_(OPEN, case_in(simplest(connection, scope)))
            called = sa.select(whistles).join(cases, cases.c.id == whistles.c.case_id)
            called = called.where(whistles.c.arrived_at.is_(None), mine).order_by(whistles.c.answer_by)
            out = sa.select(handoffs).join(cases, cases.c.id == handoffs.c.case_id)
            out = out.where(handoffs.c.back_at.is_(None), mine).order_by(handoffs.c.due_at)
            found = [whistle_of(row) for row in connection.execute(called)]
            return found, [handoff_of(row) for row in connection.execute(out)]

    def unplaced_of(self) -> frozenset[str]:
        """The accounts that entered or track an open case in no grid (待定)."""
        owners = sa.select(cases.c.source, cases.c.first_contact).where(UNPLACED, OPEN).distinct()
        with self.engine.read() as connection:
            rows = connection.execute(owners).all()
        entered = {source.removeprefix(ACCOUNT_SOURCE) for source, _ in rows if source.startswith(ACCOUNT_SOURCE)}
        return frozenset(entered | {tracker for _, tracker in rows if tracker})

    def closed_near(
        self,
        scope: Scope,
        since: datetime,
        box: tuple[float, float, float, float] | None,
        address: str,
        phone: str,
        limit: int = 50,
    ) -> list[Case]:
        """Cases closed since an instant, newest first, that any of these finds: a box (west, south, east, north,
        degrees WGS-84), an address as written, the last four digits of a phone. "" and None find nothing."""
        ways = _ways(box, address, phone)
        if not ways:
            return []
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            found = sa.select(*VERSION).where(cases.c.closed_at >= micros(since), sa.or_(*ways), mine)
            rows = connection.execute(found.order_by(cases.c.closed_at.desc()).limit(limit)).all()
            return self._seen.cases(connection, rows)

    def open_near(
        self,
        scope: Scope,
        between: tuple[datetime, datetime],
        box: tuple[float, float, float, float] | None,
        address: str,
        phone: str,
    ) -> list[Case]:
        """Open cases reported between two instants (both included), by id: in a box, by a phone's last four digits.

        An address finds every case that has one: who compares knows better which spellings are the same.
        """
        ways, (since, until) = [*_ways(box, "", phone), *([cases.c.address != ""] if address else [])], between
        if not ways:
            return []
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            then = cases.c.reported_at.between(micros(since), micros(until))
            found = sa.select(*VERSION).where(then, OPEN, sa.or_(*ways), mine)
            return self._seen.cases(connection, connection.execute(found.order_by(cases.c.id)).all())

    def in_hand(self, scope: Scope) -> dict[WorkerId, int]:
        """How many dispatched cases each worker of the scope's cases has in hand; nobody with none."""
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            sent = sa.select(cases.c.worker, sa.func.count()).where(OPEN, cases.c.stage == Stage.DISPATCHED, mine)
            rows = connection.execute(sent.where(cases.c.worker.is_not(None)).group_by(cases.c.worker)).all()
            return {WorkerId(worker): count for worker, count in rows}

    def figures(self, scope: Scope, now: datetime) -> Figures:
        """The KPI bar, the choropleth and the trend of one scope."""
        with self.engine.read() as connection:
            return self._figures.read(connection, scope, now)

    def alerts(self, scope: Scope, limit: int = 200) -> list[Alert]:
        """Unacknowledged alerts first, gravest and oldest first, then shelved ones and the others of the last 24 h.

        The others come newest first. An alert whose shelving has run out counts as unacknowledged again.
        """
        waiting, order = self._waiting()
        query = sa.select(alerts).where(alert_in(scope), self._listed_alerts(waiting)).order_by(*order)
        with self.engine.read() as connection:
            return [alert_of(row) for row in connection.execute(query.limit(limit))]

    def alert_page(self, scope: Scope, page: int = 1, size: int = 50) -> AlertPage:
        """One page of what `alerts` lists, and how many there are in all; pages count from 1."""
        waiting, order = self._waiting()
        wanted = (alert_in(scope), self._listed_alerts(waiting))
        query = sa.select(alerts).where(*wanted).order_by(*order).limit(size).offset((page - 1) * size)
        with self.engine.read() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(alerts).where(*wanted)).scalar_one()
            return AlertPage(tuple(alert_of(row) for row in connection.execute(query)), page, total)

    def alert(self, no: AlertNo, scope: Scope) -> tuple[Alert, list[AlertEvent]] | None:
        """One alert and its steps, oldest first; None when absent or outside the scope."""
        steps = sa.select(alert_events).where(alert_events.c.alert == no).order_by(alert_events.c.version)
        with self.engine.read() as connection:
            row = connection.execute(sa.select(alerts).where(alerts.c.no == no, alert_in(scope))).one_or_none()
            if row is None:
                return None
            return alert_of(row), [alert_event_of(each) for each in connection.execute(steps)]

    def alert_reach(self, numbers: Collection[AlertNo], scope: Scope) -> Mapping[AlertNo, frozenset[str]]:
        """Every grid in which each of these alerts is seen; without those outside the scope or in no grid."""
        seen = alert_grids.alias()  # of its own: the scope asks the same table
        mine = sa.and_(seen.c.alert.in_(numbers), alert_in(scope))
        query = sa.select(seen.c.alert, seen.c.code).join(alerts, alerts.c.no == seen.c.alert)
        found: dict[AlertNo, set[str]] = {}
        with self.engine.read() as connection:
            for no, code in connection.execute(query.where(mine)):
                found.setdefault(AlertNo(no), set()).add(code)
        return {no: frozenset(codes) for no, codes in found.items()}

    def _waiting(self) -> tuple[sa.ColumnElement[bool], tuple[sa.ColumnElement[object], ...]]:
        """Which alerts wait for a person, and the order in which alerts are listed."""
        now = micros(self.clock())
        back = sa.and_(alerts.c.state == AlertState.SHELVED.value, alerts.c.shelved_until <= now)
        waiting = sa.or_(alerts.c.state == AlertState.NEW.value, back)
        gravest = sa.case((waiting, _GRAVEST_FIRST), else_=4)
        oldest = sa.case((waiting, alerts.c.received_at), else_=-alerts.c.received_at)
        return waiting, (gravest, oldest, alerts.c.no)

    def _listed_alerts(self, waiting: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Those that wait, those that rest, and the others of the last 24 h."""
        resting = alerts.c.state == AlertState.SHELVED.value
        return sa.or_(waiting, resting, alerts.c.received_at >= micros(self.clock() - DAY))

    def recent_events(self, scope: Scope, limit: int = 50) -> list[tuple[Event, Case]]:
        """The newest events with their cases, newest first, for 动态."""
        # A case's newest event sets its updated_at, so the newest n events belong to the n cases updated last.
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            latest = sa.select(*VERSION).where(mine).order_by(cases.c.updated_at.desc()).limit(limit)
            versions = connection.execute(latest).all()
            seen = self._seen.cases(connection, versions)
            by_id = {version.id: case for version, case in zip(versions, seen, strict=True)}
            rows = connection.execute(
                sa.select(events)
                .where(events.c.case_id.in_(by_id))
                .order_by(events.c.at.desc(), events.c.seq.desc())
                .limit(limit)
            ).all()
        return [(event_of(row), by_id[row.case_id]) for row in rows]

    def ticks(self, scope: Scope, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        """(reported_at, severity) of every case reported in [since, until), oldest first; exercises left out."""
        span = sa.and_(cases.c.reported_at >= micros(since), cases.c.reported_at < micros(until))
        query = sa.select(cases.c.reported_at, cases.c.severity).where(span, COUNTED, case_in(scope))
        with self.engine.read() as connection:
            rows = connection.execute(query.order_by(cases.c.reported_at)).all()
        return [(instant(at), severity) for at, severity in rows]

    def changed_since(self, seq: int, limit: int = 1000) -> tuple[int, list[tuple[CaseNo, tuple[str, ...]]]]:
        """Where to ask from next, and the cases (with their grids) that the next `limit` events after `seq` touched."""
        query = sa.select(events.c.seq, cases.c.no, cases.c.grids).join(cases, cases.c.id == events.c.case_id)
        with self.engine.read() as connection:
            rows = connection.execute(query.where(events.c.seq > seq).order_by(events.c.seq).limit(limit)).all()
            newest = rows[-1].seq if rows else connection.execute(sa.select(sa.func.max(events.c.seq))).scalar_one()
        touched = {CaseNo(no): codes_of(grids) for _, no, grids in rows}
        return newest or 0, list(touched.items())

    def points(
        self,
        scope: Scope,
        since: datetime,
        open_only: bool = False,
        until: datetime | None = None,
        late_only: bool = False,
    ) -> Sequence[tuple[float, float]]:
        """(lon, lat), WGS-84 degrees, of located cases reported in [since, until), for heat; exercises left out."""
        located = sa.and_(cases.c.reported_at >= micros(since), cases.c.lon.is_not(None), COUNTED, case_in(scope))
        query = sa.select(cases.c.lon, cases.c.lat).where(located)
        query = query if until is None else query.where(cases.c.reported_at < micros(until))
        query = query.where(cases.c.standing == "overdue") if late_only else query
        with self.engine.read() as connection:
            rows = connection.execute(query.where(OPEN) if open_only else query).all()
        return [(lon, lat) for lon, lat in rows]


@dataclass(frozen=True, slots=True)
class _List:
    """From where a list reads its cases, under which conditions, by which id, and the least that counts them."""

    read: sa.FromClause
    counted: sa.FromClause
    wanted: Sequence[sa.ColumnElement[bool]]
    key: sa.ColumnElement[int]


def _listed(connection: sa.Connection, scope: Scope, which: CaseFilter, found_by: TailReader) -> _List:
    """The quickest way to what is asked: by its words, by an area's own rows, or by the cases newest first."""
    conditions = _conditions(which)
    narrow = which.open_only or which.since is not None
    if which.text is not None and not narrow:
        return _by_words(scope, found_by.hits(connection, which.text), conditions)
    if which.text is not None:
        texts, found, match = found_by.hits(connection, which.text)
        in_time = [found >= _oldest_open()] if which.open_only else []  # most open cases are among the newest
        conditions.append(_set_apart(cases.c.id).in_(sa.select(found).select_from(texts).where(match, *in_time)))
    if not scope.area or scope.account or narrow:
        return _List(cases, cases, [case_in(scope), *conditions], cases.c.id)
    inside = case_grids.join(cases, cases.c.id == case_grids.c.case_id)
    counted = inside if conditions else case_grids
    return _List(inside, counted, [case_grids.c.code == scope.area, *conditions], case_grids.c.case_id)


def _by_words(scope: Scope, hits: Hits, conditions: Sequence[sa.ColumnElement[bool]]) -> _List:
    """The cases that the words find, newest first; a count without further conditions never touches a case."""
    texts, key, match = hits
    wanted = [match, *conditions]
    if scope.area and not scope.account:
        texts = texts.join(case_grids, sa.and_(case_grids.c.code == scope.area, case_grids.c.case_id == key))
    elif scope.area:
        wanted.append(case_in(scope))
    read = texts.join(cases, cases.c.id == key)
    return _List(read, read if conditions or (scope.area and scope.account) else texts, wanted, key)


def _oldest_open() -> sa.ScalarSelect[int]:
    """The id of the open case that came first."""
    return sa.select(sa.func.min(cases.c.id)).where(OPEN).scalar_subquery()


def _set_apart(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """A column that SQLite is not to search by: the set it is compared with is larger than what else is asked."""
    return sa.literal_column(f"+{column}", WHOLE)


NOWHERE = (0.0, 0.0, 0.0, 0.0)


def _in_box(box: tuple[float, float, float, float]) -> sa.ColumnElement[bool]:
    """Located between these west, south, east and north edges, degrees WGS-84, edges included."""
    west, south, east, north = box
    return sa.and_(cases.c.lon.between(west, east), cases.c.lat.between(south, north))


def _ways(box: tuple[float, float, float, float] | None, address: str, phone: str) -> list[sa.ColumnElement[bool]]:
    """How a teller's place, words for it and phone find cases; "" and None find nothing."""
    ways = [_in_box(box)] if box else []
    ways += [cases.c.address == address] if address else []
    ways += [cases.c.reporter_phone.like(f"%{phone[-4:]}")] if phone[-4:].isdigit() else []
    return ways


def _conditions(which: CaseFilter) -> list[sa.ColumnElement[bool]]:
    """A filter's fields as conditions on `cases`; None narrows nothing."""
    c = cases.c
    asked: list[tuple[object, Callable[[], sa.ColumnElement[bool]]]] = [
        (which.stage, lambda: c.stage == str(which.stage)),
        (which.state, lambda: c.state == which.state),
        (which.standing, lambda: c.standing == which.standing),
        (which.category, lambda: c.category == which.category),
        (which.grid, lambda: case_in_grid(str(which.grid))),
        (which.since, lambda: c.reported_at >= micros(which.since)),
        (which.until, lambda: c.reported_at < micros(which.until)),
        (which.open_only or None, lambda: OPEN),
        (which.box, lambda: _in_box(which.box or NOWHERE)),
    ]
    return [condition() for value, condition in asked if value is not None]
