"""Who goes, as the pane says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases.model import Fix, GridWorker, HandlingUnit, Place, UnitId, WorkerId, WorkerStatus
from cases.routing import Suggestion
from dashboard.panels import who_goes
from tests.dashboard.panels.build import NOW, case, having
from tests.dashboard.rig import toy_grids

HERE = Place(120.05, 30.05, ("A", "A1"))
AT = case(place=HERE)
NEAR, FAR = GridWorker(WorkerId("W-B1"), "李秀英", "B1"), GridWorker(WorkerId("W-A1"), "王建国", "A1")
CITY = HandlingUnit(UnitId("U-city"), "城管中队", "urban", "", ("dispute.neighbour",))


def fix(worker: str, lon: float, **given: object) -> Fix:
    """A good fix ten seconds old."""
    return replace(Fix(WorkerId(worker), NOW - timedelta(seconds=10), lon, 30.05, 8.0), **given)  # type: ignore[arg-type]


def ranked(*fixes: Fix, workers: tuple[GridWorker, ...] = (NEAR, FAR), at: object = AT) -> list[who_goes.Ranked]:
    """The ranking with the city squad beside the workers."""
    people = who_goes.candidates(AT, workers, fixes, {}, toy_grids(), NOW)
    return who_goes.ranking(AT, people, who_goes.squads(AT, Suggestion(CITY, ""), [CITY]))


def test_own_grid_comes_before_the_nearest_and_the_nearest_says_why() -> None:
    rows = ranked(fix("W-B1", 120.0501), fix("W-A1", 120.053))
    assert rows[0].candidate.who.id == "W-A1"
    nearest = next(row for row in rows if row.candidate.who.id == "W-B1")
    assert nearest.why_not_first.startswith("最近（")
    because = who_goes.chosen_because("W-B1", rows)
    assert "第 1 位是 王" in because
    assert nearest.why_not_first in because


def test_reasons_kept_on_the_case_carry_no_full_name() -> None:
    rows = ranked(fix("W-B1", 120.0501), fix("W-A1", 120.053))
    assert "王建国" not in str([who_goes.chosen_because(row.candidate.who.id, rows) for row in rows])


def test_a_worker_without_a_fix_is_not_relied_on() -> None:
    rows = ranked(fix("W-B1", 120.0501))
    assert rows[-1].candidate.who.id == "W-A1"
    assert rows[-1].candidate.status is WorkerStatus.OFF_DUTY


def _id(to: str) -> dict[str, object]:
    return {"to": to}


def test_cases_in_hand_are_counted() -> None:
    people = who_goes.candidates(AT, [NEAR, FAR], [fix("W-A1", 120.05)], {FAR.id: 2}, toy_grids(), NOW)
    assert [person.open_tasks for person in people] == [2]


def test_rows_have_keys_only_where_a_dispatch_is_possible() -> None:
    rows = ranked(fix("W-A1", 120.05))
    assert having(who_goes.section(rows, {}, _id, True), "data-pick") == [str(n + 1) for n in range(len(rows))]
    assert having(who_goes.section(rows, {}, _id, False), "data-pick") == []


def test_somebody_outside_the_ranking_is_said_to_be_so() -> None:
    assert who_goes.chosen_because("W-9", ranked()) == "未在推荐之列，由值班员指定"
