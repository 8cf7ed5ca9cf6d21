"""A gateway on a real socket that remembers what it committed, and fails in the ways a test asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Message = dict[str, Any]
KEY = "src.secret"


class FakeGateway:
    """Commits reports once by id; a repeat with other content is a CONFLICT, as in the real one."""

    def __init__(self) -> None:
        self.committed: dict[str, Message] = {}
        self.repeats = 0
        self.fixes: list[Message] = []
        self.links = 0
        self.limits = {"frame_bytes": 65536, "reports_per_s": 500, "positions_per_s": 5000}
        self.swallow: Callable[[int], bool] = lambda count: False  # commits, but no ack goes out
        self.cut: Callable[[int], bool] = lambda count: False  # closes the link after this many messages
        self.answer: Callable[[Message], Message | None] = lambda message: None  # an answer instead of a commit
        self._count = 0

    async def handle(self, socket: ServerConnection) -> None:
        """One link."""
        self.links += 1
        hello = json.loads(await socket.recv())
        if hello["key"] != KEY:
            await socket.close(4401, "设备或密钥不正确")
            return
        await socket.send(json.dumps({"type": "welcome", "device": hello["device"], "limits": self.limits}))
        try:
            async for raw in socket:
                await self._take(socket, json.loads(raw))
        except ConnectionClosed:
            pass

    async def _take(self, socket: ServerConnection, message: Message) -> None:
        if message["type"] == "positions":
            self.fixes += message["items"]
            return
        if message["type"] not in ("report", "alert", "status"):
            return
        self._count += 1
        ack = self.answer(message) or self._commit(message)
        if not self.swallow(self._count):
            await socket.send(json.dumps(ack))
        if self.cut(self._count):
            socket.transport.abort()

    def _commit(self, message: Message) -> Message:
        number = message["id"]
        before = self.committed.get(number)
        if before is not None and before != message:
            return {"type": "ack", "id": number, "ok": False, "code": "CONFLICT", "msg": "内容不同", "field": "id"}
        self.repeats += before is not None
        self.committed.setdefault(number, message)
        case = f"20261121-{list(self.committed).index(number) + 1:06d}"
        ack = {"type": "ack", "id": number, "ok": True, "grids": ["A", "A1"], "flags": []}
        ack |= {"alert": f"A{case}"} if message["type"] == "alert" else {"case": case}
        return ack | {"duplicate": before is not None}


@asynccontextmanager
async def listening(gateway: FakeGateway) -> AsyncIterator[str]:
    """The gateway on a free port; yields its URL."""
    async with serve(gateway.handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/v1/feed"


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
