"""Pictures of every page for docs/screens, from the demo's past at one fixed moment: `make screens`.

The clock of the room and of the browser stand still, every choice is seeded, nothing is animated: a second run gives
the same pictures unless the design changed. `python -m tools.screens [FOLDER] [--only TEXT,TEXT]`.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

import demo
from cases.alerts import AlertAction
from cases.model import EVERYWHERE, Account, Actor, AlertLevel, AlertNo, AlertState, Fix, Role
from dashboard.services import DutyPost
from dashboard.theme import PAST, THEMES, Tokens
from feeds.demo.past import past
from feeds.demo.story import Story
from feeds.demo.town import read_town
from geo.landmarks import read_landmarks
from reports.making import ReportMaker
from reports.writer import OfficialPapers
from room import Room
from storage.aggregates import Aggregates
from storage.sources import SqlSources
from storage.views import SqlViews
from tests.conftest import CHROMIUM, FLAGS
from tests.dashboard.harness import NAME, PASSWORD, Stage, running, set_stage

MOMENT = datetime(2026, 11, 20, 6, 32, 6, tzinfo=UTC)  # a Friday, 14:32:06 in the room
NINE, TWO = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (1, 6))  # the past ones that are pictured
WEEKS = 1
CLOCKS_TURN = timedelta(minutes=10)
FOLDER = Path(__file__).parents[1] / "docs" / "screens"

PAGES = {
    "wall": "/",
    "duty": "/duty",
    "board": "/duty?view=board",
    "handover": "/handover",
    "meeting": "/meeting",
    "charts": "/charts?weeks=4",
    "grid": "/grid/{grid}",
    "lasso": "/lasso?shape={shape}",
    "case": "/case/{case}",
    "figure": "/figure/close_median?from=2026-11-01&to=2026-11-20",
    "register": "/figure/register",
    "registers": "/registers",
    "import": "/registers/import",
    "past": "/?at=2026-11-20T09:00%2B08:00",
    "moments": "/moments?left=2026-11-20T09:00%2B08:00&right=2026-11-20T14:00%2B08:00",
    "supervision": "/supervision",
    "assessment": "/assessment?month=2026-11",
    "feeds": "/feeds",
    "devices": "/devices",
    "kiosks": "/kiosks",
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
ONCE = ("kiosk-heat", "kiosk-board", "kiosk-trends")
"""Scenes of the kiosk that are shown at one size: what they hold stands in other pictures at the others."""
ADMINS = ("import", "devices", "kiosks")
WALL_ONLY = {"5760": (5760, 1080, ""), "7680": (7680, 2160, ""), "seams-3x1": (5760, 1080, ""), "phone": (390, 844, "")}

# The map's first view depends on whether its place or its figures came first.
SETTLED = "window.room && room.map && room.map.state.map && room.map.fit()"
LEAST_SEEN = 16
THEME_COOKIE = re.compile("^theme")  # a theme asked for is remembered, and would be the next picture's
CIRCULAR = "/reports/file?kind=monthly&month=2026-11&as=pdf"
STILL = ".case-code img { visibility: hidden }"  # the code of a case is drawn by lot
SCENE = "(name) => room.kiosk.show(name)"
CHARTS_STAND = "!location.hash.endsWith('charts') || document.querySelector('.scene-charts.stands')"
FRESH = "!document.documentElement.hasAttribute('data-stale')"  # a busy machine may be late with a beat
READY = """() => document.readyState === 'complete' && document.body
  && !document.getElementById('first-picture') && !document.body.innerText.includes('正在读取')
  && (!document.querySelector('#react-entry-point') || document.querySelector('.page > *'))
  && (!document.querySelector('#incident-map')
    || new Set([...document.querySelectorAll('.grid-cell')].map((e) => e.getAttribute('fill'))).size > 1)"""


def stage_of(folder: Path) -> Stage:
    """The room of the fixed moment: a week of cases, some alerts, everybody on duty where the seed put them."""
    stage = set_stage(folder)
    room = stage.room
    views = SqlViews(room.engine, lambda: MOMENT)
    stage.services = replace(
        stage.services,
        views=views,
        clock=lambda: MOMENT,
        duty=_posts(room),
        sources=SqlSources(room.engine),
        landmarks=read_landmarks(room.settings.grids),
        reports=ReportMaker(room.registry.figures, views, room.directory, room.grids, room.title, room.registry),
        papers=OfficialPapers(),
    )
    story = Story(read_town(room.settings.grids, room.grids))
    for chunk in demo.chunks(past(MOMENT, story, room.grids, room.calendar, WEEKS)):
        stage.desk.backfill(chunk)
    _turn_clocks(stage)
    Aggregates(room.engine).catch_up()
    _raise_alerts(stage)
    for at in (NINE, TWO, MOMENT):
        room.positions.keep(_fixes(stage, at))
    stage.feed.move(_fixes(stage, MOMENT))
    room.directory.put_account(Account("admin", Role.ADMIN, "", "管理员"), PASSWORD)
    return stage


def _turn_clocks(stage: Stage) -> None:
    """Let the lights of the week turn when it was time, as in a room that ran: pictures of its past show them."""
    at = MOMENT - timedelta(weeks=WEEKS, days=1)
    while at < MOMENT:
        at = min(MOMENT, at + CLOCKS_TURN)
        while stage.desk.turn_clocks(at):
            pass


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


def _fixes(stage: Stage, now: datetime) -> list[Fix]:
    """Everybody on duty, heard of within the last minute or two."""
    chance = Random(7)
    return [replace(fix, at=now - timedelta(seconds=chance.choice([2, 5, 20, 90]))) for fix in stage.walkers()]


def shots(only: str) -> Iterator[tuple[str, str, tuple[int, int, str]]]:
    """(file name, address, view) of every picture wanted."""
    for page, path in PAGES.items():
        views = {"1080": VIEWS["1080"]} if page in ONCE else VIEWS | (WALL_ONLY if page == "wall" else {})
        for view, looks in views.items():
            name = f"{page}-{view}"
            address = f"{path}?seams=3x1" if view.startswith("seams") else path
            if any(each in name for each in only.split(",")):
                yield name, address, looks


def picture(context: Any, address: str, view: tuple[int, int, str]) -> bytes:
    """One page as PNG of few colours."""
    width, height, theme = view
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.clock.set_fixed_time(MOMENT)
    path, _, scene = address.partition("#")
    asked = f"{'&' if '?' in path else '?'}theme={theme}" if theme else ""
    page.goto(f"{path}{asked}{'#' if scene else ''}{scene}", wait_until="domcontentloaded")
    _wait(page, READY)  # only then the page's frames are the ones that stay
    _wait(page, CHARTS_STAND)
    for frame in page.frames[1:]:
        _wait(frame, READY)
    if scene:
        page.evaluate(SCENE, scene)
    if page.locator(".case-code").count():  # elsewhere a page's own policy may let no style in
        page.add_style_tag(content=STILL)
    for frame in page.frames:
        frame.evaluate(SETTLED)
    page.mouse.move(0, 0)
    shot = _at_rest(page)
    shown = page.evaluate("document.documentElement.dataset.theme || 'dark'")
    page.close()
    context.clear_cookies(name=THEME_COOKIE)
    return small(shot, {**THEMES[shown], **PAST[shown]})


def _at_rest(page: Any) -> bytes:
    """The page when it has stopped moving: the first picture that is the same as the one before."""
    before = b""
    for _ in range(30):
        page.wait_for_timeout(1200)
        shot: bytes = page.screenshot(timeout=180_000)
        if shot == before and page.evaluate(FRESH):
            return shot
        before = shot
    print(f"never at rest: {page.url}", file=sys.stderr)
    return before


def _wait(frame: Any, script: str) -> None:
    """Until a script is true; a picture of what is not there is said and made, for somebody to look at."""
    for _ in range(600):
        if frame.evaluate(script):
            return
        time.sleep(0.1)
    print(f"not ready within a minute: {frame.url}", file=sys.stderr)


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


def apart(old: bytes, new: bytes, least: int = LEAST_SEEN) -> int:
    """How many pixels of two pictures differ by more than `least` levels of a colour; all of another size."""
    one, other = (Image.open(io.BytesIO(each)).convert("RGB") for each in (old, new))
    if one.size != other.size:
        return one.width * one.height
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(most.histogram()[least + 1 :])


def circular(context: Any) -> bytes:
    """The first three pages of the monthly report as they are printed, side by side."""
    answer = context.request.get(CIRCULAR)
    while "refresh" in answer.headers:  # it is still being made
        time.sleep(1)
        answer = context.request.get(CIRCULAR)
    pages = [page.render(scale=1.2).to_pil() for page in list(pypdfium2.PdfDocument(answer.body()))[:3]]
    both = Image.new("RGB", (sum(page.width for page in pages), pages[0].height))
    for at, page in enumerate(pages):
        both.paste(page, (at * pages[0].width, 0))
    out = io.BytesIO()
    both.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    """Make the pictures; says of each in how many pixels it differs from the one that was there."""
    ask = argparse.ArgumentParser()
    ask.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    ask.add_argument("--only", default="")
    asked = ask.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    told = [_keep(asked.folder / f"{name}.png", made) for name, made in pictures(asked.only)]
    print(f"{len(told)} pictures, {sum(map(bool, told))} changed")
    return 0


def pictures(only: str) -> Iterator[tuple[str, bytes]]:
    """(name, PNG) of every picture wanted."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as tool:
        stage = stage_of(Path(home))
        first = stage.services.grids.grids(0)[0]
        late = stage.services.views.board(EVERYWHERE)[0].no
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with running(stage):
            duty, admin, nobody = (_context(browser, stage, name) for name in (NAME, "admin", ""))
            for name, address, view in shots(only):
                if name.startswith("kiosk-"):
                    calm(stage)
                asking = address.format(grid=first.code, case=late, shape=_around(first.geometry))
                who = nobody if address == "/login" else admin if name.startswith(ADMINS) else duty
                yield name, picture(who, asking, view)
            if any(each in "report-monthly" for each in only.split(",")):
                yield "report-monthly", circular(duty)
        browser.close()


def _context(browser: Any, stage: Stage, account: str) -> Any:
    """A browser of somebody who is signed in, or of nobody."""
    context = browser.new_context(base_url=stage.url, reduced_motion="reduce")
    if account:
        form, origin = {"name": account, "password": PASSWORD}, {"Origin": stage.url}
        context.request.post("/login", form=form, headers=origin, timeout=120_000)
    return context


def _around(shape: Any) -> str:
    """A square in the middle of an area, as an address of a hand-drawn one has it."""
    lon, lat = shape.representative_point().coords[0]
    corners = [(lon + x * 0.01, lat + y * 0.01) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return ";".join(f"{x:.5f},{y:.5f}" for x, y in corners)


def _keep(file: Path, made: bytes) -> int:
    """Put a picture where it belongs unless it is the one that is there; in how many pixels they differ."""
    new = not file.exists()
    differ = 0 if new else apart(file.read_bytes(), made)
    if new or differ:
        file.write_bytes(made)
    said = "new" if new else f"{differ} pixels changed" if differ else "same"
    print(f"{file.stem:22} {len(made) // 1024:5} KB  {said}", flush=True)
    return int(new) or differ


if __name__ == "__main__":
    sys.exit(main())
