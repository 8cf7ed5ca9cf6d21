"""What was refused, by day, device and code: counted where it is said, added up in Redis; a help, never a record."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis

from cases.calendar import LOCAL
from cases.feed_ports import RefusalCount
from cases.ports import Clock
from feeds.streams import RedisGone

EVERY_S = 1.0
KEPT = timedelta(days=8)
STRANGER = ""  # whoever was refused before we knew a device
_SEPARATOR = "|"  # no code has it, a device's name may


class RefusalTally:
    """One process's refusals. Devices and codes are both ours to name, so what is counted cannot grow without end."""

    def __init__(self) -> None:
        self._fresh: Counter[tuple[str, str]] = Counter()
        self.total = 0

    def add(self, device: str, code: str) -> None:
        """One more refusal with this code; `device` is STRANGER before a key was right."""
        self._fresh[device, code] += 1
        self.total += 1

    async def keep(self, writes: Redis, now: Clock) -> None:
        """Add what is new to the day's hash once a second until cancelled; a Redis that is gone is waited for."""
        while True:
            await asyncio.sleep(EVERY_S)
            if not self._fresh:
                continue
            taken, self._fresh = self._fresh, Counter()
            pipe, key = writes.pipeline(transaction=False), key_of(now())
            for (device, code), count in taken.items():
                pipe.hincrby(key, f"{code}{_SEPARATOR}{device}", count)
            pipe.expire(key, KEPT)
            try:
                await pipe.execute()
            except RedisGone:
                self._fresh += taken  # some may now count twice; that is better than a silent loss


def key_of(at: datetime) -> str:
    """The hash of a day (Asia/Shanghai)."""
    return f"refusals:{at.astimezone(LOCAL):%Y%m%d}"


def counts_of(kept: Mapping[bytes, bytes]) -> list[RefusalCount]:
    """A day's refusals, the most frequent first; what is not ours to read is left out."""
    counts = []
    for name, count in kept.items():
        code, mark, device = name.decode(errors="replace").partition(_SEPARATOR)
        if mark and count.isdigit():
            counts.append(RefusalCount(device, code, int(count)))
    return sorted(counts, key=lambda each: (-each.count, each.device, each.code))


class Paced:
    """Figures of a process with the pace of some of them added: `<name>_per_s`, over the last minute."""

    def __init__(
        self,
        figures: Callable[[], Mapping[str, float]],
        names: Sequence[str],
        tick: Callable[[], float],
        over_s: float = 60.0,
    ) -> None:
        self._figures, self._names, self._tick, self._over_s = figures, names, tick, over_s
        self._past: deque[tuple[float, Mapping[str, float]]] = deque()

    def __call__(self) -> dict[str, float]:
        """The figures now; `tick` is a steady clock in seconds."""
        told, now = dict(self._figures()), self._tick()
        self._past.append((now, told))
        while now - self._past[0][0] > self._over_s:
            self._past.popleft()
        since, first = self._past[0]
        span_s = max(now - since, 1.0)
        pace = {f"{name}_per_s": round((told[name] - first[name]) / span_s, 2) for name in self._names}
        return told | pace
