"""How much one link may send: token buckets, and a count of bad messages. Time is an argument, in seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

BURST_S = 3.0  # a quiet link may catch up this many seconds' worth at once
BAD_MOST, BAD_WITHIN_S = 20, 60.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second that one device may send (settings); `*` devices speak for many."""

    reports_per_s: float = 2.0
    positions_per_s: float = 5.0
    source_reports_per_s: float = 500.0
    source_positions_per_s: float = 5000.0

    def of(self, worker: str) -> tuple[float, float]:
        """Reports and positions a second for a device bound to `worker`."""
        if worker == "*":
            return self.source_reports_per_s, self.source_positions_per_s
        return self.reports_per_s, self.positions_per_s


class TokenBucket:
    """Lets `rate` a second through, and a burst after silence.

    A batch may overdraw a full enough bucket: it goes through whole and the debt is waited off.
    """

    __slots__ = ("_at", "_most", "_rate", "_tokens")

    def __init__(self, rate: float, at: float) -> None:
        self._rate, self._most, self._at = rate, rate * BURST_S, at
        self._tokens = self._most

    def take(self, count: int, at: float) -> float:
        """0 when `count` may pass now, else the seconds to wait; a refused one costs nothing."""
        self._tokens = min(self._most, self._tokens + max(0.0, at - self._at) * self._rate)
        self._at = at
        needed = min(count, self._most)
        if self._tokens >= needed:
            self._tokens -= count
            return 0.0
        return (needed - self._tokens) / self._rate


class Strikes:
    """Counts bad messages; 20 within a minute are too many (protocol.md §1)."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=BAD_MOST)

    def strike(self, at: float) -> bool:
        """Count one; whether it was one too many."""
        self._seen.append(at)
        return len(self._seen) == BAD_MOST and at - self._seen[0] <= BAD_WITHIN_S
