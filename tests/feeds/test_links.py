"""One socket's bookkeeping, with a hand-made socket."""

from __future__ import annotations

import asyncio
from typing import Any

from feeds.limits import Rates
from feeds.links import IN_FLIGHT_MOST, UNREAD_MOST, Link
from feeds.session import REPLACED


class DeafSocket:
    """A peer that reads nothing: everything stays in the write buffer."""

    def __init__(self) -> None:
        self.transport = self
        self.unread = 0
        self.closed: tuple[int, str] | None = None

    def say(self, frame: bytes) -> None:
        """Into the buffer it goes."""

    def get_write_buffer_size(self) -> int:
        return self.unread

    async def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)


def link_to(socket: Any) -> Link:
    return Link(socket, Rates())


def test_a_peer_that_reads_nothing_is_cut_off_without_anybody_waiting() -> None:
    async def story() -> None:
        socket = DeafSocket()
        link = link_to(socket)
        link.send(b"{}")
        assert link.is_open
        socket.unread = UNREAD_MOST + 1
        link.send(b"{}")
        await link.farewell()
        assert (link.is_open, socket.closed) == (False, (4408, "接收过慢"))

    asyncio.run(story())


def test_the_first_goodbye_counts() -> None:
    async def story() -> None:
        socket = DeafSocket()
        link = link_to(socket)
        link.hang_up(REPLACED)
        socket.unread = UNREAD_MOST + 1
        link.send(b"{}")
        await link.farewell()
        assert socket.closed == (4409, REPLACED.reason)

    asyncio.run(story())


def test_a_full_link_waits_until_an_answer_makes_room() -> None:
    async def story() -> None:
        link = link_to(DeafSocket())
        for _ in range(IN_FLIGHT_MOST):
            link.posted()
        assert link.is_full
        asyncio.get_running_loop().call_soon(link.answered, b"{}")
        await asyncio.wait_for(link.room(), 1)
        assert not link.is_full

    asyncio.run(story())
