"""The demo room: a report is on the open wall in two seconds; a role killed or hung comes back and nothing is lost.

`make faults` is this with 20 faults and the other tests that break a part; `make faults-long` with 100.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cases.model import EVERYWHERE
from cases.ports import CaseFilter
from geo.crs import from_wgs84
from geo.grids import GridBook
from storage.engine import open_engine
from storage.views import SqlViews
from supervisor import START_S
from tests.journeys.device import Device
from tests.journeys.room import ROOT, RunningRoom, eventually

ROLES = ("redis", "gateway", "intake", "web")
RATE = 40  # reports a second of the device under fire
HANGS = 0.15  # of the faults of a long run: the process stays and says nothing, until the supervisor ends it


@pytest.mark.parametrize("kills", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (20, 100))])
def test_nothing_acknowledged_is_lost_or_doubled(room: RunningRoom, kills: int) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    sent, before = kills * 120, set(_fired(room))
    device = asyncio.run(_report_under_fire(room, random.Random(seed), sent, kills))
    _compare(room, device, sent, before)
    eventually(lambda: room.health().get("ok"), 20)


async def _report_under_fire(room: RunningRoom, chance: random.Random, reports: int, kills: int) -> Device:
    key = room.device("demo-source")
    device = Device(room.demo()["gateway"], key["device"], key["key"], f"k{kills}")
    sending = asyncio.create_task(device.run(reports, RATE))
    for number in range(1, kills + 1):
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        await asyncio.to_thread(_break_one, room, chance, number, kills)
    await asyncio.wait_for(sending, 120 + reports / RATE)  # all of them may still have to be sent
    return device


def _break_one(room: RunningRoom, chance: random.Random, number: int, of_all: int) -> None:
    """Kill a role, or in a long run let one hang, and wait until it is another process."""
    hangs = of_all > 3 and chance.random() < HANGS
    role = chance.choice(ROLES[1:] if hangs else ROLES)  # Redis sends no signs of life: a role that hangs on it does
    before = room.pids().get(role)
    if before is None:
        return
    began = time.monotonic()
    os.kill(before, signal.SIGSTOP if hangs else signal.SIGKILL)
    eventually(lambda: room.pids().get(role) not in (None, before), START_S + 20)  # it may have hung as it started
    print(f"{number}/{of_all} {role} {'hung' if hangs else 'killed'}, anew after {time.monotonic() - began:.1f} s")


def _fired(room: RunningRoom) -> list[str]:
    """The cases of the device under fire: no other report of its source has such a title."""
    return [no for (no,) in room.sql("SELECT no FROM cases WHERE source = 'demo-source' AND title LIKE '第 % 件'")]


def _compare(room: RunningRoom, device: Device, sent: int, before: set[str]) -> None:
    receipts = room.sql("SELECT id, number FROM receipts WHERE source = 'demo-source'")
    kept = {id: number for id, number in receipts if id in device.acked}
    assert device.refused == []
    assert len(device.acked) == sent
    assert kept == device.acked
    numbers = sorted(set(_fired(room)) - before)
    assert numbers == sorted(device.acked.values())
    assert sorted(set(_found(room, "青芝路 1 号")) - before) == numbers


def _found(room: RunningRoom, words: str) -> list[str]:
    """The cases of our device that a search shows, indexed and not yet indexed ones."""
    engine = open_engine(f"sqlite:///{room.data_dir / 'demo.sqlite'}")
    try:
        page = SqlViews(engine).cases(EVERYWHERE, CaseFilter(text=words), size=1_000_000)
        return [case.no for case in page.items if case.source == "demo-source"]
    finally:
        engine.close()


def test_the_screens_say_which_role_is_down_and_recover(room: RunningRoom) -> None:
    os.kill(room.pids()["intake"], signal.SIGSTOP)  # hangs instead of dying: only silence tells
    said = eventually(lambda: room.health().get("roles", {}).get("intake") not in (None, "ok"), 8)
    assert said
    eventually(lambda: room.health().get("ok"), 30)


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


@pytest.mark.browser
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
