"""A client of the gateway: says hello, keeps what must not be lost until it is answered, comes back by itself.

Reports, alerts and statuses are sent again after five seconds without an answer; positions are sent once or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

log = logging.getLogger("feeds.client")

AGAIN_S = 5.0
BEAT_S = 20.0
_HELLO_S = 10.0
_WAIT_FIRST_S, _WAIT_MOST_S = 0.5, 15.0
_SORTED_OUT_LATER = {"RATE_LIMITED": 0.5, "STORE_UNAVAILABLE": 2.0}  # seconds until the same frame goes again
_NO_WAY_IN = (4401, 4403)
POSITIONS_A_FRAME = 200

Frame = Mapping[str, object]
Heard = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway is and who calls."""

    gateway: str
    device: str
    key: str = field(repr=False)
    client: str = "dispatch-room/0.1"


class RefusedByGateway(Exception):
    """The gateway knows no such device, or has disabled it; trying again would not help."""


class Ears:
    """What a link's owner wants to hear; every method may be left as it is."""

    def answered(self, frame: Frame, ack: Heard) -> None:
        """The final answer to a frame that was filed: an acknowledgement or a refusal."""

    def told(self, message: Heard) -> None:
        """Anything else: task, error."""


@dataclass(slots=True)
class _Waiting:
    frame: Frame
    data: str
    due: float


class Client:
    """One device's link. `file` what must not be lost, `say` what may; `run` does the rest."""

    def __init__(self, address: Address, ears: Ears, window: int = 256) -> None:
        self._address, self._ears = address, ears
        self._waiting: dict[str, _Waiting] = {}
        self._free = asyncio.Semaphore(window)
        self._socket: ClientConnection | None = None
        self._settled = asyncio.Event()
        self._was_of_use = False  # a link on which nothing was answered counts as a failure
        self.welcome: Heard = {}
        self.sent_again = 0

    async def file(self, frame: Frame) -> None:
        """Send a frame that has an id until it is answered; waits while the window is full."""
        await self._free.acquire()
        data = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        self._waiting[str(frame["id"])] = _Waiting(frame, data, time.monotonic() + AGAIN_S)
        self._settled.clear()
        await self._send(data)

    async def say(self, frame: Frame) -> bool:
        """Send a frame that nobody answers; False when there is no link now."""
        return await self._send(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def settled(self) -> None:
        """Wait until every filed frame has its answer."""
        while self._waiting:
            await self._settled.wait()

    @property
    def is_up(self) -> bool:
        """Whether the gateway has welcomed us and the link stands."""
        return self._socket is not None

    async def run(self, for_ever: bool = True) -> None:
        """Keep the link up until cancelled; with `for_ever` even a refused device tries again, slowly.

        Raises RefusedByGateway otherwise.
        """
        failures = 0
        while True:
            self._was_of_use = False
            try:
                await self._one_link()
            except RefusedByGateway:
                if not for_ever:
                    raise
                failures += 4
            except InvalidURI as problem:
                raise RefusedByGateway(str(problem)) from problem
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, ValueError) as problem:
                log.info("no link to the gateway: %s", type(problem).__name__)
            failures = 0 if self._was_of_use else failures + 1
            wait = min(_WAIT_MOST_S, _WAIT_FIRST_S * 2 ** min(failures, 10))
            await asyncio.sleep(wait * random.uniform(0.5, 1.2))

    async def _one_link(self) -> None:
        address = self._address
        async with connect(
            address.gateway, compression=None, open_timeout=_HELLO_S, close_timeout=2, proxy=None, max_size=1 << 20
        ) as socket:
            await self._greet(socket)
            self._socket = socket
            minder = asyncio.create_task(self._mind(socket))
            try:
                await self._listen(socket)
            finally:
                self._socket = None
                minder.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                    await minder

    async def _greet(self, socket: ClientConnection) -> None:
        address = self._address
        hello = {"type": "hello", "device": address.device, "key": address.key, "client": address.client}
        try:
            await socket.send(json.dumps(hello))
            answer = json.loads(await asyncio.wait_for(socket.recv(), _HELLO_S))
        except ConnectionClosed as closed:
            _raise_if_refused(closed)
            raise
        if answer.get("type") != "welcome":
            raise ValueError(f"expected welcome, got {answer.get('type')}")
        self.welcome = answer
        for waiting in list(self._waiting.values()):
            waiting.due = time.monotonic() + AGAIN_S
            await socket.send(waiting.data)

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for raw in socket:
                self._hear(json.loads(raw))
        except ConnectionClosed as closed:
            _raise_if_refused(closed)
            raise

    def _hear(self, message: Heard) -> None:
        number = message.get("id")
        waiting = self._waiting.get(number) if message.get("type") == "ack" and isinstance(number, str) else None
        if waiting is None:
            self._ears.told(message)
            return
        code = message.get("code", "")
        if not message.get("ok") and code in _SORTED_OUT_LATER:
            pause = message.get("retry_after_s", _SORTED_OUT_LATER[code])
            waiting.due = time.monotonic() + float(pause)
            return
        self._was_of_use = True
        del self._waiting[str(number)]
        self._free.release()
        if not self._waiting:
            self._settled.set()
        self._ears.answered(waiting.frame, message)

    async def _mind(self, socket: ClientConnection) -> None:
        """Send again what has waited too long, and a beat now and then."""
        beat_at = time.monotonic() + BEAT_S
        while True:
            await asyncio.sleep(0.25)
            now = time.monotonic()
            for waiting in [w for w in self._waiting.values() if w.due <= now]:
                waiting.due = now + AGAIN_S
                self.sent_again += 1
                await socket.send(waiting.data)
            if now >= beat_at:
                beat_at = now + BEAT_S
                await socket.send('{"type":"beat"}')

    async def _send(self, data: str) -> bool:
        if self._socket is None:
            return False
        try:
            await self._socket.send(data)
        except ConnectionClosed:
            return False
        return True


def batches(items: Sequence[Frame]) -> list[Frame]:
    """`positions` frames of at most 200 items each."""
    return [
        {"type": "positions", "items": list(items[i : i + POSITIONS_A_FRAME])}
        for i in range(0, len(items), POSITIONS_A_FRAME)
    ]


def _raise_if_refused(closed: ConnectionClosed) -> None:
    if closed.rcvd is not None and closed.rcvd.code in _NO_WAY_IN:
        raise RefusedByGateway(closed.rcvd.reason) from closed
