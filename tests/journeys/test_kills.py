"""Any role killed while reports flow: it comes back, and nothing acknowledged is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from tests.journeys.device import Device
from tests.journeys.room import RunningRoom, eventually

ROLES = ("redis", "gateway", "intake", "web")


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, kills: int) -> None:
    room = RunningRoom(tmp_path / "var").wait_until_up()
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    try:
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
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        role = chance.choice(ROLES)
        pid = room.pids().get(role)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(eventually, lambda r=role, p=pid: room.pids().get(r) not in (None, p), 20)
    await asyncio.wait_for(sending, 120)
    return device


def _compare(room: RunningRoom, device: Device, sent: int) -> None:
    kept = dict(room.sql("SELECT id, number FROM receipts WHERE source = 'demo-source'"))
    assert device.refused == []
    assert len(device.acked) == sent
    assert kept == device.acked
    cases = room.sql("SELECT no, count(*) FROM cases WHERE source = 'demo-source' GROUP BY no")
    assert len(cases) == sent and all(count == 1 for _, count in cases)


def test_the_screens_say_which_role_is_down_and_recover(room: RunningRoom) -> None:
    os.kill(room.pids()["intake"], signal.SIGSTOP)  # hangs instead of dying: only silence tells
    said = eventually(lambda: room.health().get("roles", {}).get("intake") not in (None, "ok"), 8)
    assert said
    eventually(lambda: room.health().get("ok"), 30)
