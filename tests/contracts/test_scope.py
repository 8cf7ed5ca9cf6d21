"""No view of one area ever shows another's rows: every area carries a canary that must sing nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from cases.desk import Desk
from cases.model import EVERYWHERE, Action, Fix, GridWorker, Place, Scope, WorkerId
from cases.ports import CaseFilter
from storage.directory import SqlDirectory
from storage.engine import Engine
from storage.positions import SqlPositions
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import NORTH, SOUTH, alert_report, filed

DAY = timedelta(days=1)
BRANCHES: dict[str, tuple[str, ...]] = {"北": NORTH, "南": SOUTH, "无": ()}
PLACES = {"北": (120.25, 30.25), "南": (120.75, 30.75), "无": (121.5, 31.5)}

VIEWS: dict[str, Callable[[SqlViews, Scope], object]] = {
    "board": lambda v, s: v.board(s),
    "cases": lambda v, s: v.cases(s, CaseFilter()),
    "cases by text": lambda v, s: v.cases(s, CaseFilter(text="canary")),
    "cases of the south": lambda v, s: v.cases(s, CaseFilter(grid="T-S")),
    "open cases of the north": lambda v, s: v.cases(s, CaseFilter(grid="T-N", open_only=True)),
    "figures": lambda v, s: v.figures(s, MONDAY_9),
    "alerts": lambda v, s: v.alerts(s),
    "recent": lambda v, s: v.recent_events(s),
    "points": lambda v, s: v.points(s, MONDAY_9 - DAY),
    "ticks": lambda v, s: v.ticks(s, MONDAY_9 - DAY, MONDAY_9 + DAY),
}


@pytest.fixture
def aviary(desk: Desk, engine: Engine, views: SqlViews) -> SqlViews:
    """One case, alert and worker in each branch, named after it; the severities tell ticks apart."""
    for severity, (branch, grids) in enumerate(BRANCHES.items(), 1):
        place = Place(*PLACES[branch], grids, address=f"canary-{branch}")
        arrival = report(
            f"r{severity}", title=f"canary-{branch}", text=f"canary-{branch}", severity=severity, place=place
        )
        filed(desk, arrival)
        desk.file([alert_report(f"a{severity}", text=f"canary-{branch}", place=place)], MONDAY_9)
    tree = {"T-N-1": NORTH, "T-S-1": SOUTH}
    staff = [GridWorker(WorkerId(f"canary-{b}"), f"canary-{b}", g[-1]) for b, g in BRANCHES.items() if g]
    SqlDirectory(engine).put_workers(staff, tree.__getitem__)
    SqlPositions(engine).keep([Fix(WorkerId(f"canary-{b}"), MONDAY_9, *PLACES[b]) for b in BRANCHES])
    return replace(views, clock=lambda: MONDAY_9)


def foreign(branch: str) -> Sequence[str]:
    """What must not be read in a branch: the others' names, grids and places."""
    others = [b for b in BRANCHES if b != branch]
    names = [f"canary-{b}" for b in others]
    codes = [f"'{code}'" for b in others for code in BRANCHES[b][1:]]
    return names + codes + [str(PLACES[b][0]) for b in others]


AREAS = [("T-N", "北"), ("T-N-1", "北"), ("T-S", "南"), ("nowhere", "没有")]


def test_no_canary_sings_in_another_area(aviary: SqlViews) -> None:
    heard = [
        (name, area, account, canary)
        for area, branch in AREAS
        for account in ("", "甲")
        for name, view in VIEWS.items()
        for shown in [repr(view(aviary, Scope(area, account)))]
        for canary in foreign(branch)
        if canary in shown
    ]
    assert heard == []


def test_every_canary_sings_for_everywhere(aviary: SqlViews) -> None:
    for name in ("board", "cases", "alerts", "recent"):
        shown = repr(VIEWS[name](aviary, EVERYWHERE))
        assert [b for b in BRANCHES if f"canary-{b}" not in shown] == [], name


def test_ticks_and_figures_count_only_the_area(aviary: SqlViews) -> None:
    assert [s for _, s in aviary.ticks(Scope("T-S"), MONDAY_9 - DAY, MONDAY_9 + DAY)] == [2]
    assert aviary.figures(Scope("T-S"), MONDAY_9).open == 1
    assert aviary.figures(Scope("nowhere"), MONDAY_9).open == 0


def test_one_case_and_its_events_are_hidden_alike(aviary: SqlViews) -> None:
    north = aviary.cases(Scope("T-N"), CaseFilter()).items[0].no
    assert aviary.case(north, Scope("T-S")) is None
    assert aviary.events(north, Scope("T-S")) == []
    assert aviary.case(north, Scope("T-N-1")) is not None


def test_workers_and_positions_follow_the_workers_grid(aviary: SqlViews, engine: Engine) -> None:
    directory, positions = SqlDirectory(engine), SqlPositions(engine)
    north, south = WorkerId("canary-北"), WorkerId("canary-南")
    assert [w.id for w in directory.workers(Scope("T-N"))] == [north]
    assert [f.worker for f in positions.last(Scope("T-S-1"))] == [south]
    assert len(positions.last(EVERYWHERE)) == 3
    assert len(directory.workers(Scope("T"))) == 2
    assert positions.track(north, MONDAY_9 - DAY, MONDAY_9 + DAY, Scope("T-S")) == []
    assert len(positions.track(north, MONDAY_9 - DAY, MONDAY_9 + DAY, Scope("T-N"))) == 1


def test_who_entered_an_unplaced_case_goes_on_seeing_it(desk: Desk, views: SqlViews) -> None:
    [mine, _other] = filed(
        desk,
        report("m", source="account:网格长", place=Place(address="某处")),
        report("o", source="account:别人", place=Place(address="某处")),
    )
    own = Scope("T-N", account="网格长")
    assert [c.no for c in views.board(own)] == [mine]
    assert [c.no for c in views.cases(own, CaseFilter()).items] == [mine]
    assert views.figures(own, MONDAY_9).unplaced == 1
    assert views.case(mine, Scope("T-N", account="别人")) is None
    assert views.case(mine, Scope("T-N")) is None


def test_first_contact_sees_the_unplaced_case_he_accepted(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, report("a", place=Place()))
    desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert [c.no for c in views.board(Scope("T-N", account=DUTY.name))] == [no]


def test_a_placed_case_is_not_its_reporters_elsewhere(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, report("a", source="account:甲", place=Place(120.1, 30.2, SOUTH)))
    assert views.case(no, Scope("T-N", account="甲")) is None
