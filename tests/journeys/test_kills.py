"""Any role killed or hung while reports flow: it comes back, and nothing acknowledged is lost, doubled or not found.

`make faults` is this with 20 faults and the other tests that break a part; `make faults-long` with 100.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from pathlib import Path

import pytest

from cases.model import EVERYWHERE
from cases.ports import CaseFilter
from storage.engine import open_engine
from storage.views import SqlViews
from supervisor import START_S
from tests.journeys.device import Device
from tests.journeys.room import RunningRoom, eventually

ROLES = ("redis", "gateway", "intake", "web")
HANGS = 0.15  # of the faults of a long run: the process stays and says nothing, until the supervisor ends it


@pytest.mark.parametrize("kills", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (20, 100))])
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, kills: int) -> None:
    room = RunningRoom(tmp_path / "var")
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    try:
        room.wait_until_up(120)
        sent = kills * 120
        device = asyncio.run(_report_under_fire(room, random.Random(seed), sent, kills))
        _compare(room, device, sent)
        eventually(lambda: room.health().get("ok"), 20)
    finally:
        room.stop()
    assert "Traceback" not in room.said(), room.said()[-4000:]


async def _report_under_fire(room: RunningRoom, chance: random.Random, reports: int, kills: int) -> Device:
    key = room.device("demo-source")
    device = Device(room.demo()["gateway"], key["device"], key["key"], f"k{kills}")
    sending = asyncio.create_task(device.run(reports, 40))
    for number in range(1, kills + 1):
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        await asyncio.to_thread(_break_one, room, chance, number, kills)
    await asyncio.wait_for(sending, 120)
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


def _compare(room: RunningRoom, device: Device, sent: int) -> None:
    kept = dict(room.sql("SELECT id, number FROM receipts WHERE source = 'demo-source'"))
    assert device.refused == []
    assert len(device.acked) == sent
    assert kept == device.acked
    cases = room.sql("SELECT no, count(*) FROM cases WHERE source = 'demo-source' GROUP BY no")
    assert len(cases) == sent and all(count == 1 for _, count in cases)
    assert sorted(_found(room, "青芝路 1 号")) == sorted(no for no, _ in cases)


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
