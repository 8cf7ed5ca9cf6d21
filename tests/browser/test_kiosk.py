"""The wall without a person, in a real browser: scenes take turns while it is calm, and stop for whoever needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.alerts import AlertAction
from cases.model import EVERYWHERE, Actor, AlertLevel, AlertNo, Role
from dashboard.pages.kiosk import SCENES
from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import Stage, play_day, running, set_stage

pytestmark = pytest.mark.browser

SCENE = "document.documentElement.dataset.scene"
CHARTS = "document.querySelector('.scene-charts.stands')"
STRIP = """(name) => { room.kiosk.show(name);
  const at = (selector) => document.querySelector('#react-entry-point ' + selector).getBoundingClientRect();
  const places = { board: '#case-board', trends: '#hour-trend', charts: '.scene-charts', standby: '.scene-standby' };
  const shown = at(places[name]), strip = at('.scene-names'), sound = at('.wall-sound'), wall = at('.wall');
  const foot = Math.round(wall.bottom), under = Math.round(strip.top - shown.bottom);
  return { under, sound: sound.top >= strip.bottom - 1, foot };
}"""
"""Shows a scene: how far its own place is from the strip below it, whether the sound's button is clear of both."""
SEEN = """window.scenes = new Set();
setInterval(() => { const name = document.documentElement.dataset.scene; if (name) window.scenes.add(name); }, 50);"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A calm room."""
    made = set_stage(tmp_path_factory.mktemp("kiosk"))
    play_day(made, cases=30)
    with running(made):
        yield made


def wall(open_screen: Open) -> Screen:
    """A wall whose scenes last a second and whose charts are there."""
    screen = open_screen("/wall?scene_s=1")
    screen.until(CHARTS, 30)
    screen.page.evaluate(SEEN)
    return screen


def test_scenes_take_turns_stop_for_an_alarm_and_go_on(open_screen: Open, stage: Stage) -> None:
    screen = wall(open_screen)
    screen.until(f"window.scenes.size === {len(SCENES)}", 20)
    number = stage.alert(AlertLevel.RED, "持刀滋事")
    screen.until("document.documentElement.dataset.alarm === 'calls'", 5)
    screen.until(f"{SCENE} === 'overview'", 3)
    screen.page.evaluate("window.scenes.clear()")
    screen.page.wait_for_timeout(3000)
    assert screen.page.evaluate("[...window.scenes]") == ["overview"], "a scene stood over an alarm"
    actor = Actor("duty", Role.DUTY, "李某")
    now = stage.services.clock()
    stage.desk.act_on_alert(AlertNo(number), AlertAction.ACKNOWLEDGE, {}, actor, EVERYWHERE, now)
    screen.until("window.scenes.size >= 3", 15)
    assert screen.errors == []


def test_nothing_lies_over_a_scene_and_the_wall_stays_whole(open_screen: Open) -> None:
    screen = wall(open_screen)
    for name in ("board", "trends", "charts", "standby"):
        told = screen.page.evaluate(STRIP, name)
        assert told == {"under": 0, "sound": True, "foot": 1080}, name


@pytest.mark.long
def test_a_wide_wall_has_its_board_beside_the_map_and_no_scene_of_it(open_screen: Open) -> None:
    screen = open_screen("/wall?scene_s=1", size=(3840, 1080))
    screen.page.evaluate(SEEN)
    screen.until(f"window.scenes.has('charts') && {SCENE} === 'overview'", 60)
    assert "board" not in screen.page.evaluate("[...window.scenes]")
    assert screen.page.locator("#case-board [data-case]").first.is_visible()


@pytest.mark.long
def test_charts_are_loaded_once_and_a_hand_stops_the_turn(open_screen: Open, stage: Stage) -> None:
    screen = wall(open_screen)
    screen.page.evaluate("document.querySelector('.scene-charts iframe').contentWindow.stayed = true")
    screen.until(f"window.scenes.has('charts') && {SCENE} !== 'charts'", 20)
    new_figures_come(screen, stage)
    assert screen.page.evaluate("document.querySelector('.scene-charts iframe').contentWindow.stayed")
    screen.page.mouse.move(900, 500)
    screen.page.mouse.down()
    screen.page.mouse.up()
    screen.page.keyboard.press("n")
    stood = screen.page.evaluate(SCENE)
    screen.page.wait_for_timeout(2500)
    assert screen.page.evaluate(SCENE) == stood
    assert screen.page.url.endswith("/wall?scene_s=1"), "a touch led to a page that such a screen may not open"
    assert screen.errors == []


def new_figures_come(screen: Screen, stage: Stage) -> None:
    """What is reported now is in charts that stand, after they were renewed."""
    frame = screen.page.frame_locator(".scene-charts iframe")
    told = frame.locator("#chart-area-kinds .note").first
    before = told.inner_text()
    stage.report(category="people.hardship")
    screen.page.evaluate("document.querySelector('.scene-charts iframe').contentWindow.room.charts.renew()")
    for _ in range(100):
        if told.inner_text() != before:
            break
        screen.page.wait_for_timeout(50)
    assert told.inner_text() != before
    assert frame.locator(".js-plotly-plot .main-svg").count() >= 10
