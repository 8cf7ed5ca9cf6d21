"""One device's socket: sends without waiting for slow peers, closes with the right code, holds back a flood."""

from __future__ import annotations

import asyncio

from feeds.device_socket import DeviceSocket
from feeds.limits import Rates
from feeds.session import TOO_SLOW, HangUp, Session

IN_FLIGHT_MOST = 64  # reports of one link without an answer; then its socket is not read until some are
UNREAD_MOST = 1 << 20  # bytes a peer may leave unread before it is cut off (4408)


class Link:
    """One socket and its session."""

    def __init__(self, socket: DeviceSocket, rates: Rates) -> None:
        self.socket, self.session = socket, Session(rates)
        self.in_flight = 0
        self.spoke = False  # since it was last asked
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.key_hash = ""  # of the key it came in with
        self.tasks_sent: set[str] = set()
        self._goodbye: asyncio.Task[None] | None = None

    def send(self, frame: bytes) -> None:
        """Send without waiting for a slow peer; one that leaves too much unread is cut off."""
        self.socket.say(frame)
        if self.socket.transport.get_write_buffer_size() > UNREAD_MOST:
            self.hang_up(TOO_SLOW)

    def hang_up(self, why: HangUp) -> None:
        """Close without waiting for it."""
        if self._goodbye is None:
            self._goodbye = asyncio.create_task(self.socket.close(why.code, why.reason))

    def posted(self) -> None:
        """One more message of this link waits for its answer."""
        self.in_flight += 1
        if self.in_flight >= IN_FLIGHT_MOST:
            self._has_room.clear()

    @property
    def is_full(self) -> bool:
        """Whether this link has too many messages without an answer."""
        return self.in_flight >= IN_FLIGHT_MOST

    async def room(self) -> None:
        """Wait until this link has few enough messages without an answer."""
        await self._has_room.wait()

    async def farewell(self) -> None:
        """Let a close that has begun finish with its own code."""
        if self._goodbye is not None:
            await self._goodbye

    @property
    def is_open(self) -> bool:
        """Whether we go on listening."""
        return self._goodbye is None

    def answered(self, frame: bytes) -> None:
        """Send an answer; the link may have gone meanwhile, which is its own affair."""
        self.in_flight -= 1
        if self.in_flight < IN_FLIGHT_MOST:
            self._has_room.set()
        self.send(frame)
