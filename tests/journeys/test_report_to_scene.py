"""The loop by keyboard alone: a report is opened, accepted and dispatched; the worker's device has it and arrives."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from geo.grids import GridBook
from tests.journeys.room import ROOT, RunningRoom

pytestmark = pytest.mark.browser

PASSWORD = "a long enough password"
MOST_KEYS, MOST_S = 8, 30.0


@pytest.fixture(scope="module")
def quiet_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    """A room without the demo: nobody acts but this test."""
    running = RunningRoom(tmp_path_factory.mktemp("quiet") / "var", DEMO="0").wait_until_up()
    yield running
    assert running.stop() == 0, running.said()
    assert "Traceback" not in running.said(), running.said()


def administered(room: RunningRoom, *command: str, said: str = "") -> str:
    """An administrator's command; what it printed."""
    done = subprocess.run(
        [sys.executable, "app.py", *command],
        cwd=ROOT,
        env=room.environment,
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def key_of(room: RunningRoom, name: str, source: str, worker: str) -> str:
    """The key of a new device."""
    printed = administered(room, "device", "add", name, "--source", source, "--worker", worker)
    return next(word for word in printed.split() if word.startswith(f"{name}."))


@pytest.fixture
def desk(quiet_room: RunningRoom, chromium: Any) -> Iterator[Any]:
    """The duty desk, signed in."""
    administered(quiet_room, "account", "add", "zhou", "--role", "duty", "--display", "周某", said=PASSWORD + "\n")
    page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{quiet_room.url}/duty")
    page.fill("[name=name]", "zhou")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    page.goto(f"{quiet_room.url}/duty")
    page.wait_for_selector("#inbox h3", timeout=30_000)
    yield page
    page.context.close()


class Phone:
    """One worker's device on a real socket; what it is told is kept."""

    def __init__(self, room: RunningRoom, worker: str) -> None:
        self.worker = worker
        self._gateway = f"ws://127.0.0.1:{room.gateway_port}/v1/feed"
        self._device = f"phone-{worker}"
        self._key = key_of(room, self._device, "grid_worker", worker)

    async def serve(self, lon: float, lat: float, seconds: float) -> dict[str, Any]:
        """Say where one is until a task comes; acknowledge it, arrive; the task."""
        async with asyncio.timeout(seconds), connect(self._gateway, compression=None, proxy=None) as link:
            await link.send(json.dumps({"type": "hello", "device": self._device, "key": self._key, "client": "test/1"}))
            await self._until(link, "welcome")
            spot = {"type": "position", "worker": self.worker, "lon": lon, "lat": lat, "crs": "wgs84"}
            await link.send(json.dumps({**spot, "at": _now(), "accuracy_m": 8}))
            task = await self._until(link, "task")
            await link.send(json.dumps({"type": "task_ack", "id": task["id"]}))
            status = {"type": "status", "id": "s1", "worker": self.worker, "status": "on_scene", "at": _now()}
            await link.send(json.dumps({**status, "case": task["case"]}))
            ack = await self._until(link, "ack")
            assert ack["ok"], ack
            return task

    async def _until(self, link: Any, kind: str) -> dict[str, Any]:
        while True:
            said: dict[str, Any] = json.loads(await link.recv())
            assert said["type"] != "error", said
            if said["type"] == kind:
                return said


def _now() -> str:
    return datetime.now(UTC).isoformat()


def nearby() -> tuple[float, float, str]:
    """A place inside the first innermost grid (WGS-84), and the id of its own worker."""
    folder = ROOT / "geo" / "towns" / "demo"
    workers = json.loads((folder / "workers.json").read_text("utf-8"))
    book = GridBook.load(Path(folder))
    grid = book.grid(workers[0]["grid"])
    point = grid.geometry.representative_point()
    return point.x, point.y, str(workers[0]["id"])


def test_from_the_report_to_the_scene_by_keyboard(quiet_room: RunningRoom, desk: Any) -> None:
    lon, lat, worker = nearby()
    phone = Phone(quiet_room, worker)
    source = key_of(quiet_room, "line", "hotline", "*")
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(asyncio.run, phone.serve(lon, lat, 60))
        place = ["--lon", f"{lon:.6f}", "--lat", f"{lat:.6f}", "--crs", "wgs84"]
        device = ["--device", "line", "--key", source]
        sent = quiet_room.run(
            "-m", "feeds", "send", "--title", "楼上噪声", "--category", "dispute.neighbour", *place, *device
        )
        assert sent.returncode == 0, sent.stderr
        number = json.loads(sent.stdout.splitlines()[-1])["case"]
        desk.wait_for_selector(f'#inbox [data-case="{number}"]', timeout=5_000)
        began, keys = time.monotonic(), 0
        for key, then in (
            ("j", "#case-detail h2"),
            ("s", f'#case-detail [data-pick="1"][id*="{worker}"]'),
            ("1", '#case-detail dd:has-text("分类派遣")'),
        ):
            desk.keyboard.press(key)
            keys += 1
            desk.wait_for_selector(then, timeout=10_000)
        took = time.monotonic() - began
        assert keys <= MOST_KEYS
        assert took <= MOST_S
        task = serving.result(20)
    assert task["case"] == number
    desk.wait_for_selector('#case-detail .story b:has-text("到场")', timeout=5_000)
    print(f"{keys} keys, {took:.1f} s")
