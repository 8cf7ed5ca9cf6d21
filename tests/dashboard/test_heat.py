"""Heat that is kept and changed is the heat that would be drawn from scratch, and is read once for all who ask."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.model import Scope
from dashboard import heat
from dashboard.heat import HeatAsk, Heats, as_points, repeated
from geo.density import Bounds, HeatMap

TOWN = Bounds(120.0, 30.0, 120.4, 30.1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Told:
    """Views that know some points of each area, and how often they were asked."""

    def __init__(self, points: list[tuple[float, float]]) -> None:
        self.known, self.asked = points, 0
        self.pause_s = 0.0
        self.before: list[tuple[float, float]] = []

    def points(
        self, scope: Scope, since: datetime, *, until: datetime | None = None, late_only: bool = False
    ) -> list[tuple[float, float]]:
        self.asked += 1
        time.sleep(self.pause_s)
        if until is not None:
            return list(self.before)
        return list(self.known)[: 3 if late_only else None]


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
        assert kept.shown(Scope(""), HeatAsk(), now).png == from_scratch(views.known)
        views.known = [*rng.sample(views.known, len(views.known) - 20), *some(15, 100 + step), views.known[0]]
        now += timedelta(seconds=11)


def test_all_points_may_go():
    views = Told(some(50, 1))
    kept = heats(views)
    kept.shown(Scope(""), HeatAsk(), NOON)
    views.known = []
    assert kept.shown(Scope(""), HeatAsk(), NOON + timedelta(seconds=11)).png == from_scratch([])


def test_many_who_ask_at_once_have_it_read_once():
    views = Told(some(50, 1))
    views.pause_s = 0.05
    kept, found = heats(views), []
    asking = [
        threading.Thread(target=lambda: found.append(kept.shown(Scope("A"), HeatAsk(), NOON).etag)) for _ in range(20)
    ]
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
    kept.shown(Scope("A"), HeatAsk(), NOON)
    kept.shown(Scope("B"), HeatAsk(), NOON)
    assert views.asked == 2


def test_what_nobody_asks_for_is_forgotten(monkeypatch):
    monkeypatch.setattr(heat, "KEPT_MOST", 2)
    views = Told(some(5, 1))
    kept = heats(views)
    for days in (1, 2, 3, 1):
        kept.shown(Scope(""), HeatAsk(days=days), NOON)
    assert views.asked == 4
    kept.shown(Scope(""), HeatAsk(days=3), NOON)
    assert views.asked == 4


def test_late_cases_and_repeats_have_heats_of_their_own():
    views = Told([*some(20, 1), (120.2, 30.05), (120.2, 30.05)])
    kept = heats(views)
    assert kept.shown(Scope(""), HeatAsk(), NOON).count == 22
    assert kept.shown(Scope(""), HeatAsk(of="overdue"), NOON).count == 3
    assert kept.shown(Scope(""), HeatAsk(of="repeat"), NOON).count == 2


def test_a_repeat_is_another_case_within_fifty_metres():
    near, far = 120.2 + 0.00001, 120.2 + 0.001
    assert len(repeated(as_points([(120.2, 30.05), (near, 30.05), (far, 30.05)]))) == 2
    assert len(repeated(as_points([]))) == 0


def test_two_periods_alike_make_a_clear_picture_and_more_is_told_by_its_peak():
    views = Told(some(40, 1))
    views.before = list(views.known)
    same = heats(views).shown(Scope(""), HeatAsk(of="change"), NOON)
    assert (same.count, same.count_before, same.peak_per_km2) == (40, 40, 0.0)
    views.before = views.known[:30]
    more = heats(views).shown(Scope(""), HeatAsk(of="change"), NOON)
    assert (more.count, more.count_before) == (40, 30)
    assert more.peak_per_km2 > 0
    assert more.png != same.png


def test_the_peak_is_what_one_case_is_on_its_ground():
    shown = heats(Told([(120.2, 30.05)])).shown(Scope(""), HeatAsk(metres=300), NOON)
    assert abs(shown.peak_per_km2 - 1 / (2 * 3.14159 * 0.3**2)) < 0.2  # a Gaussian's height: 1 / 2πσ²
