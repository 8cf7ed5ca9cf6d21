"""Whatever people do in whatever order, the events of a case replayed give its row, and no receipt exists twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.desk import Desk
from cases.errors import CaseError
from cases.model import EVERYWHERE, Action, Actor, Case, CaseNo, Event, IncidentReport
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, WORKER, report
from tests.contracts.build import NORTH, SOUTH
from tests.contracts.engines import POSTGRES_WHEN_LONG

_rooms = count(1)

CASES = st.integers(0, 3)
GRIDS = st.sampled_from([NORTH, SOUTH, ()])
FILE = st.tuples(st.just("file"), st.lists(st.tuples(CASES, st.booleans(), GRIDS), min_size=1, max_size=4))
ACT = st.tuples(
    st.just("act"),
    CASES,
    st.sampled_from([action for action in Action if action not in (Action.REPORT, Action.CLOCK)]),
    st.sampled_from([DUTY, LEADER, UNIT, VERIFIER, WORKER]),
    st.integers(0, 9).map(lambda n: n == 0),  # now and then with a stale view
)

WAIT = st.tuples(st.just("wait"), st.integers(1, 200))
HISTORIES = st.lists(st.one_of(ACT, ACT, ACT, FILE, WAIT), min_size=5, max_size=25)


class Room:
    """One history's reports, and what was answered first."""

    def __init__(self, desk: Desk, views: SqlViews) -> None:
        self.desk, self.views = desk, views
        number = next(_rooms)
        self.source = f"room-{number}"
        self.now = MONDAY_9 + number * timedelta(weeks=9)  # later than the rooms before it, whose clocks then rest
        self.first: dict[int, tuple[IncidentReport, CaseNo, Case]] = {}
        self.file([(n, False, NORTH) for n in range(4)])

    def file(self, batch: list[tuple[int, bool, tuple[str, ...]]]) -> None:
        arrivals = [self._arrival(n, other, grids) for n, other, grids in batch]
        for (n, other, _), arrival, answer in zip(batch, arrivals, self.desk.file(arrivals, self.now), strict=True):
            if other:
                assert answer.code == "CONFLICT"
                continue
            assert answer.receipt is not None
            no = CaseNo(answer.receipt.number)
            assert answer.duplicate == (n in self.first)
            self.first.setdefault(n, (arrival, no, self.desk.case_of(arrival, no, self.now)))
            assert self.first[n][1] == no

    def _arrival(self, n: int, other: bool, grids: tuple[str, ...]) -> IncidentReport:
        arrival = report(f"r{n}", source=self.source, fingerprint="other" if other else "first")
        return replace(arrival, received_at=self.now, place=replace(arrival.place, grids=grids))

    def act(self, n: int, action: Action, actor: Actor, stale: bool) -> None:
        no = self.first[n][1]
        before = self.case(no)
        details = {
            "unit": "U-urban",
            "worker": "W-0001" if before.version % 2 else None,
            "reason": "缘由",
            "text": "说明",
            "days": 3,
            "score": 4,
            "into": self.first[(n + 1) % 4][1],
            "to": self.first[(n + 1) % 4][1],
        }
        try:
            after = self.desk.act(no, action, details, actor, EVERYWHERE, before.version - stale, self.now)
        except CaseError:
            assert self.case(no) == before  # a refusal changes nothing
        else:
            assert self.case(no) == after

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        while self.desk.turn_clocks(self.now):
            pass

    def case(self, no: CaseNo) -> Case:
        found = self.views.case(no, EVERYWHERE)
        assert found is not None
        return found


def replayed(first: Case, happened: list[Event]) -> Case:
    """The case as its events tell it."""
    case = first
    for event in happened[1:]:
        case = replace(case, version=event.version, updated_at=event.at, **event.changes)
    return case


QUIET = [HealthCheck.function_scoped_fixture]


@POSTGRES_WHEN_LONG
@pytest.mark.timeout(600)
@settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
@given(history=HISTORIES)
def test_events_replay_to_the_row(desk: Desk, views: SqlViews, history: list[tuple[object, ...]]) -> None:
    live_and_replay(desk, views, history)


@pytest.mark.long
@pytest.mark.timeout(7200)
@settings(max_examples=2500, deadline=None, suppress_health_check=QUIET)
@given(history=HISTORIES)
def test_many_more_events_replay_to_the_row(desk: Desk, views: SqlViews, history: list[tuple[object, ...]]) -> None:
    live_and_replay(desk, views, history)


def live_and_replay(desk: Desk, views: SqlViews, history: list[tuple[object, ...]]) -> None:
    room = Room(desk, views)
    for what, *words in history:
        getattr(room, str(what))(*words)
    for _, no, first in room.first.values():
        happened = views.events(no, EVERYWHERE)
        assert replayed(first, happened) == room.case(no)
        assert [e.version for e in happened] == list(range(1, len(happened) + 1))
