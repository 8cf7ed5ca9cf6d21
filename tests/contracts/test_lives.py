"""Random lives of cases over the desk on SQLite, with repeats, restarts and clock steps: all legal, nothing lost."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.errors import CaseError
from cases.loops import read_loop_rules
from cases.model import EVERYWHERE, Action, Actor, Case, CaseNo, Event, State
from cases.ports import CaseFilter
from cases.schemes import SCHEMES
from cases.stages import PROMISE, waited_for
from storage.engine import Engine, open_engine
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, OTHER_UNIT, UNIT, VERIFIER, WORKER, report
from tests.empty import empty_database

ACTIONS = [action for action in Action if action not in (Action.REPORT, Action.CLOCK)]
ROAD = [Action.ACCEPT, Action.DISPATCH, Action.SIGN, Action.HANDLE, Action.VERIFY, Action.CLOSE]
ACTORS = [DUTY, LEADER, UNIT, OTHER_UNIT, VERIFIER, WORKER]
CASES = st.integers(0, 5)
ALL = CaseFilter()
RISING = read_loop_rules()


class Lives(RuleBasedStateMachine):
    """A room whose people do anything at any time."""

    template: Path  # a database at the present schema
    tally: Counter[str]  # over all lives: what was done, and what was refused

    @initialize(scheme=st.sampled_from(sorted(SCHEMES)))
    def open(self, scheme: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "room.sqlite")
        self.scheme, self.now, self.first, self.filed = scheme, MONDAY_9, {}, 0
        self.engine: Engine | None = None
        self.restart()
        self.file(0, False)

    @rule()
    def restart(self) -> None:
        self.tally["restarts"] += 1
        if self.engine is not None:
            self.engine.close()
        self.engine = open_engine(f"sqlite:///{self.folder / 'room.sqlite'}")
        self.desk = Desk(SqlStore(self.engine), WorkCalendar(), lambda changes: None, scheme=self.scheme, loops=RISING)
        self.views = SqlViews(self.engine)

    @rule(n=CASES, other=st.booleans())
    def file(self, n: int, other: bool) -> None:
        known = f"r{n}" in self.first
        arrival = report(f"r{n}", fingerprint="other" if other and known else "first", received_at=self.now)
        [answer] = self.desk.file([arrival], self.now)
        assert answer.ok != (other and known)
        assert answer.duplicate == (known and not other)
        self.tally["repeats"] += known
        if not known and answer.receipt:
            number = CaseNo(answer.receipt.number)
            self.first[f"r{n}"] = number
            self.filed += 1

    @rule(n=CASES, action=st.one_of(st.sampled_from(ROAD), st.sampled_from(ACTIONS)), actor=st.sampled_from(ACTORS))
    def act(self, n: int, action: Action, actor: Actor, seen: int = 0) -> None:
        numbers = self.numbers()
        no, other = numbers[n % len(numbers)], numbers[(n + 1) % len(numbers)]
        before = self.case(no)
        details: dict[str, object] = {"reason": "not_duty", "text": "说明", "days": 3, "score": 4, "unit": "U-urban"}
        details |= {"units": "U-urban,U-justice", "lead": "U-urban", "into": other, "to": other}
        details |= {"worker": "W-0001"} if before.version % 3 == 0 else {}
        details |= {"result": "failed", "kind": "petition" if action is Action.HAND_OFF else None}
        details |= {"reason": "legal_way"} if action is Action.REFUSE else {}
        details |= {"by": 3, "risk": "high"}
        try:
            after = self.desk.act(no, action, details, actor, EVERYWHERE, before.version - seen, self.now)
        except CaseError as refused:
            self.tally["refused"] += 1
            words = str(refused)
            assert self.case(no) == before, words
        else:
            self.tally["taken"] += 1
            missed = [e.action for e in self.views.events(no, EVERYWHERE) if 0 <= before.version - e.version < seen]
            assert set(missed) <= {Action.CLOCK}  # what only time has touched is not stale
            assert self.case(no) == after

    @rule(n=CASES, action=st.sampled_from(ACTIONS), actor=st.sampled_from(ACTORS))
    def act_on_a_stale_view(self, n: int, action: Action, actor: Actor) -> None:
        self.act(n, action, actor, seen=1)

    @rule(n=CASES)
    @precondition(lambda self: self.scheme != "six")
    def along_the_road(self, n: int) -> None:
        for action, actor in zip(ROAD, (DUTY, DUTY, UNIT, UNIT, VERIFIER, DUTY), strict=True):
            self.act(n, action, actor)

    @rule(n=CASES)
    def merge_and_take_back(self, n: int) -> None:
        numbers = self.numbers()
        no, into = numbers[n % len(numbers)], numbers[(n + 2) % len(numbers)]
        was = self.case(no), self.case(into)
        try:
            self.desk.act(no, Action.MERGE, {"into": into}, DUTY, EVERYWHERE, was[0].version, self.now)
        except CaseError:
            return
        self.desk.act(no, Action.UNMERGE, {}, DUTY, EVERYWHERE, was[0].version + 1, self.now)
        now = self.case(no), self.case(into)
        assert [bare(case) for case in now] == [bare(case) for case in was]

    @rule(hours=st.integers(-30, 200))
    def step_the_clock(self, hours: int) -> None:
        self.tally["clock steps"] += 1
        self.now += timedelta(hours=hours)
        while self.desk.turn_clocks(self.now):
            pass

    @invariant()
    def every_event_is_there(self) -> None:
        if hasattr(self, "views"):
            newest, _ = self.views.changed_since(0)
            with self.engine.read() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == newest

    def teardown(self) -> None:
        if not hasattr(self, "views"):
            return
        for no in self.numbers():
            legal(self.case(no), self.views.events(no, EVERYWHERE))
        self.nobody_is_left_behind()
        self.every_step_is_timed()
        self.tally["lives"] += 1
        self.tally["cases"] += len(self.numbers())
        self.tally["events"] += self.views.changed_since(0)[0]
        if self.tally["lives"] % 500 == 0:
            print(dict(self.tally))
        self.engine.close()
        shutil.rmtree(self.folder)

    def nobody_is_left_behind(self) -> None:
        cases = {no: self.case(no) for no in self.numbers()}
        for case in cases.values():
            assert (case.state is State.MERGED) == (case.merged_into is not None)
            assert case.merged_into is None or case.merged_into in cases
            if case.parent is not None and case.is_open:
                assert cases[case.parent].state is not State.MERGED

    def every_step_is_timed(self) -> None:
        """An open case has at most one running step and one running promise, as its row says; another has none."""
        with SqlStore(self.engine).transaction() as tx:
            for no in self.numbers():
                case, clocks = self.case(no), [clock for clock in tx.clocks(no) if clock.ended_at is None]
                waited = waited_for(case) if case.is_open else None
                running = [clock.step for clock in clocks]
                assert len(running) == len(set(running)), running
                assert set(running) <= {waited[0] if waited else "", PROMISE}, (running, waited)
                assert (PROMISE in running) <= (case.is_open and case.promised_at is not None)

    def numbers(self) -> list[CaseNo]:
        return [case.no for case in self.views.cases(EVERYWHERE, ALL, 1, 500).items]

    def case(self, no: CaseNo) -> Case:
        found = self.views.case(no, EVERYWHERE)
        assert found is not None
        return found


def bare(case: Case) -> Case:
    return replace(case, version=0, updated_at=MONDAY_9)


def legal(row: Case, events: list[Event]) -> None:
    """The events run from the first version to the row without a gap, there and back, each by a row of the table."""
    assert [event.version for event in events] == list(range(1, row.version + 1))
    case = row
    for event in reversed(events[1:]):
        before = replace(case, version=event.version - 1, **event.before)
        assert replace(before, version=event.version, **event.changes) == case
        assert allowed(before, event, case), (event.action, before.stage, before.state, case.stage, case.state)
        case = before


def allowed(before: Case, event: Event, after: Case) -> bool:
    if event.action in (Action.UNDO, Action.CLOCK) or {"merged", "unmerged", "to"} & set(event.about):
        return event.action is Action.UNDO or (after.stage, after.state) == (before.stage, before.state)
    for move in SCHEMES[before.scheme].moves:
        if move.action is event.action and before.stage in move.stages and before.state in move.states:
            if after.pending == event.action and after.state is before.state:
                return True  # it waits for approval
            free = event.action in (Action.UNMERGE, Action.APPROVE)  # what stood before, or what was asked for
            right_state = free or after.state is (move.state or before.state)
            return after.stage is (move.to or before.stage) and right_state
    return False


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> type[Lives]:
    path = tmp_path_factory.mktemp("lives") / "room.sqlite"
    empty_database(path).close()
    return type("Lives", (Lives,), {"template": path, "tally": Counter()})


QUIETLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.timeout(600)
def test_random_lives_stay_legal_and_lose_nothing(machine: type[Lives]) -> None:
    run_state_machine_as_test(machine, settings=settings(QUIETLY, max_examples=30, stateful_step_count=14))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_five_thousand_lives_stay_legal_and_lose_nothing(machine: type[Lives]) -> None:
    run_state_machine_as_test(machine, settings=settings(QUIETLY, max_examples=5000, stateful_step_count=30))
    print(dict(machine.tally))
    assert machine.tally["lives"] >= 5000
