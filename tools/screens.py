"""Pictures of every page for docs/screens, from the demo's past at one fixed moment: `make screens`.

The clock of the room and of the browser stand still, every choice is seeded, nothing is animated: a second run gives
the same pictures unless the design changed. `python -m tools.screens [FOLDER] [--only TEXT]`.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

import demo
from cases.alerts import AlertAction
from cases.model import EVERYWHERE, Actor, AlertLevel, AlertNo, AlertState, Fix, Role
from dashboard.services import DutyPost
from dashboard.theme import THEMES, Tokens
from feeds.demo.past import past
from feeds.demo.story import Story
from feeds.demo.town import read_town
from room import Room
from storage.aggregates import Aggregates
from storage.views import SqlViews
from tests.conftest import CHROMIUM, FLAGS
from tests.dashboard.harness import Stage, cookies_file, running, set_stage

MOMENT = datetime(2026, 11, 20, 6, 32, 6, tzinfo=UTC)  # a Friday, 14:32:06 in the room
WEEKS = 1
FOLDER = Path(__file__).parents[1] / "docs" / "screens"

PAGES = {
    "wall": "/",
    "duty": "/duty",
    "board": "/duty?view=board",
    "handover": "/handover",
    "meeting": "/meeting",
    "charts": "/charts?weeks=4",
    "grid": "/grid/{grid}",
    "case": "/case/{case}",
    "figure": "/figure/close_median?from=2026-11-01&to=2026-11-20",
    "register": "/figure/register",
    "registers": "/registers",
    "past": "/?at=2026-11-20T09:00%2B08:00",
    "moments": "/moments?left=2026-11-20T09:00%2B08:00&right=2026-11-20T14:00%2B08:00",
    "supervision": "/supervision",
    "assessment": "/assessment",
    "feeds": "/feeds",
    "reports": "/reports",
    "login": "/login",
    "kiosk-overview": "/wall#overview",
    "kiosk-heat": "/wall#heat",
    "kiosk-board": "/wall#board",
    "kiosk-trends": "/wall#trends",
    "kiosk-charts": "/wall#charts",
    "kiosk-standby": "/wall#standby",
}
VIEWS = {  # name → size in pixels, theme ("" is the page's own)
    "1080": (1920, 1080, ""),
    "4k": (3840, 2160, ""),
    "ultrawide": (3840, 1080, ""),
    "light": (1920, 1080, "light"),
    "contrast": (1920, 1080, "contrast"),
}
FEW = {
    "past": ("1080", "ultrawide", "light"),
    "moments": ("1080", "ultrawide"),
    "kiosk-charts": ("1080", "4k", "light"),
}
"""Views of pages that are the wall again, or one of its scenes; a kiosk's other scenes are shown once."""
WALL_ONLY = {"5760": (5760, 1080, ""), "7680": (7680, 2160, ""), "seams-3x1": (5760, 1080, ""), "phone": (390, 844, "")}

# The map's first view depends on whether its place or its figures came first.
SETTLED = "window.room && room.map && room.map.state.map && room.map.fit()"
LEAST_SEEN = 16
STILL = ".case-code img { visibility: hidden }"  # the code of a case is drawn by lot
SCENE = "(name) => room.kiosk.show(name)"
CHARTS_STAND = "!location.hash.endsWith('charts') || document.querySelector('.scene-charts.stands')"
READY = """() => !document.getElementById('first-picture') && !document.body.innerText.includes('正在读取')
  && (!document.querySelector('#incident-map')
    || new Set([...document.querySelectorAll('.grid-cell')].map((e) => e.getAttribute('fill'))).size > 1)"""


def stage_of(folder: Path) -> Stage:
    """The room of the fixed moment: a week of cases, some alerts, everybody on duty where the seed put them."""
    stage = set_stage(folder)
    room = stage.room
    views = SqlViews(room.engine, lambda: MOMENT)
    stage.services = replace(stage.services, views=views, clock=lambda: MOMENT, duty=_posts(room))
    story = Story(read_town(room.settings.grids, room.grids))
    for chunk in demo.chunks(past(MOMENT, story, room.grids, room.calendar, WEEKS)):
        stage.desk.backfill(chunk)
    while stage.desk.turn_clocks(MOMENT):
        pass
    Aggregates(room.engine).catch_up()
    _raise_alerts(stage)
    stage.feed.move(list(_fixes(stage)))
    return stage


def _posts(room: Room) -> Callable[[], list[DutyPost]]:
    return lambda: [DutyPost(*row) for row in room.duty(MOMENT)]


def _raise_alerts(stage: Stage) -> None:
    told = (
        (AlertLevel.RED, "持刀滋事", timedelta(seconds=102)),
        (AlertLevel.ORANGE, "烟感", timedelta(minutes=7)),
        (AlertLevel.YELLOW, "暴雨黄色预警", timedelta(hours=6)),
    )
    for at, (level, kind, ago) in enumerate(told):
        number = stage.alert(level, kind, MOMENT - ago)
        if at:
            actor = Actor("duty", Role.DUTY, "李某")
            stage.desk.act_on_alert(AlertNo(number), AlertAction.ACKNOWLEDGE, {}, actor, EVERYWHERE, MOMENT - ago / 2)


def _fixes(stage: Stage) -> Iterator[Fix]:
    chance = Random(7)
    for fix in stage.walkers():
        yield replace(fix, at=MOMENT - timedelta(seconds=chance.choice([2, 5, 20, 90])))


def shots(only: str) -> Iterator[tuple[str, str, tuple[int, int, str]]]:
    """(file name, address, view) of every picture wanted."""
    for page, path in PAGES.items():
        wanted = FEW.get(page, ("1080",) if page.startswith("kiosk") else VIEWS)
        views = {view: VIEWS[view] for view in wanted} | (WALL_ONLY if page == "wall" else {})
        for view, looks in views.items():
            name = f"{page}-{view}"
            address = f"{path}?seams=3x1" if view.startswith("seams") else path
            if only in name:
                yield name, address, looks


def picture(browser: Any, stage: Stage, state: Path, address: str, view: tuple[int, int, str]) -> bytes:
    """One page as PNG of few colours."""
    width, height, theme = view
    signed_in = {"storage_state": str(state)} if address != "/login" else {}
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **signed_in)
    page = context.new_page()
    page.clock.set_fixed_time(MOMENT)
    path, _, scene = address.partition("#")
    asked = f"{'&' if '?' in path else '?'}theme={theme}" if theme else ""
    page.goto(f"{stage.url}{path}{asked}{'#' if scene else ''}{scene}", wait_until="domcontentloaded")
    for script in (READY, CHARTS_STAND):
        _wait(page, script)
    if scene:
        page.evaluate(SCENE, scene)
    if page.locator(".case-code").count():  # elsewhere a page's own policy may let no style in
        page.add_style_tag(content=STILL)
    page.evaluate(SETTLED)
    page.mouse.move(0, 0)
    page.wait_for_timeout(2500)
    shot = page.screenshot(timeout=180_000)
    shown = page.evaluate("document.documentElement.dataset.theme || 'dark'")
    context.close()
    return small(shot, THEMES[shown])


def _wait(page: Any, script: str) -> None:
    """Until a script is true, half a minute at most: a picture of what is not there is one to look at too."""
    for _ in range(300):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)


def calm(stage: Stage) -> None:
    """Answer what still calls: scenes only take turns while nothing does."""
    for alert in stage.services.views.alerts(EVERYWHERE):
        if alert.state is AlertState.NEW:
            actor = Actor("duty", Role.DUTY, "李某")
            stage.desk.act_on_alert(alert.no, AlertAction.ACKNOWLEDGE, {}, actor, EVERYWHERE, MOMENT)


def small(shot: bytes, tokens: Tokens) -> bytes:
    """The same picture with a palette that keeps every colour of the theme as it is."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    common = (image.quantize(160).getpalette() or [])[:480]
    exact = [int(value[at : at + 2], 16) for value in tokens.values() for at in (1, 3, 5)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(exact + common)
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def alike(old: bytes, new: bytes) -> bool:
    """Whether nobody can tell two pictures apart: no pixel differs by more than `LEAST_SEEN` levels of a colour."""
    one, other = (Image.open(io.BytesIO(each)).convert("RGB") for each in (old, new))
    if one.size != other.size:
        return False
    return max(high for _, high in ImageChops.difference(one, other).getextrema()) <= LEAST_SEEN


def main() -> int:
    """Make the pictures; says which differ from those that were there."""
    ask = argparse.ArgumentParser()
    ask.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    ask.add_argument("--only", default="")
    asked = ask.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as tool:
        stage = stage_of(Path(home))
        first = stage.services.grids.grids(0)[0].code
        late = stage.services.views.board(EVERYWHERE)[0].no
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with running(stage):
            state = cookies_file(stage.url, Path(home) / "state.json")
            for name, address, view in shots(asked.only):
                if name.startswith("kiosk"):
                    calm(stage)
                made = picture(browser, stage, state, address.format(grid=first, case=late), view)
                file = asked.folder / f"{name}.png"
                same = file.exists() and alike(file.read_bytes(), made)
                if not same:
                    file.write_bytes(made)
                print(f"{name:22} {len(made) // 1024:5} KB  {'same' if same else 'changed'}", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
