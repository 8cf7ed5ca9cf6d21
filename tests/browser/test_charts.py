"""The charts in a real browser: they stand and explain themselves, and a point opens the cases behind it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser

DRAWN = "document.querySelectorAll('.charts .js-plotly-plot .main-svg').length >= 10"
BARS = "#chart-area-kinds .barlayer .point path"
SMALL_TYPE = """() => [...document.querySelectorAll('.charts text, .charts .note, .charts .source, .charts td')]
  .filter((e) => e.textContent.trim() && e.getBoundingClientRect().height)
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 13.5).map((e) => e.textContent)"""


def charts(open_screen: Open, path: str = "/charts", size: tuple[int, int] = (1920, 1080)) -> Screen:
    """The page with all its charts drawn."""
    screen = open_screen(path, size=size)
    screen.until(DRAWN, 20)
    return screen


def test_charts_say_their_time_legibly_and_a_bar_opens_as_many_rows_as_it_says(open_screen: Open, stage: Stage) -> None:
    for _ in range(30):
        stage.report(category="environment.noise", at=datetime.now(UTC) - timedelta(hours=1))
    screen = charts(open_screen)
    legible(screen)
    said = int(
        str(screen.page.locator("#chart-area-kinds .barlayer .point text").first.text_content()).partition(" ")[0]
    )
    bar = screen.page.locator(BARS).first.bounding_box()
    assert bar is not None
    screen.page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    screen.page.wait_for_url(re.compile("category=environment.noise"))
    screen.page.locator(f'.figure-value[data-value="{said}"]').wait_for(timeout=10000)
    assert screen.page.locator("[data-total]").get_attribute("data-total") == str(said)
    assert screen.page.locator("tr[data-case]").count() == min(said, 50)  # a page of them
    assert screen.errors == []


@pytest.mark.long
@pytest.mark.parametrize("size", [(3840, 2160), (1366, 768), (390, 844)])
def test_charts_are_legible_at_every_size(open_screen: Open, size: tuple[int, int]) -> None:
    legible(charts(open_screen, size=size))


def legible(screen: Screen) -> None:
    """No word is too small, every chart says its time, and shades have their scale."""
    assert screen.page.evaluate(SMALL_TYPE) == []
    told = screen.page.locator(".charts .source").all_inner_texts()
    assert len(told) == 5
    assert all("案件库 · 截至" in words for words in told)
    assert screen.page.locator("#chart-area-rhythm .colorbar, #chart-area-rhythm .infolayer .cbtitle").count()
