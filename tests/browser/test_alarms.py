"""Alarms in a real browser: a flood, an exercise, a link that ends."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.alarms import MOST_CALLS, WINDOW, calls
from cases.alerts import grouped, is_waiting
from cases.model import EVERYWHERE, Actor, AlertLevel, AlertReport, Role
from tests.browser.black_hole import BlackHole
from tests.browser.conftest import Open
from tests.dashboard.harness import Stage, running, set_stage

pytestmark = pytest.mark.browser

KINDS = ("人员聚集", "烟感报警", "水位超限", "持刀滋事", "独居老人无活动")
LIVE = "window.room.stats && window.room.stats().workers > 0"
CALM = "document.documentElement.dataset.alarm === 'quiet'"

PINNED = """() => {
  const call = document.getElementById('alarm-call'), box = call.getBoundingClientRect();
  const isWhole = (b) => b.height > 0 && b.top >= box.top - 1 && b.bottom <= Math.min(box.bottom, innerHeight) + 1;
  const whole = (e) => isWhole(e.getBoundingClientRect());
  const tiles = [...call.querySelectorAll('[data-alarm]')];
  const seen = tiles.filter((e) => whole(e)).flatMap((e) => e.dataset.alarm.split(' '));
  return { all: tiles.flatMap((e) => e.dataset.alarm.split(' ')), seen };
}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A calm room of its own: what is raised here must not ring in other tests."""
    made = set_stage(tmp_path_factory.mktemp("alarms"))
    made.feed.move(made.walkers())
    with running(made):
        yield made


def answer_all(stage: Stage) -> None:
    """Acknowledge whatever waits."""
    now = datetime.now(UTC)
    for each in stage.services.views.alerts(EVERYWHERE, 5000):
        if is_waiting(each, now):
            stage.desk.act_on_alert(each.no, "acknowledge", {}, Actor("duty", Role.DUTY, "test"), EVERYWHERE, now)


@pytest.mark.parametrize("path", ["/", *(pytest.param(path, marks=pytest.mark.long) for path in ("/duty", "/meeting"))])
def test_exercise_is_written_over_every_page(open_screen: Open, stage: Stage, path: str) -> None:
    now = datetime.now(UTC)
    drill = AlertReport("h", path, path, now, now, AlertLevel.YELLOW, "video", "火警", "", stage.somewhere(), True)
    stage.desk.file([drill], now)
    screen = open_screen(path)
    screen.until("document.querySelector('#react-entry-point .exercise-mark.on')", 10)
    assert "演练进行中" in screen.page.inner_text("#react-entry-point .exercise-mark")
    answer_all(stage)


def test_flood_pins_every_red_and_loses_nobody(open_screen: Open, stage: Stage) -> None:
    rng = random.Random(5)
    levels = rng.choices(list(AlertLevel), [1, 2, 4, 3], k=500)
    begun = datetime.now(UTC)
    reports = []
    for number, level in enumerate(levels):
        at = begun - timedelta(seconds=500 - number)
        key = f"flood{number}"
        reports.append(AlertReport("flood", key, key, at, at, level, "iot", rng.choice(KINDS), "", stage.somewhere()))
    for report in reports:
        stage.desk.file([report], report.received_at)
    screen = open_screen("/")
    screen.until("document.querySelector('#alarm-call.flood')", 15)
    screen.until("document.querySelectorAll('#alarm-call [data-alarm]').length > 0", 5)
    pinned = screen.page.evaluate(PINNED)
    known = stage.services.views.alerts(EVERYWHERE, 5000)
    now = datetime.now(UTC)
    waiting = [each for each in known if is_waiting(each, now)]
    reds = {each.no for each in waiting if each.level is AlertLevel.RED}
    assert len(waiting) == 500
    assert {each.no for each in waiting} - set(pinned["all"]) == set(), "an unacknowledged alert is nowhere"
    assert reds - set(pinned["seen"]) == set(), "a red alert must be scrolled to"
    sounded = calls(known, stage.desk.patience, now)
    most = _most(sounded)
    matters = len(grouped(waiting, now, stage.desk.patience))
    print(f"\n500 alerts, {len(reds)} red, {matters} matters; {len(sounded)} calls, at most {most} in ten minutes")
    assert 0 < most <= MOST_CALLS
    answer_all(stage)
    screen.until(CALM, 8)


def _most(sounded: list[Any]) -> int:
    """The most calls in any ten minutes."""
    most, recent = 0, deque[Any]()
    for call in sounded:
        recent.append(call.at)
        while call.at - recent[0] >= WINDOW:
            recent.popleft()
        most = max(most, len(recent))
    return most


@pytest.mark.parametrize("way", ["finish", pytest.param("reset", marks=pytest.mark.long)])
def test_cut_link_is_named_within_five_seconds(open_screen: Open, stage: Stage, way: str) -> None:
    with BlackHole(stage.url) as hole:
        screen = open_screen("/", at=hole.url)
        screen.until(LIVE, 15)
        getattr(hole, way)()
        screen.page.locator("#stale-banner").wait_for(state="visible", timeout=5000)
        assert "数据中断 · 已" in screen.page.inner_text("#stale-banner")
        hole.heal()
        screen.page.locator("#stale-banner").wait_for(state="hidden", timeout=20000)
