"""The past in a real browser: one moment on every panel, marked as past, and found again by its link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from cases.calendar import LOCAL
from cases.model import Action, CaseNo
from tests.browser.conftest import STANDS, Open, Screen
from tests.browser.test_wall import OVERLAPPING
from tests.dashboard.harness import Stage, running, set_stage

pytestmark = pytest.mark.browser

READ = "(document.getElementById('replay-moment')?.textContent || '正在').includes('年')"
TIMES = "[...document.querySelectorAll('.wall .panel .as-of')].map((e) => e.textContent)"
SHOWN = "document.querySelectorAll('#case-board [data-case]').length"
BACK_THEN = timedelta(hours=3)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room in which one case came four hours ago, accepted two hours later; another came half an hour ago."""
    made, now = set_stage(tmp_path_factory.mktemp("replay")), datetime.now(UTC)
    first = made.report(title="当时在办的案件", at=now - timedelta(hours=4))
    made.advance(first, Action.ACCEPT, at=now - timedelta(hours=2))
    made.report(title="后来才有的案件", at=now - timedelta(minutes=30))
    made.feed.move(made.walkers())
    with running(made):
        yield made


def cases(screen: Screen) -> dict[CaseNo, str]:
    """The board's cases and their stages."""
    found = screen.page.evaluate(
        "[...document.querySelectorAll('#case-board [data-case]')].map((e) => [e.dataset.case, e.dataset.stage])"
    )
    return {CaseNo(number): stage for number, stage in found}


HALF_OVER = """() => {
  const all = '#replay-banner, .situation, .clock-time, .leaflet-container, #alert-list, #case-board, #time-bar';
  const shown = [...document.querySelectorAll('#react-entry-point :is(' + all + ')')];
  const places = shown.filter((e) => e.getBoundingClientRect().height && !e.matches('.leaflet-container'));
  const hit = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const over = places.flatMap((a, at) => places.slice(at + 1)
    .filter((b) => !a.contains(b) && !b.contains(a) && hit(a.getBoundingClientRect(), b.getBoundingClientRect()))
    .map((b) => (a.id || a.className) + ' over ' + (b.id || b.className)));
  const isOut = (box) => box.right > innerWidth + 1 || box.left < -1;
  const out = shown.filter((e) => isOut(e.getBoundingClientRect()));
  return over.concat(out.map((e) => (e.id || e.className) + ' outside'));
}"""
"""What covers another, or stands outside, on half of a small screen."""


def moment(open_screen: Open, at: datetime) -> Screen:
    """The wall of a moment, read."""
    screen = open_screen(f"/?at={quote(at.isoformat(timespec='seconds'))}")
    screen.until(READ, 15)
    screen.until(f"{SHOWN} > 0", 15)
    return screen


def test_a_moment_is_picked_on_the_bar_and_every_panel_is_of_it(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/")
    screen.until(f"{SHOWN} === 2", 15)
    track = screen.page.locator(".time-track").bounding_box()
    assert track is not None
    screen.page.mouse.click(track["x"] + track["width"] * (1 - BACK_THEN / timedelta(hours=24)), track["y"] + 10)
    screen.page.wait_for_url("**/?at=*")
    screen.until(READ, 15)
    screen.until(STANDS, 15)
    screen.until(f"{SHOWN} === 1", 15)
    assert list(cases(screen).values()) == ["reported"], "it was accepted only later"
    clock = screen.page.inner_text(".clock-time")
    assert clock in screen.page.inner_text("#replay-moment")
    times = [each for each in screen.page.evaluate(TIMES) if each]
    assert times
    assert set(times) == {clock}, "a panel shows another moment"
    assert "历史画面" in screen.page.inner_text("#replay-banner")
    assert screen.page.locator(".wall-sound").is_hidden()
    assert screen.page.evaluate(OVERLAPPING) == []
    screen.page.set_viewport_size({"width": 1366, "height": 768})
    assert screen.page.evaluate(OVERLAPPING) == []
    screen.page.set_viewport_size({"width": 1920, "height": 1080})
    a_colleague_sees_the_same(open_screen, screen)
    assert screen.errors == []


def a_colleague_sees_the_same(open_screen: Open, screen: Screen) -> None:
    """By the address alone."""
    path = "/" + "?" + screen.page.url.partition("/?")[2]
    other = open_screen(path, account="colleague")
    other.until(READ, 15)
    other.until(f"{SHOWN} > 0", 15)
    assert other.page.inner_text("#replay-moment") == screen.page.inner_text("#replay-moment")
    assert cases(other) == cases(screen)


@pytest.mark.long
def test_playing_goes_on_until_what_came_later_is_there(open_screen: Open) -> None:
    screen = moment(open_screen, datetime.now(UTC) - timedelta(minutes=36))
    assert len(cases(screen)) == 1
    screen.page.click('[data-replay="speed"][data-value="600"]')
    screen.page.keyboard.press(" ")
    screen.until(f"{SHOWN} === 2", 10)
    screen.page.keyboard.press(" ")
    screen.until("!room.replay.isPlaying()")
    screen.page.wait_for_timeout(1500)  # the moment that was already asked for still comes
    stands = screen.page.inner_text("#replay-moment")
    screen.page.wait_for_timeout(700)
    assert screen.page.inner_text("#replay-moment") == stands, "it stopped"
    assert screen.errors == []


def test_two_moments_stand_side_by_side_each_with_its_own_cases(open_screen: Open) -> None:
    before, after = (
        (datetime.now(LOCAL) - each).isoformat(timespec="seconds") for each in (BACK_THEN, timedelta(minutes=5))
    )
    screen = open_screen(f"/moments?left={quote(before)}&right={quote(after)}")
    sides = [screen.page.frame_locator("iframe").nth(at) for at in (0, 1)]
    for side, count in zip(sides, (1, 2), strict=True):
        board = side.locator("#react-entry-point #case-board [data-case]")
        board.nth(count - 1).wait_for(timeout=20000)
        assert board.count() == count
        assert "历史画面" in side.locator("#react-entry-point #replay-banner").inner_text()
    left, right = (side.locator("#react-entry-point #replay-moment").inner_text() for side in sides)
    assert left != right
    screen.page.set_viewport_size({"width": 1366, "height": 768})
    for frame in screen.page.frames[1:]:
        assert frame.evaluate(HALF_OVER) == []
    assert screen.errors == []
