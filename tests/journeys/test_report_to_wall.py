"""From a report to the wall: acknowledged with its number, on an open screen within two seconds, without a reload."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from geo.crs import from_wgs84
from geo.grids import GridBook
from tests.journeys.room import ROOT, RunningRoom

pytestmark = pytest.mark.browser


@pytest.fixture
def wall(room: RunningRoom, chromium: Any) -> Iterator[Any]:
    """The wall of a signed-in duty officer, open and live."""
    duty = room.account("duty")
    page = chromium.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(room.url)
    page.fill("[name=name]", duty["name"])
    page.fill("[name=password]", duty["password"])
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-case]", state="attached", timeout=30_000)
    yield page
    page.context.close()


def inside() -> tuple[float, float, tuple[str, ...]]:
    """A place well inside one innermost grid (GCJ-02), and the grids that hold it."""
    book = GridBook.load(ROOT / "geo" / "towns" / "demo")
    leaf = book.grids(len(book.levels()) - 1)[0]
    point = leaf.geometry.representative_point()
    return *from_wgs84(point.x, point.y, "gcj02"), book.ancestors(leaf.code)


def test_a_report_sent_by_command_is_on_the_open_wall_in_two_seconds(room: RunningRoom, wall: Any) -> None:
    lon, lat, grids = inside()
    command = ["-m", "feeds", "send", "--title", "楼上噪声", "--category", "dispute.neighbour"]
    sent = room.run(*command, "--lon", f"{lon:.6f}", "--lat", f"{lat:.6f}", "--crs", "gcj02")
    acked_at = time.monotonic()
    assert sent.returncode == 0, sent.stderr
    ack = json.loads(sent.stdout.splitlines()[-1])
    assert tuple(ack["grids"]) == grids
    wall.wait_for_selector(f'[data-case="{ack["case"]}"]', state="attached", timeout=2_000)
    assert time.monotonic() - acked_at <= 2.0
    assert room.sql("SELECT count(*) FROM cases WHERE title = '楼上噪声'") == [(1,)]
