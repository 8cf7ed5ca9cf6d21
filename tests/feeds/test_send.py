"""`python -m feeds send`, as a person runs it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feeds.parts import ROOT, Room, serving
from tests.feeds.town import KEYS

HERE = ["--lon", "120.02", "--lat", "30.05", "--crs", "wgs84"]
WHAT = ["--title", "楼上噪声", "--category", "dispute.neighbour"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    room.redis.start()
    yield room
    room.close()


def run_send(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(folder), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "feeds", "send", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_report_is_sent_and_its_case_printed_a_refusal_said(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url:
            devices = [
                {"device": "w-1", "key": KEYS["w-1"], "source": "grid_worker", "worker": "W-0001"},
                {"device": "src-1", "key": KEYS["src-1"], "source": "hotline", "worker": "*"},
            ]
            (room.folder / "demo.json").write_text(json.dumps({"gateway": url, "devices": devices}), "utf-8")
            done = await asyncio.to_thread(run_send, *WHAT, *HERE, folder=room.folder)
            ack = json.loads(done.stdout)
            assert (done.returncode, ack["grids"]) == (0, ["A", "A1"])
            assert ack["case"]
            refused = await asyncio.to_thread(
                run_send, *WHAT, "--lon", "0", "--lat", "0", "--crs", "wgs84", folder=room.folder
            )
            assert refused.returncode == 1
            assert "定位未获取" in refused.stderr
            wrong = ["--device", "src-1", "--key", "src-1.wrong", "--gateway", url]
            refused = await asyncio.to_thread(run_send, *WHAT, *HERE, *wrong, folder=room.folder)
            assert (refused.returncode, "设备或密钥不正确" in refused.stderr) == (1, True)

    asyncio.run(story())


def test_without_a_room_it_says_what_to_do(tmp_path: Path) -> None:
    done = run_send(*WHAT, *HERE, folder=tmp_path)
    assert done.returncode == 1
    assert "make run" in done.stderr
    assert "Traceback" not in done.stderr
    nobody = ["--device", "d", "--key", "d.k", "--gateway", "ws://127.0.0.1:9"]
    done = run_send(*WHAT, *HERE, *nobody, folder=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
