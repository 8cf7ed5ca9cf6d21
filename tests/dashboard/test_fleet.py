"""Workers as arrays: newest wins, areas see their own, nobody off duty is tracked."""

from datetime import UTC, datetime, timedelta

from cases.model import Fix, GridWorker, WorkerId, WorkerStatus
from dashboard.fleet import Fleet
from tests.dashboard.rig import toy_grids

NOON = datetime(2026, 11, 16, 4, tzinfo=UTC)


def fix(worker: str, lon: float = 120.05, *, after: float = 0, status: str = "available") -> Fix:
    return Fix(WorkerId(worker), NOON + timedelta(seconds=after), lon, 30.05, 8.0, WorkerStatus(status))


def fleet() -> Fleet:
    made = Fleet(toy_grids())
    made.enrol([GridWorker(WorkerId("W-A1"), "王建国", "A1"), GridWorker(WorkerId("W-B1"), "李秀英", "B1")])
    return made


def seen(made: Fleet, area: str = "") -> list[str]:
    return [made.ids[place] for place in made.present(area)]


def places(made: Fleet) -> dict[str, float]:
    return {row[0]: row[1] for row in made.rows(made.present(""))[0]}


def test_an_older_fix_never_overwrites_a_newer_one():
    made = fleet()
    made.take([fix("W-A1", 120.06, after=10)])
    made.take([fix("W-A1", 120.01, after=5)])
    assert places(made) == {"W-A1": 120.06}


def test_two_fixes_of_one_worker_in_a_batch_keep_the_newer_whatever_their_order():
    made = fleet()
    made.take([fix("W-A1", 120.06, after=10), fix("W-A1", 120.01, after=5)])
    assert places(made) == {"W-A1": 120.06}


def test_the_same_fix_again_is_no_move_but_another_status_is():
    made = fleet()
    made.take([fix("W-A1")])
    assert len(made.moved()) == 1
    made.take([fix("W-A1")])
    assert len(made.moved()) == 0
    made.take([fix("W-A1", status="en_route")])
    assert len(made.moved()) == 1


def test_moved_names_each_worker_once_and_then_nobody():
    made = fleet()
    made.take([fix("W-A1", after=1), fix("W-B1", after=1)])
    made.take([fix("W-A1", after=2)])
    assert made.moved().tolist() == [0, 1]
    assert made.moved().tolist() == []


def test_an_area_sees_the_workers_of_its_own_grids_only():
    made = fleet()
    made.take([fix("W-A1"), fix("W-B1"), fix("stranger")])
    assert seen(made) == ["W-A1", "W-B1", "stranger"]
    assert seen(made, "A") == seen(made, "A1") == ["W-A1"]
    assert seen(made, "A2") == []


def test_a_worker_who_changes_grid_changes_audience():
    made = fleet()
    made.take([fix("W-A1")])
    assert made.enrol([GridWorker(WorkerId("W-A1"), "王建国", "B2")])
    assert (seen(made, "A"), seen(made, "B")) == ([], ["W-A1"])


def test_whoever_goes_off_duty_is_told_once_and_no_longer_placed():
    made = fleet()
    made.take([fix("W-A1")])
    made.take([fix("W-A1", after=60, status="off_duty")])
    assert made.rows(made.moved()) == ([], ["W-A1"])
    assert seen(made) == []


def test_force_counts_by_status_and_freshness():
    made = fleet()
    made.take([fix("W-A1"), fix("W-B1", after=-200, status="on_scene")])
    force = made.force("", NOON.timestamp() + 30)
    assert (force.total, force.fresh_60s, force.lost) == (2, 1, 1)
    assert force.by_status["available"] == force.by_status["on_scene"] == 1
    assert made.force("A", NOON.timestamp()).total == 1


def test_a_thousand_and_more_workers_keep_their_places():
    made = fleet()
    made.take([fix(f"X-{n}", 120 + n / 10_000) for n in range(3_000)])
    assert len(made.ids) == 3_002
    assert places(made)["X-2999"] == 120.2999


def test_the_nearest_are_those_who_can_go_and_whose_place_is_known():
    made = fleet()
    made.enrol([GridWorker(WorkerId(f"W-{n}"), f"员{n}", "A1") for n in range(4)])
    made.take([fix("W-0", 120.06), fix("W-1", 120.02), fix("W-2", 120.05, status="on_scene"), fix("W-3", 120.05)])
    made.take([fix("W-B1", 120.05)])
    late = NOON.timestamp() + 500
    assert [each.worker for each in made.nearest(120.05, 30.05, "A", late)] == ["W-3", "W-0", "W-1"]
    assert [round(each.metres, -1) for each in made.nearest(120.05, 30.05, "A", late)] == [0, 960, 2890]
    assert made.nearest(120.05, 30.05, "", NOON.timestamp() + 700) == [], "a fix of eleven minutes ago says nothing"
