"""What calls out to the seat, how often, and that no alert is left out where many share a place."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases.alarms import MOST_CALLS, PAUSE, WINDOW, Call, Why, calls, tiles
from cases.alerts import Patience, grouped
from cases.model import Alert, AlertLevel, AlertNo, AlertState, Place

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
PATIENCE = Patience()


def alert(number: int, level: str = "red", seconds: float = 0, grid: str = "a1", **more: object) -> Alert:
    at = NOW + timedelta(seconds=seconds)
    place = Place(120.1, 30.1, (grid[:1], grid))
    plain = Alert(
        AlertNo(f"A{number:05d}"), 1, AlertLevel(level), AlertState.NEW, "video", "聚集", "", place, at, at, "video"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def heard(alerts: list[Alert], after: float = 3600) -> list[Call]:
    return calls(alerts, PATIENCE, NOW + timedelta(seconds=after))


def most_in_a_window(found: list[Call]) -> int:
    return max((sum(each.at <= other.at < each.at + WINDOW for other in found) for each in found), default=0)


def test_one_matter_calls_once():
    found = heard([alert(n, seconds=20 * n) for n in range(20)])
    assert [(each.why, each.alerts) for each in found] == [(Why.CAME, ("A00000",))]


def test_an_answer_does_not_make_an_old_matter_call_anew():
    alerts = [alert(n, seconds=20 * n) for n in range(3)]
    answered = [alert(0, state=AlertState.ACKNOWLEDGED), *alerts[1:]]
    assert heard(answered) == heard(alerts)


def test_yellow_and_blue_stand_in_the_list_and_do_not_call():
    assert heard([alert(1, "yellow"), alert(2, "blue")]) == []


def test_each_level_it_rises_to_calls_once_for_the_whole_matter():
    risen = {"risen": 1, "risen_at": NOW + timedelta(minutes=2)}
    found = heard([alert(n, seconds=n, **risen) for n in range(5)])
    assert [each.why for each in found] == [Why.CAME, Why.ROSE]


def test_back_from_its_shelf_it_calls_again():
    back = alert(1, shelved_until=NOW + timedelta(minutes=15), by="duty")
    assert [each.at for each in heard([back])] == [NOW, NOW + timedelta(minutes=15)]


def test_seventh_red_matter_of_ten_minutes_joins_those_after_it():
    found = heard([alert(n, seconds=10 * n, grid=f"a{n}") for n in range(12)])
    assert [each.why for each in found] == [Why.CAME] * 6 + [Why.FLOOD] * 2
    assert len(found[6].alerts) == 1, "the first that is too many is not made to wait"
    assert len(found[7].alerts) == 5
    assert found[7].at - found[6].at == PAUSE


def test_what_is_held_back_is_not_told_before_its_time():
    alerts = [alert(n, seconds=10 * n, grid=f"a{n}") for n in range(12)]
    assert len(heard(alerts, 130)) == 7
    assert len(heard(alerts, 60 + PAUSE.total_seconds())) == 8


def test_what_was_told_stays_told_while_more_comes():
    flood = _flood(300, random.Random(3))
    for until in (60, 300, 900):
        then = NOW + timedelta(seconds=until)
        known = [each for each in flood if each.received_at <= then]
        assert calls(known, PATIENCE, then) == [each for each in heard(flood) if each.at <= then]


def _flood(count: int, rng: random.Random) -> list[Alert]:
    """Alerts of all levels from many grids within twenty minutes."""
    levels = rng.choices(["red", "orange", "yellow", "blue"], [1, 2, 4, 3], k=count)
    return [
        alert(n, level, rng.uniform(0, 1200), f"{rng.choice('abcd')}{rng.randrange(8)}", kind=rng.choice(["火", "水"]))
        for n, level in enumerate(levels)
    ]


def test_any_flood_is_at_most_ten_calls_in_ten_minutes_and_every_red_matter_is_in_one():
    for seed in range(40):
        flood = _flood(500, random.Random(seed))
        found = heard(flood, 7200)
        assert most_in_a_window(found) <= MOST_CALLS
        told = {no for each in found for no in each.alerts}
        firsts = {matter.first.no for matter in grouped(flood, NOW, PATIENCE) if matter.first.level == "red"}
        assert firsts <= told


def test_tiles_grow_until_they_fit_and_leave_nobody_out():
    flood = [each for each in _flood(500, random.Random(1)) if each.level == "red"]
    groups = grouped(flood, NOW, PATIENCE)
    for most in (1, 4, 8, 60):
        found = tiles(groups, most)
        assert len(found) <= most
        assert {a.no for tile in found for a in tile.alerts} == {a.no for a in flood}
        assert [t.first.received_at for t in found] == sorted(t.first.received_at for t in found)


def test_an_exercise_never_shares_a_tile_with_the_real_thing():
    alerts = [alert(1), alert(2, exercise=True, kind="演"), alert(3, grid="b1"), alert(4, grid="c1", kind="火")]
    assert {frozenset(a.exercise for a in t.alerts) for t in tiles(grouped(alerts, NOW, PATIENCE), 2)} == {
        frozenset({True}),
        frozenset({False}),
    }
