"""The first picture: the room as it is, before Dash stands; Dash's page replaces it and nothing jumps."""

from __future__ import annotations

import pytest

from tests.browser.conftest import STANDS, Open, Screen
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser

DASH = "**/packed/*-rest.js*"
POLYGONS = "[...document.querySelectorAll('{0} .grid-cell')].map((e) => [e.getAttribute('d'), e.getAttribute('fill')])"
COLOURED = (
    "new Set([...document.querySelectorAll('#first-picture .grid-cell')].map((e) => e.getAttribute('fill'))).size > 1"
)
BOXES = """[...document.querySelectorAll('{0} .wall > *, {0} #incident-map > *')]
  .map((e) => {{ const b = e.getBoundingClientRect(); return [e.classList[0], b.x, b.y, b.width, b.height]; }})"""


def pictured(open_screen: Open, path: str = "/", **more: object) -> Screen:
    """A page whose Dash is held back, with its polygons in their colours."""
    screen = open_screen(path, hold=DASH, **more)
    screen.until(COLOURED, 15)
    return screen


def test_picture_shows_the_room_and_dash_replaces_it_without_a_jump(open_screen: Open, stage: Stage) -> None:
    screen = pictured(open_screen)
    screen.until("document.querySelectorAll('#first-picture #case-board [data-case]').length > 0")
    picture = screen.page.evaluate(POLYGONS.format("#first-picture"))
    boxes = screen.page.evaluate(BOXES.format("#first-picture"))
    assert len(picture) == 65
    assert screen.page.evaluate("window.dash_clientside === undefined"), "Dash was there already"
    screen.release()
    screen.until(STANDS, 15)
    assert screen.page.evaluate(POLYGONS.format("#react-entry-point")) == picture
    assert screen.page.evaluate(BOXES.format("#react-entry-point")) == boxes
    assert (screen.errors, screen.warnings) == ([], [])


@pytest.mark.parametrize("size", [(1920, 1080), (3440, 1440)])
def test_map_keeps_its_size_when_the_figures_come(open_screen: Open, size: tuple[int, int]) -> None:
    screen = open_screen("/", size=size)
    screen.until("document.querySelectorAll('#choropleth-legend > *').length > 0")
    height = "document.querySelector('#incident-map .map').clientHeight"
    with_figures = screen.page.evaluate(height)
    screen.page.evaluate("document.getElementById('choropleth-legend').replaceChildren()")
    assert screen.page.evaluate(height) == with_figures


def test_picture_is_live_and_lets_nobody_act(open_screen: Open, stage: Stage) -> None:
    screen = pictured(open_screen)
    address = screen.page.url
    number = stage.report(title="首屏时的上报", category="dispute.neighbour")
    card = f'#case-board [data-case="{number}"]'
    screen.until(f"document.querySelector('#first-picture {card}')")
    screen.page.mouse.click(300, 300)
    screen.page.keyboard.press("1")
    assert screen.page.url == address
    screen.release()
    screen.until(STANDS, 15)
    screen.until(f"document.querySelector('#react-entry-point {card}')")
    assert screen.errors == []


TABLES = """() => {
  const said = (c) => Array.isArray(c) ? c.map(said).join("") : !c ? "" : typeof c !== "object" ? String(c)
    : c.namespace === "dash_html_components" ? said(c.props.children) : "";
  const tables = (c) => Array.isArray(c) ? c.flatMap(tables) : !c || typeof c !== "object" ? []
    : c.type === "Table" ? [said(c)] : tables(c.props.children);
  return tables(JSON.parse(document.querySelector('[data-answer="/_dash-layout"]').textContent));
}"""  # what the page was given to say in tables, in order


def test_long_page_is_no_burden_to_dash_and_says_all_it_was_given(open_screen: Open, stage: Stage) -> None:
    town = stage.services.grids.grids(0)[0]
    screen = pictured(open_screen, f"/grid/{town.code}?weeks=26")
    told = screen.page.evaluate(TABLES)
    screen.release()
    screen.until(STANDS, 15)
    assert len(told) > 3
    assert (
        screen.page.evaluate("[...document.querySelectorAll('#react-entry-point table')].map((e) => e.textContent)")
        == told
    )
    plain = screen.page.locator("[data-part]")
    assert plain.count() > 3
    assert screen.page.locator("[data-part]:empty").count() == 0
    assert (screen.errors, screen.warnings) == ([], [])


def test_duty_desk_shows_the_map_of_its_picture(open_screen: Open) -> None:
    screen = pictured(open_screen, "/duty")
    screen.release()
    screen.until(STANDS, 15)
    assert screen.warnings == []


@pytest.mark.parametrize("path", ["/meeting", "/nowhere"])
def test_page_without_a_map_comes_all_the_same(open_screen: Open, path: str) -> None:
    screen = open_screen(path)
    if path != "/nowhere":
        screen.until("document.querySelector('#react-entry-point main')", 15)
        assert screen.errors == []


@pytest.mark.long
def test_page_comes_when_its_polygons_do_not(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/", hold="**/map/grids/*")
    screen.until(STANDS, 15)
    assert screen.page.locator("#react-entry-point .wall").count() == 1
    screen.release()
    screen.until("document.querySelectorAll('#react-entry-point .grid-cell').length === 65", 15)
    assert screen.errors == []
