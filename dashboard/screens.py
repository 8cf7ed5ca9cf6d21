"""One open screen: what waits to be sent to it, never more than one frame a topic, and who sits before it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from cases.model import Account
from dashboard.watch import Watch
from dashboard.wire import Ready, Wire

Frame = str | bytes | Ready  # Ready where more than one screen gets it
Later = Callable[[], Frame]  # a frame made at the moment of sending: always the newest

SLOW_S = 10.0  # a send that takes longer than this: the screen is cut and comes back to a snapshot
MOST_HINTS = 256
BAD_A_MINUTE = 20


@dataclass(eq=False, slots=True)
class Screen:
    """A bounded outbox: what the wire takes goes at once; of what waits, newer takes older's place."""

    account: Account
    token: str
    wire: Wire
    watch: Watch | None = None
    enrolled: int | None = None  # which roster went out to it
    looking: str = ""  # the case that is open on it, once it is known to lie in its area
    sending_since: float | None = None
    cut: tuple[int, str] | None = None
    pumping: asyncio.Task[None] | None = None
    _waiting: dict[str, Frame | Later] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _bad: deque[float] = field(default_factory=deque)
    _answers: int = 0

    def offer(self, key: str, frame: Frame | Later) -> None:
        """Send a frame that stands by itself, or let it wait; it replaces an unsent one of the same key."""
        if self._waiting or self.cut or not self.wire.takes():
            self._waiting[key] = frame
            self._bell.set()
        else:
            self._put(frame)

    def offer_delta(self, key: str, delta: Frame, snapshot: Later) -> None:
        """Send a change; where one is still unsent both give way to the snapshot of the moment of sending."""
        self.offer(key, snapshot if key in self._waiting else delta)

    def offer_hint(self, case: str, frame: Frame) -> None:
        """Send a hint; too many unsent ones and the screen is cut: it has lost touch."""
        self.offer(f"hint {case}", frame)
        if sum(key.startswith("hint ") for key in self._waiting) > MOST_HINTS:
            self.close(4408, "接收过慢，请重新连接")

    def answer(self, frame: Frame) -> None:
        """Put an answer to a bad frame; answers do not replace each other (`spoils` bounds them)."""
        self._answers += 1
        self.offer(f"error {self._answers}", frame)

    def forget(self) -> None:
        """Drop everything unsent: another watch begins."""
        if self.waits_for("roster"):
            self.enrolled = None
        self._waiting.clear()

    def waits_for(self, key: str) -> bool:
        """Whether a frame of this key is still unsent."""
        return key in self._waiting

    def close(self, code: int, reason: str) -> None:
        """Hang up; the first reason holds. A pump that is stuck is not waited for: nothing more may go out."""
        self.cut = self.cut or (code, reason)
        self._bell.set()
        if self.sending_since is not None and self.pumping:
            self.pumping.cancel()

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
        """Send what waits, as the wire takes it, until the screen is cut; answers to bad frames go out even then."""
        while self.cut is None:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting and self.cut is None:
                self.sending_since = time.monotonic()
                await self.wire.until_it_takes()
                if self._waiting:  # another watch may have begun meanwhile
                    self._put(self._take())
            self.sending_since = None
        for frame in [frame for key, frame in self._waiting.items() if key.startswith("error ")]:
            await self.wire.until_it_takes()
            self._put(frame)

    def _take(self) -> Frame | Later:
        """The oldest waiting frame; the roster goes before the positions that count on it."""
        key = "roster" if "roster" in self._waiting else next(iter(self._waiting))
        return self._waiting.pop(key)

    def _put(self, frame: Frame | Later) -> None:
        made = frame() if callable(frame) else frame
        self.wire.put(made if isinstance(made, Ready) else Ready(made))
