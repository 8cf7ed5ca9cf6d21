"""A device's socket: whole frames are taken as they arrive, and all answers of one turn leave in one write.

websockets hands a frame over through a queue and a task's wake-up, and writes each frame by a system call of its own;
both cost more than the message they carry. Frames that cannot be taken at once — fragments, frames behind others that
still wait, a full link — go the library's own way, so order, backpressure and RFC 6455 stay what they are there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import SEND_EOF, Event, State

Take = Callable[[str], bool]

AT_ONCE_MOST = 128  # frames of one reading; what came with them waits for the task's turns, so others have theirs


class DeviceSocket(ServerConnection):
    """One device's WebSocket connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._take: Take | None = None
        self._taken = 0
        self._leaving = False

    async def next(self, take: Take) -> str | bytes:
        """The next message that `take` does not take itself, by answering True, the moment it arrives.

        Raises ConnectionClosed. Nothing is offered to `take` while the caller is busy with what it got from here.
        """
        self._take = take
        try:
            return await self.recv()
        finally:
            self._take = None

    def say(self, frame: bytes) -> None:
        """Send a text frame with whatever else is said in this turn of the loop; a closing socket says nothing."""
        if self.protocol.state is not State.OPEN:
            return
        self.protocol.send_text(frame)
        if not self._leaving:
            self._leaving = True
            self.loop.call_soon(self._leave)

    def data_received(self, data: bytes) -> None:
        """Bytes from the device."""
        self._taken = 0
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        """A frame, or the request it all began with."""
        if self._take is None or not isinstance(event, Frame) or not self._took(event):
            super().process_event(event)

    def _took(self, frame: Frame) -> bool:
        whole = frame.opcode is Opcode.TEXT and frame.fin
        if self._take is None or not whole or self._taken >= AT_ONCE_MOST or len(self.recv_messages.frames):
            return False
        try:
            text = bytes(frame.data).decode()
        except UnicodeDecodeError:
            return False  # the library closes with 1007
        self._taken += 1
        return self._take(text)

    def _leave(self) -> None:
        self._leaving = False
        waiting = self.protocol.data_to_send()
        if SEND_EOF in waiting:  # a close met us on the way: the library knows how it ends
            self.protocol.writes[:0] = waiting
            self.send_data()
        elif waiting and not self.transport.is_closing():
            self.transport.write(b"".join(waiting))
