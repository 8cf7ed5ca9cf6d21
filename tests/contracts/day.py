"""Some simulated days: people, devices and clocks at one room, and what its screens were told at moments of it."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.desk import Desk
from cases.errors import CaseError
from cases.model import (
    EVERYWHERE,
    Action,
    Alert,
    AlertLevel,
    AlertNo,
    Case,
    CaseNo,
    Event,
    Fix,
    GridWorker,
    Scope,
    WorkerId,
    WorkerStatus,
)
from cases.past import RoomThen
from storage.directory import SqlDirectory
from storage.positions import SqlPositions
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, WORKER, report
from tests.contracts.build import NORTH, SOUTH, alert_report

DAY = timedelta(days=1)
SCOPES = (EVERYWHERE, Scope("T-N"), Scope("T-S"))
MOST_ALERTS = 200
_ACTIONS = [action for action in Action if action not in (Action.REPORT, Action.CLOCK)]
_BY = {
    Action.ACCEPT: (DUTY,),
    Action.DISPATCH: (DUTY,),
    Action.SIGN: (UNIT,),
    Action.HANDLE: (UNIT,),
    Action.VERIFY: (VERIFIER,),
    Action.CLOSE: (LEADER,),
    Action.ARRIVE: (WORKER,),
}
_ROAD = list(_BY)
_PLACES = (NORTH, SOUTH, ())


@dataclass(frozen=True, slots=True)
class Told:
    """What the screens of one scope were told at a moment."""

    scope: Scope
    room: RoomThen


class SimulatedDay:
    """Steps by chance of a fixed seed, at most some minutes apart; `told` grows with each `note`."""

    def __init__(self, desk: Desk, views: SqlViews, positions: SqlPositions, seed: int = 20261121) -> None:
        self.chance = random.Random(seed)
        self.now = MONDAY_9
        self.desk, self.positions = desk, positions
        self.views = replace(views, clock=lambda: self.now)
        self.cases: list[CaseNo] = []
        self.alerts: list[AlertNo] = []
        self.kept: dict[WorkerId, list[Fix]] = {WorkerId(f"W-{n}"): [] for n in range(12)}
        self.told: list[Told] = []

    def enrol(self, directory: SqlDirectory) -> None:
        """Half the workers in the north, half in the south."""
        grids = {f"W-{n}": (NORTH if n % 2 else SOUTH) for n in range(12)}
        workers = [GridWorker(WorkerId(id), f"员{id}", codes[-1]) for id, codes in grids.items()]
        directory.put_workers(workers, lambda code: NORTH if code == NORTH[-1] else SOUTH)

    def live(self, steps: int, notes: int) -> None:
        """So many steps, with so many moments noted among them."""
        noted = set(self.chance.sample(range(steps), notes))
        for step in range(steps):
            self.now += timedelta(seconds=self.chance.randint(1, 6 * 86400 // steps), microseconds=step)
            self.chance.choices(
                [self._file, self._act, self._alarm, self._answer, self._turn, self._walk], [3, 8, 1, 2, 3, 3]
            )[0]()
            if step in noted:
                self._note()

    def _file(self) -> None:
        late = timedelta(minutes=self.chance.choice([0, 0, 3, 900]))
        n = len(self.cases)
        place = replace(report().place, grids=self.chance.choice(_PLACES))
        arrival = report(
            f"d{n}",
            at=self.now - late,
            received_at=self.now,
            place=place,
            severity=self.chance.randint(1, 4),
            exercise=self.chance.random() < 0.1,
        )
        [answer] = self.desk.file([arrival], self.now)
        assert answer.receipt is not None
        self.cases.append(CaseNo(answer.receipt.number))

    def _act(self) -> None:
        if not self.cases:
            return
        no = self.chance.choice(self.cases)
        case = self._case(no)
        details = {
            "unit": "U-urban",
            "worker": self.chance.choice(["W-0001", None]),
            "reason": "缘由",
            "text": "说明",
            "days": 3,
            "score": 4,
            "into": self.chance.choice(self.cases),
            "to": self.chance.choice(self.cases),
            "outcome": "settled",
            "risk": "high",
            "by": 3,
        }
        action = self.chance.choice(_ROAD if self.chance.random() < 0.7 else _ACTIONS)
        actors = _BY.get(action, (DUTY, UNIT))
        with suppress(CaseError):  # people try what may not be
            self.desk.act(no, action, details, self.chance.choice(actors), EVERYWHERE, case.version, self.now)

    def _alarm(self) -> None:
        level = self.chance.choice(list(AlertLevel))
        n = len(self.alerts)
        arrival = alert_report(f"al{n}", at=self.now, received_at=self.now, level=level)
        [answer] = self.desk.file([arrival], self.now)
        assert answer.receipt is not None
        self.alerts.append(AlertNo(answer.receipt.number))

    def _answer(self) -> None:
        if not self.alerts:
            return
        action = self.chance.choice(["acknowledge", "shelve", "shelve", "unshelve", "raise_case"])
        details = {"minutes": self.chance.randint(1, 90), "reason": "误报较多"} if action == "shelve" else {}
        try:
            after = self.desk.act_on_alert(self.chance.choice(self.alerts), action, details, DUTY, EVERYWHERE, self.now)
        except CaseError:
            return
        if after.case is not None and after.case not in self.cases:
            self.cases.append(after.case)

    def _turn(self) -> None:
        self.desk.turn_clocks(self.now)
        self.desk.turn_alerts(self.now)

    def _walk(self) -> None:
        some = self.chance.sample(list(self.kept), 5)
        status = list(WorkerStatus)
        fixes = [
            Fix(
                id,
                self.now - timedelta(seconds=self.chance.randint(0, 20)),
                120 + self.chance.random(),
                30.0,
                8.0,
                self.chance.choice(status),
            )
            for id in some
        ]
        self.positions.keep(fixes)
        for fix in fixes:
            self.kept[fix.worker].append(fix)

    def _case(self, no: CaseNo) -> Case:
        found = self.views.case(no, EVERYWHERE)
        assert found is not None
        return found

    def _note(self) -> None:
        for scope in (EVERYWHERE, self.chance.choice(SCOPES[1:])):
            self.told.append(Told(scope, self._room(scope)))

    def _room(self, scope: Scope) -> RoomThen:
        now = self.now
        views = SqlViews(self.views.engine, lambda: now)  # without what an hour's memory of past days may still miss
        alerts: list[Alert] = views.alerts(scope, MOST_ALERTS)
        recent: list[tuple[Event, Case]] = views.recent_events(scope)
        ticks = views.ticks(scope, now - DAY, now)
        return RoomThen(now, views.board(scope), views.figures(scope, now), alerts, recent, ticks)

    def fixes_at(self, scope: Scope, at: datetime) -> list[Fix]:
        """The newest kept fix of each worker that is not later than an instant, by worker id."""
        mine = {id: [fix for fix in fixes if fix.at <= at] for id, fixes in sorted(self.kept.items())}
        home = {id for id in mine if not scope.area or _home(id) == scope.area}
        return [max(fixes, key=lambda fix: fix.at) for id, fixes in mine.items() if id in home and fixes]


def _home(worker: WorkerId) -> str:
    return NORTH[1] if int(worker[2:]) % 2 else SOUTH[1]
