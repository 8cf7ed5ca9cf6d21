"""A device on a real socket that keeps its own list: what it sent, what was acknowledged, and with which case."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake


class Device:
    """Sends reports at a steady pace, again after five seconds without an answer, over as many links as it takes."""

    def __init__(self, gateway: str, device: str, key: str, prefix: str) -> None:
        self._gateway, self._device, self._key, self._prefix = gateway, device, key, prefix
        self.acked: dict[str, str] = {}
        self.refused: list[dict[str, Any]] = []
        self._waiting: dict[str, tuple[str, float]] = {}
        self._sent = 0

    async def run(self, reports: int, per_s: float) -> None:
        """Send `reports` reports and stay until every one has its answer."""
        while len(self.acked) + len(self.refused) < reports:
            with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                async with connect(self._gateway, compression=None, proxy=None, open_timeout=5) as link:
                    hello = {"type": "hello", "device": self._device, "key": self._key, "client": "test/1"}
                    await link.send(json.dumps(hello))
                    assert json.loads(await link.recv())["type"] == "welcome"
                    for frame, _ in list(self._waiting.values()):
                        await link.send(frame)
                    await self._talk(link, reports, per_s)
            await asyncio.sleep(0.2)

    async def _talk(self, link: Any, reports: int, per_s: float) -> None:
        hearing = asyncio.create_task(self._hear(link))
        try:
            while len(self.acked) + len(self.refused) < reports:
                if hearing.done():
                    hearing.result()
                if self._sent < reports:
                    await self._send_next(link)
                await self._send_again(link)
                await asyncio.sleep(1 / per_s)
        finally:
            hearing.cancel()

    async def _send_next(self, link: Any) -> None:
        self._sent += 1
        number = f"{self._prefix}-{self._sent}"
        report = {
            "type": "report",
            "id": number,
            "at": datetime.now(UTC).isoformat(),
            "channel": "hotline",
            "category": "environment.noise",
            "title": f"第 {self._sent} 件",
            "address": "青芝路 1 号",
        }
        frame = json.dumps(report, ensure_ascii=False)
        self._waiting[number] = (frame, time.monotonic())
        await link.send(frame)

    async def _send_again(self, link: Any) -> None:
        for number, (frame, at) in list(self._waiting.items()):
            if time.monotonic() - at > 5:
                self._waiting[number] = (frame, time.monotonic())
                await link.send(frame)

    async def _hear(self, link: Any) -> None:
        async for raw in link:
            answer = json.loads(raw)
            if answer.get("type") != "ack":
                continue
            if answer["ok"]:
                before = self.acked.setdefault(answer["id"], answer["case"])
                assert before == answer["case"], "the same report was answered with two cases"
                self._waiting.pop(answer["id"], None)
            elif answer["code"] not in ("STORE_UNAVAILABLE", "RATE_LIMITED"):
                self.refused.append(answer)
                self._waiting.pop(answer["id"], None)
