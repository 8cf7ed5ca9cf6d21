"""The map in a real browser: crowds that stay legible, names that never collide, colours that say how they are made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.crs import from_wgs84
from geo.distance import metres
from tests.browser.conftest import Open, Screen
from tests.browser.test_wall import LABELS_OVER, live
from tests.dashboard.harness import Stage, play_day, running, set_stage

pytestmark = pytest.mark.browser

CROWD = """(count) => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const [[south, west], [north, east]] = room.map.state.config.bounds, now = Date.now();
  const place = () => [west + (east - west) * random(), south + (north - south) * random()];
  const statuses = ['available', 'dispatched', 'en_route', 'on_scene'];
  const standings = ['on_time', 'on_time', 'on_time', 'at_risk', 'overdue'];
  room.map.setPicture({ as_of: now,
    workers: Array.from({ length: count }, (_, i) => ['W-' + i, ...place(), now - i, statuses[i % 4], 8, 0]),
    incidents: Array.from({ length: count }, (_, i) =>
      ['C-' + i, ...place(), 'city.street_trade', 2 + (i % 3), standings[i % 5]]) });
  room.map.setZoom = (zoom) => { room.map.state.map.setZoom(zoom, { animate: false }); room.map.paintNow(); };
}"""
GATHERED = """() => {
  const f = room.map.state.layer.frame(), found = room.map.bubblesOf(f);
  if (!found) return null;
  const u = room.map.unit(), seen = found.bubbles.filter((b) => b.count > room.map.BUBBLE_FROM);
  const at = seen.map((b) => [b.x * f.scale, b.y * f.scale, room.map.bubbleRadius(b.count) * u]);
  let touching = 0;
  const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < a[2] + b[2];
  at.forEach((a, i) => at.slice(i + 1).forEach((b) => { if (near(a, b)) touching++; }));
  return { total: found.bubbles.reduce((sum, b) => sum + b.count, 0), bubbles: seen.length, touching,
           late: found.bubbles.reduce((sum, b) => sum + b.standings[2], 0) };
}"""
OVER_EACH_OTHER = """() => {
  const boxes = room.map.labels().map((l) => l.box);
  const over = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  return boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) => over(a, b)));
}"""
VIEW = "(() => { const m = room.map.state.map; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; })()"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A calm room of its own: an alarm that rings elsewhere must not lie over this map."""
    made = set_stage(tmp_path_factory.mktemp("map"))
    play_day(made, cases=40)
    with running(made):
        yield made


@pytest.mark.parametrize(
    "size", [(1920, 1080), *(pytest.param(s, marks=pytest.mark.long) for s in ((3840, 2160), (1366, 768)))]
)
def test_names_never_collide_at_any_zoom(open_screen: Open, size: tuple[int, int]) -> None:
    screen = live(open_screen, size=size)
    first, shown = screen.page.evaluate("room.map.state.map.getZoom()"), []
    for level in (1, 2):
        screen.page.evaluate(f"room.map.setLevel({level})")
        for further in (-1, 0, 0.5, 1, 1.7, 2.5, 4):
            screen.page.evaluate(
                f"room.map.state.map.setZoom({first + further}, {{animate: false}}); room.map.paintNow()"
            )
            assert screen.page.evaluate(OVER_EACH_OTHER) == []
            assert screen.page.evaluate(LABELS_OVER) == []
            shown.append(screen.page.evaluate("room.map.labels().length"))
    assert max(shown) > min(shown), "names thin out"


def test_a_crowd_is_gathered_by_need_and_comes_apart_close_by(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.evaluate(CROWD, 20_000)
    screen.page.evaluate("room.map.paintNow()")
    found = screen.page.evaluate(GATHERED)
    assert found["total"] == 20_000, "nobody is lost in a bubble"
    assert found["late"] == 4_000
    assert found["bubbles"] < 700
    assert found["touching"] == 0
    screen.page.evaluate("room.map.setZoom(room.map.state.map.getZoom() + 5)")
    assert screen.page.evaluate(GATHERED) is None, "close by every case has its own symbol"
    assert screen.errors == []


def test_the_gravest_never_hides_in_a_bubble(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.evaluate(CROWD, 3_000)
    alone = screen.page.evaluate("""() => {
      const [[south, west], [north, east]] = room.map.state.config.bounds;
      const row = ['C-red', (west + east) / 2, (south + north) / 2, 'order.fight', 1, 'overdue'];
      room.map.putIncident(room.map.incidents, row);
      room.map.paintNow();
      return room.map.isInBubble(room.map.state.layer.frame(), room.map.incidents.slots.get('C-red'));
    }""")
    assert alone is False


@pytest.mark.long
def test_another_moments_picture_leaves_view_and_live_data_alone(open_screen: Open, stage: Stage) -> None:
    screen = live(open_screen)
    before, known = screen.page.evaluate(VIEW), screen.stats()["incidents"]
    screen.page.evaluate(CROWD, 500)
    assert screen.stats()["incidents"] == 500
    stage.report(title="夜里来的", category="dispute.neighbour")
    screen.page.wait_for_timeout(1200)
    assert screen.stats()["incidents"] == 500, "a live report does not appear in the past"
    screen.page.evaluate("room.map.setPicture(null)")
    screen.until(f"room.stats().incidents === {known + 1}")
    assert screen.page.evaluate(VIEW) == before


@pytest.mark.long
def test_an_index_finds_what_a_walk_over_everything_finds(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.evaluate(CROWD, 5_000)
    wrong = screen.page.evaluate("""() => {
      const w = room.map.workers, index = room.map.find(w);
      const west = Math.min(...w.x.slice(0, w.size)), east = Math.max(...w.x.slice(0, w.size));
      const north = Math.min(...w.y.slice(0, w.size)), south = Math.max(...w.y.slice(0, w.size));
      let wrong = 0;
      for (let i = 0; i < 200; i++) {
        const x = west + (east - west) * Math.random(), y = north + (south - north) * Math.random();
        const reach = (east - west) * 0.03 * Math.random();
        let best = null, least = reach;
        for (let k = 0; k < w.size; k++) {
          const d = Math.hypot(w.x[k] - x, w.y[k] - y);
          if (d <= least) { least = d; best = k; }
        }
        const found = index.nearest(x, y, reach);
        if ((found && found[0]) !== best) wrong++;
      }
      return wrong;
    }""")
    assert wrong == 0


CLASSES: list[tuple[str, list[float], list[int]]] = [
    ("quantile", [0, 1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2, 2]),
    ("quantile", [0, 0, 1, 1, 1, 1, 1, 9], [2, 6, 0, 0, 0]),  # ties are never parted: three classes stay empty
    ("natural", [0, 1, 1, 2, 10, 11, 30, 31, 32, 90], [1, 3, 2, 3, 1]),
    ("natural", [5, 5, 7], [0, 2, 1, 0, 0]),
    ("steps", [0, 1, 2, 3, 4, 9], [1, 3, 1, 1, 0]),
]


def test_classes_are_made_as_they_are_named(open_screen: Open) -> None:
    screen = live(open_screen)
    for method, values, counts in CLASSES:
        found = screen.page.evaluate(
            "([how, values]) => room.map.classes.tally(values, room.map.classes[how](values))", [method, values]
        )
        assert found == counts, (method, values)


def test_the_legend_counts_every_grid_and_owns_up_to_missing_bases(open_screen: Open) -> None:
    screen = live(open_screen)
    grids = screen.page.evaluate("room.map.names.inner.size")
    for figure in ("open", "overdue", "rate"):
        screen.page.evaluate(f"room.map.setFigure('{figure}')")
        told = screen.page.evaluate(
            "[...document.querySelectorAll('#choropleth-legend span small')].map((e) => parseInt(e.textContent))"
        )
        assert sum(told) == grids, figure
    assert "件／千户" in screen.page.inner_text("#choropleth-legend")


def test_a_box_lists_the_cases_inside_and_escape_puts_the_pencil_down(open_screen: Open) -> None:
    screen = live(open_screen)
    screen.page.click('[data-tool="box"]')
    box = screen.page.locator("#incident-map .leaflet-container").bounding_box()
    screen.page.mouse.move(box["x"] + 100, box["y"] + 80)
    screen.page.mouse.down()
    screen.page.mouse.move(box["x"] + box["width"] - 120, box["y"] + box["height"] - 40, steps=4)
    screen.page.mouse.up()
    screen.until("document.querySelector('.map-told li button') !== null", 15)
    assert "范围内在办" in screen.page.inner_text(".map-told b")
    screen.page.keyboard.press("Escape")
    assert screen.page.locator(".map-told").is_hidden()
    assert screen.errors == []


@pytest.mark.long
def test_a_distance_is_the_great_circle(open_screen: Open) -> None:
    screen = live(open_screen)
    for one, other in [((118.6, 29.2), (118.7, 29.3)), ((120.0, 30.0), (120.0, 31.0)), ((118.6, 29.2), (118.6, 29.2))]:
        found = screen.page.evaluate("([a, b]) => room.map.metres(a, b)", [list(one), list(other)])
        assert found == pytest.approx(metres(*one, *other), rel=1e-9)


def test_the_picture_to_keep_has_map_legend_and_foot(open_screen: Open, tmp_path: Path) -> None:
    screen = live(open_screen)
    with screen.page.expect_download() as caught:
        screen.page.click("[data-export]")
    path = tmp_path / "map.png"
    caught.value.save_as(path)
    assert caught.value.suggested_filename.startswith("地图-")
    assert colours(path) > 50


PRINTED = """() => new Promise((done) => { window.print = () => done(); room.map.printPicture(); }).then(() => {
  const image = document.querySelector('#map-print img'), pen = document.createElement('canvas').getContext('2d');
  pen.drawImage(image, 0, 0, 1, 1);
  return { width: image.naturalWidth, light: Math.min(...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)) };
})"""


@pytest.mark.long
def test_paper_is_white_and_the_screen_stays_as_it_was(open_screen: Open) -> None:
    screen = live(open_screen)
    before = screen.page.evaluate("[document.documentElement.dataset.theme, room.map.token('ground')]")
    printed = screen.page.evaluate(PRINTED)
    assert printed["width"] >= 1000
    assert printed["light"] > 200, "the paper would be dark"
    assert screen.page.evaluate("[document.documentElement.dataset.theme, room.map.token('ground')]") == before
    screen.page.emulate_media(media="print")
    assert screen.page.locator("#map-print img").is_visible()
    assert screen.page.locator("#react-entry-point").is_hidden()
    assert screen.errors == []


def test_no_ground_map_is_asked_for_unless_the_room_has_one(open_screen: Open) -> None:
    screen = live(open_screen)
    assert screen.page.locator('[data-layer="base"]').first.is_hidden()
    assert screen.page.locator(".leaflet-tile").count() == 0


@pytest.mark.long
def test_tiles_of_another_datum_are_moved_as_the_house_moves_places(open_screen: Open) -> None:
    screen = live(open_screen)
    for place in [(118.607311, 29.302287), (116.3913, 39.9075), (87.6, 43.8)]:
        assert screen.page.evaluate("room.map.toGcj", list(place)) == pytest.approx(
            from_wgs84(*place, "gcj02"), abs=1e-9
        )
        back = screen.page.evaluate("(at) => room.map.toWgs(room.map.toGcj(at))", list(place))
        assert back == pytest.approx(place, abs=1e-8)


def colours(path: Path) -> int:
    """How many colours a picture has: an empty one has a handful."""
    image: Any = pytest.importorskip("PIL.Image").open(path).convert("RGB").resize((400, 300))
    return len(set(image.get_flattened_data()))


@pytest.mark.long
def test_cameras_places_and_the_trail_come_when_asked_for(open_screen: Open, stage: Stage) -> None:
    screen: Screen = live(open_screen)
    for layer in ("cameras", "places"):
        screen.page.click(f'[data-layer="{layer}"]')
        assert screen.page.get_attribute(f'[data-layer="{layer}"]', "aria-pressed") == "true"
    screen.page.evaluate("room.map.chosen({ kind: 'worker', id: 0 })")
    screen.until("room.map.trail() !== null")
    assert screen.errors == []
