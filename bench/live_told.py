"""From the ack of a report to its incident on every screen: many live links, reports over HTTP, one clock."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from statistics import quantiles

import websockets

from bench.live_crowd import EAST, NORTH, SOUTH, WEST
from bench.live_server import DEVICE_KEY
from bench.live_wire import TOPICS

GAP_S = (0.3, 0.7)  # two reports a second, never in step with the room's own half-second beat
PATIENCE_S = 10.0


def report_to_screens(port: int, cookie: str, screens: int, reports: int = 30) -> dict[str, object]:
    """p50, p95, p99 and the worst in ms, over every pair of report and screen; what never came is counted."""
    return asyncio.run(_told(port, cookie, screens, reports))


async def _told(port: int, cookie: str, screens: int, reports: int) -> dict[str, object]:
    seen: list[dict[str, float]] = [{} for _ in range(screens)]
    watching = [asyncio.Event() for _ in range(screens)]
    links = [asyncio.create_task(_watch(port, cookie, *each)) for each in zip(seen, watching, strict=True)]
    await asyncio.gather(*(event.wait() for event in watching))
    acked = {}
    for number in range(reports):
        await asyncio.sleep(random.uniform(*GAP_S))
        case = await asyncio.to_thread(_report, port, number)
        acked[case] = time.monotonic()
    until = time.monotonic() + PATIENCE_S
    while any(len(each) < reports for each in seen) and time.monotonic() < until:
        await asyncio.sleep(0.1)
    for link in links:
        link.cancel()
    await asyncio.gather(*links, return_exceptions=True)
    waits = [1000 * (each[case] - at) for each, (case, at) in itertools.product(seen, acked.items()) if case in each]
    return _spread(waits) | {"screens": screens, "reports": reports, "never": screens * reports - len(waits)}


def _spread(waits: list[float]) -> dict[str, object]:
    cuts = quantiles(waits, n=100)
    return {"p50": round(cuts[49]), "p95": round(cuts[94]), "p99": round(cuts[98]), "max": round(max(waits))}


async def _watch(port: int, cookie: str, seen: dict[str, float], watching: asyncio.Event) -> None:
    """One screen: when each case first stood among its incidents."""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/live",
        additional_headers={"Cookie": cookie},
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        compression=None,
        max_size=None,
    ) as link:
        await link.send(json.dumps({"type": "watch", "topics": TOPICS, "scope": "", "positions": "binary"}))
        while True:
            frame = await link.recv()
            if isinstance(frame, str) and '"topic":"incidents"' in frame[:200]:
                watching.set()
                data = json.loads(frame)["data"]
                for row in data["put"] if isinstance(data, dict) else data:
                    seen.setdefault(row[0], time.monotonic())


def _report(port: int, number: int) -> str:
    """File one report; its case number, once the answer is here."""
    body = {
        "id": f"told-{number}",
        "at": datetime.now(UTC).isoformat(),
        "channel": "call",
        "category": "dispute.neighbour",
        "title": f"楼上噪声 {number}",
        "lon": random.uniform(WEST, EAST),
        "lat": random.uniform(SOUTH, NORTH),
        "crs": "wgs84",
    }
    link = HTTPConnection("127.0.0.1", port, timeout=10)
    link.request("POST", "/api/v1/reports", json.dumps(body), {"Authorization": f"Bearer {DEVICE_KEY}"})
    answer = json.loads(link.getresponse().read())
    link.close()
    assert answer.get("ok"), answer
    return str(answer["case"])
