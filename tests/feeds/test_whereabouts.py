"""A worker's fixes in, the live picture and the kept track out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cases.model import Fix, WorkerId, WorkerStatus
from feeds.whereabouts import Whereabouts

START = datetime(2026, 11, 21, tzinfo=UTC)
METRE = 1 / 111_195  # degrees of latitude


def fix(second: float, north_m: float = 0.0, worker: str = "W-1") -> Fix:
    return Fix(WorkerId(worker), START + timedelta(seconds=second), 120.0, 30.0 + north_m * METRE)


def walked(*fixes: Fix) -> Whereabouts:
    where = Whereabouts()
    for each in fixes:
        where.move(each)
    return where


def suspects(*fixes: Fix) -> list[bool]:
    where, found = Whereabouts(), []
    for each in fixes:
        where.move(each)
        found.append(where.newest()[each.worker].suspect)
    return found


def test_the_newest_wins_however_they_arrive() -> None:
    where = walked(fix(10, 5), fix(5), fix(10, 99), fix(7))
    assert where.newest() == {"W-1": fix(10, 5)}


def test_only_what_changed_is_shown_and_only_once() -> None:
    where = walked(fix(0), fix(1, 1), fix(0, worker="W-2"))
    assert where.changed() == [fix(1, 1), fix(0, worker="W-2")]
    assert where.changed() == []


def test_eighty_kilometres_in_ten_seconds_is_suspect() -> None:
    assert suspects(fix(0), fix(10, 80_000)) == [False, True]


def test_back_from_a_wrong_fix_all_is_well() -> None:
    assert suspects(fix(0), fix(10, 80_000), fix(20, 10)) == [False, True, False]


def test_a_jump_that_stays_is_believed_in_the_end() -> None:
    assert suspects(fix(0), *(fix(10 * n, 80_000 + n) for n in range(1, 6))) == [False, True, True, True, False, False]


def test_a_fast_car_is_not_suspect() -> None:
    assert suspects(*(fix(n, n * 35) for n in range(10))) == [False] * 10


def test_the_track_keeps_a_point_every_thirty_metres_or_seconds() -> None:
    where = walked(fix(0), fix(1, 10), fix(2, 29), fix(3, 31), fix(32, 32), fix(33, 33), fix(33.5, 34))
    assert [f.at.second for f in where.track()] == [0, 3, 33]
    assert where.track() == []


def test_a_status_shows_on_the_last_fix_and_on_later_ones() -> None:
    where = walked(fix(0))
    where.changed()
    where.say(WorkerId("W-1"), WorkerStatus.ON_SCENE)
    assert [f.status for f in where.changed()] == [WorkerStatus.ON_SCENE]
    where.move(fix(1))
    assert where.newest()["W-1"].status is WorkerStatus.ON_SCENE
    assert [f.status.value for f in where.track()] == ["available", "on_scene"]


def test_it_begins_with_what_was_kept() -> None:
    where = Whereabouts([fix(10)])
    where.move(fix(5, 100))
    assert where.newest() == {"W-1": fix(10)}
    assert where.changed() == []
