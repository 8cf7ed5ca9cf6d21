"""The load of `bench intake`: raw WebSocket links, closed loops for reports and for positions.

Arguments: URL KIND LINKS SECONDS IN_FLIGHT [FIRST]; prints one JSON object. Frames are masked with zeros, which is
legal and costs the load generator nothing; the server unmasks as ever. Reports come from every innermost grid of the
demo town in turn, under ids that begin with the time, as protocol.md's example has them.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import uvloop
from shapely.geometry import Point, shape

LEAVES = Path(__file__).parents[1] / "geo" / "towns" / "demo" / "l3.geojson"
WARM_UP_S = 0.5
MOST_UNDER_WAY = 5000  # positions of all links in one batch each: else a slow server answers none in time
BATCH = 50
TEXT = "某小区三单元住户反映楼上深夜跳绳，已持续半月，多次沟通无果，请网格员上门。"


def frame(payload: bytes) -> bytes:
    """A masked text frame."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def leaves() -> list[Point]:
    """A place in each innermost grid of the demo town."""
    grids = json.loads(LEAVES.read_text(encoding="utf-8"))["features"]
    return [shape(grid["geometry"]).representative_point() for grid in grids]


class Link(asyncio.Protocol):
    """One link; counts the server's frames without reading them."""

    def __init__(self, number: int, run: Run) -> None:
        self._number, self._run = number, run
        self._buffer = b""
        self._open = self._welcome = False
        self._sent_at: list[float] = []
        self.acked = self.sent = 0
        self.latencies: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        request = (
            "GET /v1/feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._transport.write(request.encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, head
            self._open, self._buffer = True, rest
            hello = {"type": "hello", "device": f"d-{self._number}", "key": f"d-{self._number}.key"}
            self._transport.write(frame(json.dumps(hello).encode()))
        for _ in range(self._frames()):
            self._answered()

    def _frames(self) -> int:
        """Cut whole frames off the buffer; how many there were."""
        count = at = 0
        buffer = self._buffer
        while at + 2 <= len(buffer):
            size = buffer[at + 1]
            start = at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            if start + size > len(buffer):
                break
            if buffer[at] & 0x0F == 1:
                count += 1
            at = start + size
        self._buffer = buffer[at:]
        return count

    def _answered(self) -> None:
        if not self._welcome:
            self._welcome = True
            self._run.welcomed()
            return
        now = time.perf_counter()
        if not self._sent_at:
            self.acked += self._run.batch
            if now < self._run.ends:
                self.move()
            return
        self.acked += 1
        self.latencies.append(now - self._sent_at.pop(0))
        if now < self._run.ends:
            self.report()

    def report(self) -> None:
        """Send one report."""
        self._sent_at.append(time.perf_counter())
        self.sent += 1
        self._transport.write(frame(self._run.report(self._number, self.sent)))

    def move(self) -> None:
        """Send a batch of positions with a beat behind; the beat's answer says that all before it were taken."""
        batch = [self._run.position(self._number, self.sent + n) for n in range(self._run.batch)]
        self.sent += self._run.batch
        self._transport.write(b"".join(frame(each) for each in batch) + frame(b'{"type":"beat"}'))


class Run:
    """One window of load over all links."""

    def __init__(self, links: int) -> None:
        self._waiting = links
        self.batch = max(1, min(BATCH, MOST_UNDER_WAY // links))
        self.ready = asyncio.Event()
        self.ends = float("inf")
        self._places = [f'"lon":{point.x:.6f},"lat":{point.y:.6f},'.encode() for point in leaves()]
        rest = {
            "channel": "hotline",
            "category": "environment.noise",
            "title": "楼上噪声扰民",
            "text": TEXT,
            "crs": "wgs84",
        }
        self._tail = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))[1:].encode()

    def welcomed(self) -> None:
        """One more link is in."""
        self._waiting -= 1
        if not self._waiting:
            self.ready.set()

    def report(self, link: int, number: int) -> bytes:
        """About 300 bytes of JSON with an id, an instant and a place of its own."""
        now = time.time()
        at = datetime.fromtimestamp(now, UTC).isoformat()
        head = f'{{"type":"report","id":"{int(now * 1000):012x}-{link}-{number}","at":"{at}",'
        return head.encode() + self._places[(link * 37 + number) % len(self._places)] + self._tail

    def position(self, link: int, number: int) -> bytes:
        """One fix; a hundred workers a link walk north, a metre a fix."""
        lat = 30.5 + number * 1e-7
        at = datetime.fromtimestamp(time.time(), UTC).isoformat()
        return (
            f'{{"type":"position","worker":"W-{link}-{number % 100}","at":"{at}","lon":119.56,"lat":{lat:.7f},'
            '"crs":"wgs84","accuracy_m":8.0,"speed_mps":1.2,"heading_deg":90}'
        ).encode()


async def window(url: str, kind: str, links: int, seconds: float, in_flight: int, first: int) -> dict[str, float]:
    """Connect, say hello as the devices from `first` on, warm up, load for `seconds`."""
    loop = asyncio.get_running_loop()
    run = Run(links)
    place = urlsplit(url)
    peers = [
        (await loop.create_connection(lambda n=n: Link(n, run), place.hostname, place.port))[1]  # type: ignore[misc]
        for n in range(first, first + links)
    ]
    await asyncio.wait_for(run.ready.wait(), 20)
    measured = reports(run, peers, seconds, in_flight) if kind == "report" else positions(run, peers, seconds)
    found = await measured
    return found | {"cpu_s": time.process_time()}


async def reports(run: Run, peers: list[Link], seconds: float, in_flight: int) -> dict[str, float]:
    """A closed loop: each ack lets its link send the next report."""
    for link in peers:
        for _ in range(in_flight):
            link.report()
    await asyncio.sleep(WARM_UP_S)
    before, began = sum(link.acked for link in peers), time.perf_counter()
    skip = [len(link.latencies) for link in peers]
    await asyncio.sleep(seconds)
    acked, spent = sum(link.acked for link in peers) - before, time.perf_counter() - began
    run.ends = 0.0
    times = sorted(t for link, first in zip(peers, skip, strict=True) for t in link.latencies[first:])
    await asyncio.sleep(0.5)
    return {
        "per_s": round(acked / spent),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
        "messages": sum(link.acked for link in peers),
    }


async def positions(run: Run, peers: list[Link], seconds: float) -> dict[str, float]:
    """As fast as they are taken: two batches of each link are always under way."""
    for link in peers:
        link.move()
        link.move()
    await asyncio.sleep(WARM_UP_S)
    before, began = sum(link.acked for link in peers), time.perf_counter()
    await asyncio.sleep(seconds)
    taken, spent = sum(link.acked for link in peers) - before, time.perf_counter() - began
    run.ends = 0.0
    return {"per_s": round(taken / spent), "messages": sum(link.acked for link in peers)}


if __name__ == "__main__":
    url, kind, links, seconds, in_flight, *first = sys.argv[1:]
    load = window(url, kind, int(links), float(seconds), int(in_flight), int(first[0]) if first else 0)
    print(json.dumps(uvloop.run(load)))
