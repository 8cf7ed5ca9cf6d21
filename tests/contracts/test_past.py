"""The room rebuilt at a past moment is, field by field, what its screens were told then."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases.desk import Desk
from cases.errors import TooLongAgo
from cases.model import EVERYWHERE, Action, AlertLevel, Scope
from cases.past import Landmark, RoomThen
from storage.directory import SqlDirectory
from storage.engine import Engine
from storage.past import SqlPast
from storage.positions import SqlPositions
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import NORTH, alert_report, filed
from tests.contracts.day import DAY, MOST_ALERTS, SimulatedDay
from tests.contracts.engines import POSTGRES_WHEN_LONG

HOUR = timedelta(hours=1)
MOMENTS = 50


@pytest.fixture
def day(desk: Desk, views: SqlViews, engine: Engine) -> SimulatedDay:
    simulated = SimulatedDay(desk, views, SqlPositions(engine))
    simulated.enrol(SqlDirectory(engine))
    return simulated


@POSTGRES_WHEN_LONG
@pytest.mark.timeout(600)
def test_fifty_moments_of_a_day_are_rebuilt_as_they_were_told(day: SimulatedDay, engine: Engine) -> None:
    day.live(steps=240, notes=MOMENTS)
    past = SqlPast(engine)
    assert len(day.told) == 2 * MOMENTS
    for told in day.told:
        then = past.room(told.scope, told.room.at, told.room.at - DAY, MOST_ALERTS)
        for part in fields(RoomThen):
            assert getattr(then, part.name) == getattr(told.room, part.name), (part.name, told.scope, told.room.at)
        assert past.fixes(told.scope, told.room.at) == day.fixes_at(told.scope, told.room.at)
    assert any(told.room.figures.overdue for told in day.told)
    assert len({event.action for told in day.told for event, _ in told.room.recent}) > 8
    assert len({(alert.state, alert.risen) for told in day.told for alert in told.room.alerts}) > 4


def test_the_next_landmark_is_the_first_after_a_moment(desk: Desk, engine: Engine) -> None:
    filed(desk, report("a"), now=MONDAY_9)
    filed(desk, report("b"), now=MONDAY_9 + HOUR)
    red = alert_report("red", level=AlertLevel.RED, received_at=MONDAY_9 + 2 * HOUR)
    desk.file([alert_report("not red", received_at=MONDAY_9 + HOUR), red], MONDAY_9 + 2 * HOUR)
    late = MONDAY_9 + timedelta(days=60)
    while desk.turn_clocks(late):
        pass
    past = SqlPast(engine)
    assert past.begins() == MONDAY_9
    assert past.next(EVERYWHERE, MONDAY_9, Landmark.CASE) == MONDAY_9 + HOUR
    assert past.next(EVERYWHERE, MONDAY_9 + HOUR, Landmark.CASE) is None
    assert past.next(EVERYWHERE, MONDAY_9, Landmark.RED) == MONDAY_9 + 2 * HOUR
    assert past.next(EVERYWHERE, MONDAY_9, Landmark.OVERDUE) == late
    assert past.next(EVERYWHERE, late, Landmark.OVERDUE) is None
    assert past.next(Scope("T-S"), MONDAY_9, Landmark.RED) is None


def test_what_lies_elsewhere_stays_unseen_in_the_past(desk: Desk, engine: Engine) -> None:
    [no] = filed(desk, report("a", place=report().place.__class__(120.1, 30.2, NORTH)))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9 + HOUR)
    past = SqlPast(engine)
    south = past.room(Scope("T-S"), MONDAY_9, MONDAY_9 - DAY, MOST_ALERTS)
    assert (south.board, south.recent, south.ticks, south.figures.open) == ([], [], [], 0)
    north = past.room(Scope("T-N"), MONDAY_9, MONDAY_9 - DAY, MOST_ALERTS)
    assert [(case.no, case.version) for case in north.board] == [(no, 1)]


def test_a_moment_whose_events_do_not_say_enough_is_refused(desk: Desk, engine: Engine) -> None:
    [no] = filed(desk, report("a"))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9 + HOUR)
    with engine.write() as connection:  # as the first release wrote them
        connection.execute(sa.text("UPDATE events SET before = '{}'"))
    with pytest.raises(TooLongAgo):
        SqlPast(engine).room(EVERYWHERE, MONDAY_9, MONDAY_9 - DAY, MOST_ALERTS)
