"""How the screens look, measured: axe in every theme, nothing over another or cut off, type as large as promised."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cases.model import EVERYWHERE, Account, Role
from dashboard.looks import Sight, least_px
from dashboard.theme import THEMES
from tests.browser.conftest import Open, Screen
from tests.browser.test_wall import CUT_OFF, LABELS_OVER, OVERLAPPING, SMALLEST_TYPE, live
from tests.dashboard.harness import NAME, PASSWORD, Stage

pytestmark = pytest.mark.browser

SIZES = {
    "1080": (1920, 1080),
    "4k": (3840, 2160),
    "ultrawide": (3840, 1080),
    "three": (5760, 1080),
    "six": (7680, 2160),
    "laptop": (1366, 768),
}
RARE = ("three", "six", "laptop")
PAGES = ("/", "/duty", "/meeting", "/charts", "/grid/{grid}", "/case/{case}", "/login")
RARELY = ("/wall", "/moments", "/handover", "/supervision", "/assessment", "/feeds", "/registers", "/figure/register")
HEAVY = ("/charts", "/grid/{grid}")  # axe takes 20 s for their drawings: the long run judges them, in every theme

AXE = "axe.run(document, {resultTypes: ['violations']})"

BEYOND = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"

NARROW = """() => [document.documentElement.scrollWidth - innerWidth,
  [...document.querySelectorAll('.panel')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.id)]"""

CUT_IN_FIELDS = """() => { const pen = document.createElement('canvas').getContext('2d');
  const room = (e, style) => e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const isCut = (e) => { const style = getComputedStyle(e);
    pen.font = style.fontWeight + ' ' + style.fontSize + ' ' + style.fontFamily;
    return pen.measureText(e.placeholder).width > room(e, style) + 1; };
  const shown = [...document.querySelectorAll('input[placeholder]')].filter((e) => e.getBoundingClientRect().height);
  return shown.filter(isCut).map((e) => e.placeholder); }"""

CROSSING = """() => { const width = innerWidth / 3;
  return [...document.querySelectorAll('.panel, #incident-map, .wall-head')]
    .map((e) => [e.id || e.className, e.getBoundingClientRect()]).filter(([, box]) => box.width && box.height)
    .filter(([, box]) => Math.floor((box.left + 1) / width) !== Math.floor((box.right - 1) / width)).map(([id]) => id);
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's own text."""
    package = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    return (Path(str(package.__file__)).parent / "axe.min.js").read_text(encoding="utf-8")


def grave(screen: Screen) -> list[Any]:
    """What axe calls serious or critical: (rule, where)."""
    found = screen.page.evaluate(AXE)["violations"]
    return [(v["id"], [n["target"] for n in v["nodes"][:3]]) for v in found if v["impact"] in ("serious", "critical")]


def faults(open_screen: Open, stage: Stage, axe: str, path: str, themes: Iterable[str]) -> dict[str, list[Any]]:
    """What axe finds on a page, by theme, and under "errors" what went wrong in it; only where there is something."""
    case = stage.services.views.board(EVERYWHERE)[0].no
    screen = open_screen(path.format(grid=stage.services.grids.grids(0)[0].code, case=case))
    screen.until("!document.body.innerText.includes('正在读取')", 15)
    screen.page.evaluate(axe)
    found: dict[str, list[Any]] = {}
    for theme in themes:
        screen.page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", theme)
        screen.page.wait_for_timeout(400)  # colours of cards change over 0.3 s
        found[theme] = grave(screen)
    return {name: each for name, each in (found | {"errors": list(screen.errors)}).items() if each}


@pytest.mark.parametrize("path", [path for path in PAGES if path not in HEAVY])
def test_axe_finds_nothing_serious(open_screen: Open, stage: Stage, axe: str, path: str) -> None:
    assert faults(open_screen, stage, axe, path, ["dark"]) == {}


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES + RARELY)
def test_axe_finds_nothing_serious_in_any_theme(open_screen: Open, stage: Stage, axe: str, path: str) -> None:
    assert faults(open_screen, stage, axe, path, THEMES) == {}


@pytest.mark.parametrize("size", [pytest.param(s, marks=pytest.mark.long if s in RARE else ()) for s in SIZES])
def test_wall_is_whole_at_every_size(open_screen: Open, size: str) -> None:
    screen = live(open_screen, size=SIZES[size])
    assert size == "laptop" or screen.page.evaluate(BEYOND) == [0, 0]
    assert screen.page.evaluate(CUT_OFF) == []
    assert screen.page.evaluate(OVERLAPPING) == []
    assert screen.page.evaluate(LABELS_OVER) == []
    least = 14 if size == "laptop" else least_px(Sight(), SIZES[size][1])
    assert screen.page.evaluate(SMALLEST_TYPE) >= least - 0.1
    assert screen.errors == []


def test_wall_on_a_phone_is_one_column(open_screen: Open) -> None:
    assert live(open_screen, size=(390, 844)).page.evaluate(NARROW) == [0, []]


NARROW_FIELDS = """[...document.querySelectorAll('input:not([type=checkbox], [type=radio], [hidden]), select')]
  .filter((e) => { const box = e.getBoundingClientRect(); return box.height && box.width && box.width < 40; })
  .map((e) => e.id || e.placeholder)"""


@pytest.mark.parametrize("path", [*PAGES[1:], *RARELY[1:], "/kiosks", "/devices"])
def test_page_on_a_phone_is_as_narrow_as_it_and_has_no_errors(open_screen: Open, stage: Stage, path: str) -> None:
    case = stage.services.views.board(EVERYWHERE)[0].no
    address = path.format(grid=stage.services.grids.grids(0)[0].code, case=case)
    stage.room.directory.put_account(Account("admin", Role.ADMIN, "", "管理员"), PASSWORD)
    account = "admin" if path in ("/kiosks", "/devices") else NAME
    screen = open_screen(address, size=(390, 844), account=account)
    screen.until("!document.body.innerText.includes('正在读取')", 15)
    assert screen.page.evaluate(NARROW)[0] <= 0
    assert screen.page.evaluate(NARROW_FIELDS) == []
    assert screen.errors == []


@pytest.mark.long
def test_readers_farther_off_get_larger_type_and_a_whole_wall(open_screen: Open) -> None:
    screen = open_screen("/?distance=7.5")
    screen.until("document.querySelector('#case-board [data-case]')", 15)
    assert screen.page.evaluate(SMALLEST_TYPE) >= 24
    assert screen.page.evaluate(CUT_OFF) == []
    assert screen.page.evaluate(OVERLAPPING) == []


def test_no_words_in_a_field_of_the_smallest_desk_are_cut(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="字段要看得全的案件")
    screen = open_screen("/duty", size=SIZES["laptop"])
    screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
    screen.page.locator("#case-detail .fields").wait_for(timeout=10000)
    screen.page.keyboard.press("n")
    assert screen.page.evaluate(CUT_IN_FIELDS) == []
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("/")
    screen.page.locator("#command-line .usage li").first.wait_for()
    assert screen.page.evaluate(CUT_IN_FIELDS) == []


def test_no_panel_crosses_a_seam(open_screen: Open) -> None:
    screen = open_screen("/?seams=3x1", size=(5760, 1080))
    screen.until("document.querySelector('#case-board [data-case]')", 15)
    assert screen.page.evaluate(CROSSING) == []
    assert screen.page.locator(".screen").count() == 3


def test_theme_is_changed_by_one_key_and_remembered_from_the_first_picture_on(open_screen: Open) -> None:
    screen = live(open_screen)
    theme = "document.documentElement.dataset.theme"
    fills = "[...document.querySelectorAll('.grid-cell')].map((e) => e.getAttribute('fill')).join()"
    before = screen.page.evaluate(fills)
    screen.page.keyboard.press("F8")
    assert screen.page.evaluate(theme) == "light"
    screen.until(f"{fills} !== {before!r}", 5)
    body = screen.page.goto(screen.page.url).text()
    assert 'data-theme="light"' in body[:400], "the first picture would be dark"
