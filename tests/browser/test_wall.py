"""The wall in a real browser: what a newcomer sees, and what must never happen before the room."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from cases.model import EVERYWHERE, AlertLevel, Fix
from tests.browser.black_hole import BlackHole
from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser

HANDLES = (
    "incident-map",
    "case-board",
    "kpi-bar",
    "alert-list",
    "grid-heat",
    "feed-health",
    "worker-roster",
    "case-detail",
)
LIVE = "document.querySelector('#case-board [data-case]') && window.room.stats().workers > 0"
POLYGONS = "document.querySelectorAll('.grid-cell').length >= 65"

CUT_OFF = """() => [...document.querySelectorAll('.wall .panel')].filter((panel) => {
  const box = panel.getBoundingClientRect(), home = panel.parentElement.getBoundingClientRect();
  return box.height && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.bottom > home.bottom + 1);
}).map((panel) => panel.id)"""

OVERLAPPING = """() => {
  const parts = '.wall .panel, .wall .map-foot, .wall-head > *, .foot-line > *, .time-ways, #time-bar .note';
  const places = [...document.querySelectorAll(parts)]
    .filter((e) => e.getBoundingClientRect().height > 0);
  const hit = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return places.flatMap((a, at) => places.slice(at + 1)
    .filter((b) => !a.contains(b) && !b.contains(a) && hit(a.getBoundingClientRect(), b.getBoundingClientRect()))
    .map((b) => (a.id || a.className) + ' over ' + (b.id || b.className)));
}"""

LABELS_OVER = """() => {
  const boxes = window.room.map.labels().map((l) => {
    const half = l.size * l.name.length / 2;
    return [l.x - half, l.y - l.size / 2, l.x + half, l.y + l.size / 2, l.name];
  });
  return boxes.flatMap((a, at) => boxes.slice(at + 1)
    .filter((b) => a[0] < b[2] - 1 && b[0] < a[2] - 1 && a[1] < b[3] - 1 && b[1] < a[3] - 1)
    .map((b) => a[4] + '/' + b[4]));
}"""

SMALLEST_TYPE = """() => Math.min(...[...document.querySelectorAll('.wall *')]
  .filter((e) => e.getBoundingClientRect().height)
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.nodeValue.trim()))
  .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""


def live(open_screen: Open, **more: Any) -> Screen:
    """A wall that has its grids, its workers and its board."""
    screen = open_screen("/", **more)
    screen.until(LIVE, 15)
    screen.until(POLYGONS, 15)
    return screen


def test_wall_stands_with_every_panel_and_talks_to_one_host(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    for handle in HANDLES:
        assert screen.page.locator(f"#{handle}").count() == 1, handle
    assert screen.stats()["workers"] == len(stage.feed.fixes)
    assert screen.hosts == {urlsplit(stage.url).netloc}
    assert screen.errors == []
    assert "正在读取" not in screen.page.inner_text(".wall")


@pytest.mark.long
def test_new_case_is_on_an_open_wall_within_two_seconds(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    screen.page.evaluate("window.stayed = true")
    number = stage.report(title="楼上噪声", category="dispute.neighbour")
    card = screen.page.locator(f'#case-board [data-case="{number}"]')
    card.wait_for(state="visible", timeout=2000)
    assert card.get_attribute("data-stage") == "reported"
    assert card.get_attribute("data-standing") == "on_time"
    assert screen.page.evaluate("window.stayed"), "the page was loaded again"


def test_view_is_the_viewers(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    box = screen.page.locator("#incident-map .leaflet-container").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.mouse.move(*middle)
    screen.page.mouse.down()
    screen.page.mouse.move(middle[0] + 150, middle[1] + 80, steps=4)
    screen.page.wait_for_timeout(200)  # a hand that rests before it lets go throws nothing: Leaflet counts 50 ms back
    screen.page.mouse.up()
    view = (
        "(() => { const m = window.room.map.state.map; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; })()"
    )
    before, seq = screen.page.evaluate(view), screen.stats()["seq"]
    for _ in range(3):
        moved = list(stage.feed.fixes.values())[:20]
        stage.feed.move([Fix(f.worker, datetime.now(UTC), f.lon + 1e-4, f.lat, 8.0, f.status) for f in moved])
        stage.report()
        screen.until(f"window.room.stats().seq > {seq}")
        seq = screen.stats()["seq"]
    assert screen.page.evaluate(view) == before


def test_silent_link_is_named_within_five_seconds_and_recovers(open_screen: Open, stage: Stage) -> None:
    with BlackHole(stage.url) as hole:
        screen = live(open_screen, at=hole.url)
        hole.swallow()
        screen.page.locator("#stale-banner").wait_for(state="visible", timeout=5000)
        assert "数据中断 · 已" in screen.page.inner_text("#stale-banner")
        assert screen.page.inner_text(".link-state") == "链路中断"
        assert screen.stats()["stale"] is True
        hole.heal()
        number = stage.report(title="断线时的上报")
        screen.page.locator("#stale-banner").wait_for(state="hidden", timeout=20000)
        screen.page.locator(f'#case-board [data-case="{number}"]').wait_for(timeout=5000)
        assert screen.stats()["stale"] is False


@pytest.mark.long
def test_level_and_heat_are_one_key_each(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.keyboard.press("3")
    screen.until("document.querySelectorAll('.grid-cell').length >= 180", 10)
    screen.page.keyboard.press("h")
    screen.page.locator(".leaflet-heat-pane img").wait_for(state="attached", timeout=5000)
    assert screen.page.get_attribute("#grid-heat", "aria-pressed") == "true"
    screen.page.keyboard.press("h")
    assert screen.page.locator(".leaflet-heat-pane img").count() == 0


@pytest.mark.long
def test_choropleth_legend_names_numbers(open_screen: Open) -> None:
    screen = live(open_screen)
    legend = screen.page.inner_text("#choropleth-legend")
    assert legend.startswith("在办（件／格）")
    assert "≥" in legend
    fills = screen.page.evaluate(
        "new Set([...document.querySelectorAll('.grid-cell')].map((e) => e.getAttribute('fill'))).size"
    )
    assert fills >= 2, "the grids are all of one colour"


def test_red_alarm_is_answered_by_one_key(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    number = stage.alert(AlertLevel.RED, "持刀滋事")
    row = screen.page.locator(f'#alert-list [data-alert="{number}"]')
    row.wait_for(state="visible", timeout=3000)
    assert "红色预警未确认" in screen.page.inner_text("#situation")
    screen.page.keyboard.press("a")
    screen.page.locator(f'[data-alert="{number}"][data-state="acknowledged"]').wait_for(timeout=10000)
    assert "红色预警未确认" not in screen.page.inner_text("#situation")


WHERE = """([lat, lon]) => {
  const map = window.room.map.state.map, box = map.getContainer().getBoundingClientRect();
  const point = map.latLngToContainerPoint([lat, lon]);
  return [box.left + point.x, box.top + point.y];
}"""


def test_symbol_names_itself_under_the_pointer_and_opens_on_click(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="地图上点开的案件", category="safety.fire_exit")
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    screen = live(open_screen)
    screen.page.locator(f'#case-board [data-case="{number}"]').wait_for(timeout=10000)
    for layer in ("w", "y"):  # hide workers and alerts, so that nothing else lies there
        screen.page.keyboard.press(layer)
    x, y = screen.page.evaluate(WHERE, [case.place.lat, case.place.lon])
    screen.page.mouse.move(x, y)
    screen.until("document.querySelector('.map-card').innerText !== ''", 8)
    assert "件" not in screen.page.inner_text(".map-card"), "a grid answered where an incident lies"
    assert "时限内" in screen.page.inner_text(".map-card")
    screen.page.mouse.click(x, y)
    screen.page.locator("#case-detail h2").wait_for(state="visible", timeout=10000)


@pytest.mark.long
def test_incidents_are_walked_by_keyboard(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.keyboard.press("]")
    first = screen.page.evaluate("window.room.chosen()")
    screen.page.keyboard.press("]")
    second = screen.page.evaluate("window.room.chosen()")
    assert first
    assert second not in (None, first)
    screen.page.keyboard.press("Escape")
    assert screen.page.evaluate("window.room.chosen()") is None


def test_patching_keeps_nodes_times_and_pictures(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    screen.until("[...document.querySelectorAll('#case-board .as-of, #hour-trend .as-of')].every((e) => e.textContent)")
    marks = "['#case-board .as-of', '#hour-trend canvas', '#kpi-bar .kpi-value', '#time-bar canvas']"
    screen.page.evaluate(f"window.kept = {marks}.map((path) => document.querySelector(path))")
    number = stage.report()
    screen.page.locator(f'#case-board [data-case="{number}"]').wait_for(timeout=10000)
    assert (
        screen.page.evaluate(f"{marks}.map((path, at) => document.querySelector(path) === window.kept[at])")
        == [True] * 4
    )
    assert screen.page.inner_text("#case-board .as-of")
