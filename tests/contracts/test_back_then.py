"""A figure asked for a past instant is what it was then, whatever happened since; or it is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from cases.desk import Desk
from cases.errors import TooLongAgo
from cases.model import EVERYWHERE, Action, IncidentReport, Scope
from cases.ports import Figures
from storage import back_then
from storage.engine import Engine
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, report
from tests.contracts.build import NORTH, SOUTH, filed, seen
from tests.contracts.engines import POSTGRES_WHEN_LONG
from tests.contracts.test_histories import HISTORIES, Room

HOUR = timedelta(hours=1)
SCOPES = (EVERYWHERE, Scope("T-N"), Scope("T-S", account=DUTY.name))


class WatchedRoom(Room):
    """A room whose figures are noted before time goes on; reports come some hours late."""

    def __init__(self, desk: Desk, views: SqlViews) -> None:
        self.noted: dict[tuple[Scope, datetime], Figures] = {}
        super().__init__(desk, views)

    def _arrival(self, n: int, other: bool, grids: tuple[str, ...]) -> IncidentReport:
        return replace(super()._arrival(n, other, grids), at=self.now - 7 * n * HOUR)

    def wait(self, hours: int) -> None:
        self.note()
        super().wait(hours)

    def note(self) -> None:
        self.noted |= {(scope, self.now): self.views.figures(scope, self.now) for scope in SCOPES}


def figures_then(desk: Desk, views: SqlViews, history: list[tuple[object, ...]]) -> Iterator[tuple[Figures, Figures]]:
    room = WatchedRoom(desk, views)
    for what, *words in history:
        getattr(room, str(what))(*words)
    room.wait(1)
    later = SqlViews(views.engine)
    return ((later.figures(scope, at), then) for (scope, at), then in room.noted.items())


@POSTGRES_WHEN_LONG
@pytest.mark.timeout(600)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_figures_asked_later_are_those_asked_then(
    desk: Desk, views: SqlViews, history: list[tuple[object, ...]]
) -> None:
    for asked_later, asked_then in figures_then(desk, views, history):
        assert asked_later == asked_then


def test_a_closed_case_was_open_and_a_later_one_was_not_there(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, report("a", place=replace(report().place, grids=NORTH)))
    steps = [
        (DUTY, Action.ACCEPT),
        (DUTY, Action.DISPATCH),
        (UNIT, Action.SIGN),
        (UNIT, Action.HANDLE),
        (VERIFIER, Action.VERIFY),
        (LEADER, Action.CLOSE),
    ]
    details = {"unit": "U-urban", "text": "办妥", "reason": "办妥", "outcome": "settled"}
    for n, (actor, action) in enumerate(steps, 1):
        desk.act(no, action, details, actor, EVERYWHERE, seen(views, no).version, MONDAY_9 + n * HOUR)
    filed(desk, report("b", place=replace(report().place, grids=SOUTH)), now=MONDAY_9 + 7 * HOUR)
    counts = [
        (figures.open, figures.closed_today, figures.reported_today)
        for hours in range(-1, 8)
        for figures in [views.figures(EVERYWHERE, MONDAY_9 + hours * HOUR)]
    ]
    assert counts == [(0, 0, 0), *[(1, 0, 1)] * 6, (0, 1, 1), (1, 1, 2)]
    assert views.figures(Scope("T-S"), MONDAY_9 + 6 * HOUR).open == 0


def test_more_than_can_be_taken_back_is_refused(desk: Desk, views: SqlViews, monkeypatch: pytest.MonkeyPatch) -> None:
    filed(desk, *(report(f"r{n}") for n in range(3)))
    monkeypatch.setattr(back_then, "MOST", 2)
    with pytest.raises(TooLongAgo, match="超过 2 件"):
        views.figures(EVERYWHERE, MONDAY_9 - HOUR)
    assert views.figures(EVERYWHERE, MONDAY_9).open == 3


def test_events_that_do_not_say_what_was_before_are_refused(desk: Desk, views: SqlViews, engine: Engine) -> None:
    [no] = filed(desk, report("a"))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9 + HOUR)
    with engine.write() as connection:  # as the first release wrote them
        connection.execute(sa.text("UPDATE events SET before = '{}'"))
    with pytest.raises(TooLongAgo, match="早于升级"):
        views.figures(EVERYWHERE, MONDAY_9)
