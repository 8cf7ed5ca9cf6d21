"""Walking workers: at people's speeds, inside their grids, on shift, and to the cases they are sent to."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import shapely

from cases.model import WorkerStatus
from feeds.demo.town import Town
from feeds.demo.walk import FASTEST, Said, Sighting, Walkers
from feeds.frames import Positions
from feeds.messages import decode
from geo.grids import GridBook

MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # ten o'clock local time
NIGHT = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def walked(walkers: Walkers, start: datetime, seconds: int) -> tuple[dict[str, list[Sighting]], list[Said]]:
    """Everybody's fixes and words of a while."""
    tracks: dict[str, list[Sighting]] = defaultdict(list)
    words: list[Said] = []
    for second in range(1, seconds + 1):
        seen, said = walkers.step(start + second * SECOND)
        words += said
        for sighting in seen:
            tracks[sighting.worker].append(sighting)
    return tracks, words


def metres(a: Sighting, b: Sighting) -> float:
    east = (b.lon - a.lon) * 111_320 * math.cos(math.radians(a.lat))
    return math.hypot(east, (b.lat - a.lat) * 111_320)


@pytest.fixture(scope="module")
def half_hour(town: Town, book: GridBook) -> tuple[dict[str, list[Sighting]], list[Said]]:
    """Thirty minutes of a morning."""
    return walked(Walkers(town, book, MORNING), MORNING, 1800)


def test_all_65_are_known_and_most_are_on_shift(half_hour: tuple[dict[str, list[Sighting]], list[Said]]) -> None:
    tracks, words = half_hour
    assert len(tracks) == 65
    first = {word.worker: word.status for word in reversed(words)}
    assert 35 <= sum(status is WorkerStatus.AVAILABLE for status in first.values()) < 65


def test_workers_stay_inside_their_grids(
    half_hour: tuple[dict[str, list[Sighting]], list[Said]], town: Town, book: GridBook
) -> None:
    grids = {worker.id: book.grid(worker.grid).geometry for worker in town.workers}
    for worker, track in half_hour[0].items():
        points = shapely.points([(s.lon, s.lat) for s in track])
        assert shapely.covers(grids[worker], points).all(), worker  # type: ignore[index]


def test_nobody_runs_and_most_get_somewhere(half_hour: tuple[dict[str, list[Sighting]], list[Said]]) -> None:
    far = 0
    for track in half_hour[0].values():
        assert all(s.speed_mps <= FASTEST for s in track)
        for a, b in itertools.pairwise(track):
            assert metres(a, b) <= (FASTEST + 2.2) * (b.at - a.at).total_seconds()  # as the phone sees it
        far += len(track) > 1 and sum(metres(a, b) for a, b in itertools.pairwise(track)) > 300
    assert far >= 35


def test_a_fix_every_five_seconds_with_a_silence_now_and_then(
    half_hour: tuple[dict[str, list[Sighting]], list[Said]],
) -> None:
    gaps = [(b.at - a.at).total_seconds() for track in half_hour[0].values() for a, b in itertools.pairwise(track)]
    assert sorted(gaps)[len(gaps) // 2] == 5.0
    assert any(gap >= 40 for gap in gaps)


def test_fixes_make_frames_that_the_gateway_takes(half_hour: tuple[dict[str, list[Sighting]], list[Said]]) -> None:
    items = [s.item for track in half_hour[0].values() for s in track[:3]]
    assert isinstance(decode(msgspec.json.encode({"type": "positions", "items": items[:200]})), Positions)


def test_the_same_seed_walks_the_same_way(town: Town, book: GridBook) -> None:
    first, _ = walked(Walkers(town, book, MORNING, seed=3), MORNING, 60)
    again, _ = walked(Walkers(town, book, MORNING, seed=3), MORNING, 60)
    assert first == again


def test_at_night_most_grids_keep_somebody_on_call(town: Town, book: GridBook) -> None:
    tracks, words = walked(Walkers(town, book, NIGHT), NIGHT, 60)
    on = {word.worker for word in words if word.status is WorkerStatus.AVAILABLE}
    assert 40 <= len(on) <= 60
    assert len(tracks) == 65  # everybody is known by one fix, where he was last
    assert all(len(track) == 1 for worker, track in tracks.items() if worker not in on)


def test_a_worker_sent_to_a_case_goes_there_stays_and_is_free_again(town: Town, book: GridBook) -> None:
    walkers = Walkers(town, book, MORNING)
    tracks, words = walked(walkers, MORNING, 5)
    worker = next(word.worker for word in words if word.status is WorkerStatus.AVAILABLE)
    stands = tracks[worker][-1]
    own = [a for a in town.addresses if town.worker_of[a.grid] == worker]
    place = min(own, key=lambda a: abs(metres(stands, Sighting(worker, MORNING, a.lon, a.lat, 0, 0, 0)) - 150))
    start = MORNING + 5 * SECOND
    assert walkers.send(worker, "20261120-000001", place.lon, place.lat, start)
    assert not walkers.send(worker, "20261120-000001", place.lon, place.lat, start)  # he knows
    tracks, words = walked(walkers, start, 2100)
    said = [(w.status, w.case) for w in words if w.worker == worker]
    assert said[:3] == [
        (WorkerStatus.EN_ROUTE, "20261120-000001"),
        (WorkerStatus.ON_SCENE, "20261120-000001"),
        (WorkerStatus.AVAILABLE, None),
    ]
    there = next(w.at for w in words if w.worker == worker and w.status is WorkerStatus.ON_SCENE)
    near = min(tracks[worker], key=lambda s: abs(s.at - there))
    target = Sighting(worker, there, place.lon, place.lat, 0, 0, 0)
    assert metres(near, target) < 45


def test_nobody_off_duty_or_unknown_is_sent(town: Town, book: GridBook) -> None:
    walkers = Walkers(town, book, NIGHT)
    _, words = walked(walkers, NIGHT, 2)
    off = next(word.worker for word in words if word.status is WorkerStatus.OFF_DUTY)
    assert not walkers.send(off, "20261120-000001", 118.6, 29.3, NIGHT)
    assert not walkers.send("W-9999", "20261120-000001", 118.6, 29.3, NIGHT)
