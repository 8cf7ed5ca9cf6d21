"""Heat that is kept and changed is the heat that would be drawn from scratch, and is read once for all who ask."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.model import Scope
from dashboard import heat
from dashboard.heat import Heats, as_points
from geo.density import Bounds, HeatMap

TOWN = Bounds(120.0, 30.0, 120.4, 30.1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Told:
    """Views that know some points of each area, and how often they were asked."""

    def __init__(self, points: list[tuple[float, float]]) -> None:
        self.known, self.asked = points, 0
        self.pause_s = 0.0

    def points(self, scope: Scope, since: datetime) -> list[tuple[float, float]]:
        self.asked += 1
        time.sleep(self.pause_s)
        return list(self.known)


def heats(views: Any) -> Heats:
    return Heats(views, lambda area: TOWN)


def some(count: int, seed: int) -> list[tuple[float, float]]:
    rng = random.Random(seed)
    return [(rng.uniform(120.0, 120.4), rng.uniform(30.0, 30.1)) for _ in range(count)]


def from_scratch(points: list[tuple[float, float]]) -> bytes:
    drawn = HeatMap(TOWN)
    placed = as_points(points)
    drawn.add(placed.real, placed.imag)
    return drawn.picture()


def test_what_came_and_went_leaves_the_picture_drawn_from_scratch():
    views = Told(some(300, 1))
    kept, now, rng = heats(views), NOON, random.Random(7)
    for step in range(6):
        assert kept.picture(Scope(""), 30, now)[0] == from_scratch(views.known)
        views.known = [*rng.sample(views.known, len(views.known) - 20), *some(15, 100 + step), views.known[0]]
        now += timedelta(seconds=11)


def test_all_points_may_go():
    views = Told(some(50, 1))
    kept = heats(views)
    kept.picture(Scope(""), 30, NOON)
    views.known = []
    assert kept.picture(Scope(""), 30, NOON + timedelta(seconds=11))[0] == from_scratch([])


def test_many_who_ask_at_once_have_it_read_once():
    views = Told(some(50, 1))
    views.pause_s = 0.05
    kept, found = heats(views), []
    asking = [threading.Thread(target=lambda: found.append(kept.picture(Scope("A"), 30, NOON)[1])) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert views.asked == 1
    assert len(found) == 20
    assert len(set(found)) == 1


def test_an_area_has_a_heat_of_its_own():
    views = Told(some(5, 1))
    kept = heats(views)
    kept.picture(Scope("A"), 30, NOON)
    kept.picture(Scope("B"), 30, NOON)
    assert views.asked == 2


def test_what_nobody_asks_for_is_forgotten(monkeypatch):
    monkeypatch.setattr(heat, "KEPT_MOST", 2)
    views = Told(some(5, 1))
    kept = heats(views)
    for days in (1, 2, 3, 1):
        kept.picture(Scope(""), days, NOON)
    assert views.asked == 4
    kept.picture(Scope(""), 3, NOON)
    assert views.asked == 4
