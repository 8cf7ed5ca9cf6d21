"""The way out to a screen's browser: frames made ready once, written past the ASGI layers to each that wants them.

An ASGI send costs a task switch, three wrappers and the WebSocket framing per screen. What goes to every screen of an
audience is the same bytes, so it is framed once (RFC 6455 §5.2, unmasked, no extension) and handed to the transport.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

ABANDON_S = 5.0
KERNEL_HOLDS = 256 << 10  # bytes; left alone it grows to 4 MB, all of it old news to a slow screen
EXTENSION = "room.wire"  # under the ASGI scope's `extensions`


class Ready:
    """A text or binary message and, once somebody sends it, its WebSocket frame."""

    __slots__ = ("_wired", "payload")

    def __init__(self, payload: str | bytes) -> None:
        self.payload = payload
        self._wired = b""

    @property
    def wired(self) -> bytes:
        """The whole frame, made at the first call."""
        if not self._wired:
            text = isinstance(self.payload, str)
            data = self.payload.encode() if isinstance(self.payload, str) else self.payload
            self._wired = Frame(Opcode.TEXT if text else Opcode.BINARY, data).serialize(mask=False)
        return self._wired


class Wire(Protocol):
    """What a screen needs of its link: bounded by the transport's own high-water mark, never waited for here."""

    def takes(self) -> bool:
        """Whether what was put before has gone far enough for more."""

    async def until_it_takes(self) -> None:
        """Wait until it does, or until the link is lost."""

    def put(self, frame: Ready) -> None:
        """Write one frame; on a link that is closing it is dropped."""

    def abandon(self) -> None:
        """Nobody writes here any more: end the link soon, whether or not the other side reads."""


class LiveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which also is the `Wire` of its own link; compression must be off."""

    def handle_connect(self, event: Any) -> None:
        """Accept as uvicorn does, and let the endpoint find the wire in its scope before it runs."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            with twin_of(self.transport.get_extra_info("socket")) as twin:
                twin.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_HOLDS)
            self.scope["extensions"][EXTENSION] = self  # type: ignore[index,assignment]

    def takes(self) -> bool:
        """Whether the transport's buffer is below its high-water mark."""
        return self.writable.is_set()

    async def until_it_takes(self) -> None:
        """Wait for the buffer to drain, or for the link to be lost."""
        await self.writable.wait()

    def put(self, frame: Ready) -> None:
        """Hand the frame to the transport, between two frames of uvicorn's own."""
        if not (self.close_sent or self.disconnected or self.transport.is_closing()):
            self.transport.write(frame.wired)

    def abandon(self) -> None:
        """Drop the link in a while: a transport that is closed waits for ever for a peer that does not read."""
        self.loop.call_later(ABANDON_S, self._drop)

    def _drop(self) -> None:
        if not self.disconnected:
            with twin_of(self.transport.get_extra_info("socket")) as twin:  # what the kernel holds is thrown away too
                twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        """No answer to our ping: uvicorn closes, and only a dropped link lets the endpoint know."""
        super().keepalive_timeout()
        self.abandon()


def twin_of(link: Any) -> socket.socket:
    """The same socket under another descriptor: event loops do not let theirs be told options."""
    return socket.socket(fileno=os.dup(link.fileno()))
