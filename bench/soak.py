"""Soak of a whole room: normal load with a fault every minute; what its processes hold must not grow.

`python -m bench soak --minutes N --json`. A demo room, one source device that reports at a steady pace and keeps its
own list of acknowledgements, screens that read and throw away. Every minute one role is killed, or hangs, or Redis is
wiped. Every ten seconds each process is asked what it holds: memory (RSS), descriptors, threads, and its asyncio tasks
where it tells them. A killed role begins anew; supervisor and feed are never touched. Slopes are least squares over the
second half. At the end the device's list is compared with the record.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import random
import signal
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import redis
import websockets

import redis_server
from bench.intake import machine
from bench.live_wire import TOPICS
from tests.journeys.device import Device
from tests.journeys.room import RunningRoom, eventually

EVERY_S, FAULT_EVERY_S, SETTLE_S = 10.0, 60.0, 20.0
FAULTS = ("kill gateway", "kill intake", "kill web", "kill redis", "hang gateway", "hang intake", "wipe redis")
TOKEN = "only for this bench, but long enough"
Sample = dict[str, dict[str, float]]


def holds(pid: int) -> dict[str, float]:
    """What a process holds now, as the kernel counts it."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    mb = int(status["VmRSS"].split()[0]) / 1024
    return {"rss_mb": mb, "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": float(status["Threads"])}


def sample(room: RunningRoom) -> Sample:
    """Every process of the room by role; one that is just being replaced is left out."""
    found: Sample = {}
    for role, pid in {"supervisor": room.process.pid, **room.pids()}.items():
        with contextlib.suppress(OSError, KeyError):
            found[role] = holds(pid)
    for role, tasks in told_tasks(room).items():
        if role in found:
            found[role]["tasks"] = tasks
    return found


def told_tasks(room: RunningRoom) -> dict[str, float]:
    """The asyncio tasks that roles tell of themselves on /metrics."""
    ask = urllib.request.Request(f"{room.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with contextlib.suppress(OSError), urllib.request.urlopen(ask, timeout=2) as answer:
        rows = [line for line in answer.read().decode().splitlines() if line.startswith("room_tasks{")]
        return {row.split('"')[1]: float(row.split()[-1]) for row in rows}
    return {}


def strike(room: RunningRoom, fault: str) -> None:
    """One fault; the supervisor replaces what was killed or hangs."""
    what, role = fault.split()
    if what == "wipe":
        with redis.Redis.from_url(redis_server.url(room.data_dir)) as client:
            client.delete(*client.scan_iter())  # FLUSHALL is nobody's in a room
        return
    os.kill(room.pids()[role], signal.SIGKILL if what == "kill" else signal.SIGSTOP)


async def look(room: RunningRoom, cookie: str) -> None:
    """One screen, for ever: reads and throws away, and comes back when its link ends."""
    headers = {"Cookie": cookie}
    while True:
        with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
            url = f"ws://127.0.0.1:{room.port}/live"
            origin: Any = room.url
            async with websockets.connect(url, additional_headers=headers, origin=origin, max_size=None) as link:
                await link.send(json.dumps({"type": "watch", "topics": TOPICS, "scope": "", "positions": "binary"}))
                async for _ in link:
                    pass
        await asyncio.sleep(random.uniform(0.5, 2.0))


def sign_in(room: RunningRoom) -> str:
    """The cookie of the duty officer."""
    duty = room.account("duty")
    link = http.client.HTTPConnection("127.0.0.1", room.port, timeout=10)
    headers = {"Origin": room.url, "Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST", "/login", urlencode({"name": duty["name"], "password": duty["password"]}), headers)
    return "; ".join(each.split(";")[0] for each in link.getresponse().headers.get_all("Set-Cookie") or [])


async def soak(room: RunningRoom, minutes: float, per_s: float, screens: int, *, quiet: bool) -> dict[str, Any]:
    """Load, faults and samples for so long; then the comparison with the record."""
    key = room.device("demo-source")
    device = Device(room.demo()["gateway"], key["device"], key["key"], "soak")
    reports = int(minutes * 60 * per_s)
    sending = asyncio.create_task(device.run(reports, per_s))
    cookie = await asyncio.to_thread(sign_in, room)
    looking = [asyncio.create_task(look(room, cookie)) for _ in range(screens)]
    await asyncio.sleep(SETTLE_S)
    begun, samples, struck = time.monotonic(), [], []
    while (now := time.monotonic() - begun) < minutes * 60:
        if now >= (len(struck) + 1) * FAULT_EVERY_S:
            struck.append(FAULTS[len(struck) % len(FAULTS)])
            await asyncio.to_thread(strike, room, struck[-1])
        samples.append((now, await asyncio.to_thread(sample, room)))
        if not quiet:
            print(f"{now:6.0f} s, {len(device.acked)} acknowledged, {struck[-1:]}", samples[-1][1], flush=True)
        await asyncio.sleep(max(0.0, begun + len(samples) * EVERY_S - time.monotonic()))
    await asyncio.wait_for(sending, 120 + reports / per_s)
    for each in looking:
        each.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    return {"faults": struck, "holds": told(samples), **compared(room, device, reports)}


def told(samples: Sequence[tuple[float, Sample]]) -> dict[str, dict[str, dict[str, float]]]:
    """By role and figure: the median of the first and of the last fifth, the most, and the slope of the second half."""
    series: defaultdict[str, defaultdict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for at, roles in samples:
        for role, figures in roles.items():
            for name, value in figures.items():
                series[role][name].append((at, value))
    return {role: {name: grown(points) for name, points in found.items()} for role, found in series.items()}


def grown(points: Sequence[tuple[float, float]]) -> dict[str, float]:
    """How one figure went."""
    values, fifth, half = [value for _, value in points], max(1, len(points) // 5), points[len(points) // 2 :]
    slope = float(np.polyfit([at / 3600 for at, _ in half], [v for _, v in half], 1)[0]) if len(half) > 2 else 0.0
    first, last = float(np.median(values[:fifth])), float(np.median(values[-fifth:]))
    spread = {"first": first, "last": last, "most": max(values), "an_hour": slope}
    return {name: round(value, 1) for name, value in spread.items()}


def compared(room: RunningRoom, device: Device, reports: int) -> dict[str, int]:
    """The device's own list of acknowledgements beside the record."""
    kept = dict(room.sql("SELECT id, number FROM receipts WHERE id LIKE 'soak-%'"))
    cases = room.sql("SELECT count(*) FROM cases WHERE source = 'demo-source' AND title LIKE '第 % 件'")
    lost = sum(kept.get(id_) != number for id_, number in device.acked.items())
    return {
        "sent": reports,
        "acknowledged": len(device.acked),
        "refused": len(device.refused),
        "lost": lost,
        "doubled": int(cases[0][0]) - len(kept),
    }


def main(argv: Sequence[str]) -> int:
    """Soak, and print one JSON object on the last line; status 1 when something was lost or doubled."""
    ask = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    ask.add_argument("--minutes", type=float, default=20.0)
    ask.add_argument("--per-s", type=float, default=10.0, help="reports a second of the device")
    ask.add_argument("--screens", type=int, default=20)
    ask.add_argument("--json", action="store_true", help="only the last line")
    asked = ask.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        room = RunningRoom(Path(folder) / "var", METRICS_TOKEN=TOKEN).wait_until_up()
        try:
            found = asyncio.run(soak(room, asked.minutes, asked.per_s, asked.screens, quiet=asked.json))
            eventually(lambda: room.health().get("ok"), 60)
        finally:
            room.stop()
        tracebacks = room.said().count("Traceback")
    print(json.dumps({"bench": "soak", "minutes": asked.minutes, **found, "tracebacks": tracebacks, **machine()}))
    return int(bool(found["lost"] or found["doubled"] or tracebacks))
