"""One open screen: what waits to be sent to it, never more than one frame a topic, and who sits before it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from cases.model import Account
from dashboard.watch import Watch

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Frame = str | bytes
Later = Callable[[], Frame]  # a frame made at the moment of sending: always the newest

SLOW_S = 10.0  # a send that takes longer than this: the screen is cut and comes back to a snapshot
MOST_HINTS = 256
BAD_A_MINUTE = 20


@dataclass(eq=False, slots=True)
class Screen:
    """A bounded outbox: a newer frame under the same key takes the older one's place."""

    account: Account
    token: str
    send: Send
    watch: Watch | None = None
    looking: str = ""  # the case that is open on it, once it is known to lie in its area
    sending_since: float | None = None
    cut: tuple[int, str] | None = None
    pumping: asyncio.Task[None] | None = None
    _waiting: dict[str, Frame | Later] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _bad: deque[float] = field(default_factory=deque)
    _hints: int = 0
    _answers: int = 0

    def offer(self, key: str, frame: Frame | Later) -> None:
        """Put a frame that stands by itself; it replaces an unsent one of the same key."""
        self._waiting[key] = frame
        self._bell.set()

    def offer_delta(self, key: str, delta: Frame, snapshot: Later) -> None:
        """Put a change; where one is still unsent both give way to the snapshot of the moment of sending."""
        self.offer(key, snapshot if key in self._waiting else delta)

    def offer_hint(self, case: str, frame: Frame) -> None:
        """Put a hint; too many unsent ones and the screen is cut: it has lost touch."""
        key = f"hint {case}"
        self._hints += key not in self._waiting
        if self._hints > MOST_HINTS:
            self.close(4408, "接收过慢，请重新连接")
        else:
            self.offer(key, frame)

    def answer(self, frame: Frame) -> None:
        """Put an answer to a bad frame; answers do not replace each other (`spoils` bounds them)."""
        self._answers += 1
        self.offer(f"error {self._answers}", frame)

    def forget(self) -> None:
        """Drop everything unsent: another watch begins."""
        self._waiting.clear()
        self._hints = 0

    def close(self, code: int, reason: str) -> None:
        """Hang up after what is being sent now; the first reason holds."""
        self.cut = self.cut or (code, reason)
        self._bell.set()

    def is_slow(self, now: float) -> bool:
        """Whether one send has been stuck for too long (monotonic seconds)."""
        return self.sending_since is not None and now - self.sending_since > SLOW_S

    def spoils(self, now: float) -> bool:
        """Count one bad frame; whether there were too many in a minute."""
        self._bad.append(now)
        while self._bad[0] < now - 60:
            self._bad.popleft()
        return len(self._bad) >= BAD_A_MINUTE

    async def pump(self) -> None:
        """Send what waits until the screen is cut; ends with the close frame."""
        while self.cut is None:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting and self.cut is None:
                frame = self._take()
                self.sending_since = time.monotonic()
                await self.send(_message(frame))
            self.sending_since = None
        code, reason = self.cut
        for frame in [f for key, f in self._waiting.items() if key.startswith("error ") and not callable(f)]:
            await self.send(_message(frame))
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    def _take(self) -> Frame:
        """The oldest waiting frame; the roster goes before the positions that count on it."""
        key = "roster" if "roster" in self._waiting else next(iter(self._waiting))
        frame = self._waiting.pop(key)
        self._hints -= key.startswith("hint ")
        return frame() if callable(frame) else frame


def _message(frame: Frame) -> Message:
    if isinstance(frame, str):
        return {"type": "websocket.send", "text": frame}
    return {"type": "websocket.send", "bytes": frame}
