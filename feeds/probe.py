"""The room's own incident: every half minute an exercise report goes the whole way from the gateway to the commit.

What people and devices do not send for an hour is silence; what this does not get acknowledged for a minute is a
fault (reliability.md P31). Of its report the desk keeps a count and nothing else: it enters no figure and no screen.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime

from redis.asyncio import Redis

from cases.model import SELF_PROBE, Device
from cases.ports import Clock
from feeds import send
from feeds.health import PROBE, Sign, put_sign

log = logging.getLogger("feeds.probe")

EVERY_S = 30.0
LONGEST_S = 12.0
SOURCE = "other"

Place = tuple[float, float]
PutDevice = Callable[[Device, str], None]


class SelfProbe:
    """Sends one report at a time as the device SELF_PROBE, and says in its sign of life when one last came through."""

    def __init__(self, gateway: str, place: Place, put_device: PutDevice, now: Clock) -> None:
        self._gateway, self._place, self._put_device, self._now = gateway, place, put_device, now
        self._key = ""
        self.missed = 0

    async def run(self, signs: Redis, leads: Callable[[], bool], every_s: float = EVERY_S) -> None:
        """Until cancelled, whenever `leads` says that it is this process's turn (blocking, asked in a thread)."""
        came_through = self._now()
        round_trip_s = 0.0
        while True:
            if await asyncio.to_thread(_quietly, leads):
                taken_s = await self.send()
                if taken_s is not None:
                    came_through, round_trip_s = self._now(), taken_s
                await put_sign(signs, PROBE, self._sign(came_through, round_trip_s))
            else:
                came_through = self._now()  # another process probes, and answers for it
            await asyncio.sleep(every_s)

    async def send(self) -> float | None:
        """Seconds from hello to acknowledgement; None, and a line in the log, when none came."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._enter()
                ack = await send.exchange(self._gateway, SELF_PROBE, self._key, self._report())
            why = "" if ack.get("ok") else str(ack.get("code"))
        except (send.CannotSend, TimeoutError) as problem:
            why = f"{type(problem).__name__} {problem}"
        except Exception as problem:  # the probe may not end by what it is there to notice
            log.exception("the self-probe failed by itself")
            why = type(problem).__name__
        if not why:
            self.missed = 0
            return time.monotonic() - began
        self.missed += 1
        self._key = ""  # perhaps it was revoked or another process has its own: make a new one
        log.log(logging.ERROR if self.missed > 1 else logging.WARNING, "self-probe missed %d: %s", self.missed, why)
        return None

    async def _enter(self) -> None:
        """A key of this process's own, renewed at every start; it is written down nowhere but as its hash."""
        if not self._key:
            key = f"{SELF_PROBE}.{secrets.token_urlsafe(32)}"
            await asyncio.to_thread(self._put_device, Device(SELF_PROBE, SOURCE, "*"), key)
            self._key = key

    def _report(self) -> dict[str, object]:
        lon, lat = self._place
        said = {"type": "report", "id": f"probe-{secrets.token_hex(8)}", "at": self._now().isoformat()}
        where = {"lon": lon, "lat": lat, "crs": "wgs84"}
        return {**said, "channel": SOURCE, "category": "other", "title": "自检", "exercise": True, **where}

    def _sign(self, at: datetime, round_trip_s: float) -> Sign:
        return Sign(at, {"round_trip_s": round(round_trip_s, 4), "missed": float(self.missed)})


def _quietly(leads: Callable[[], bool]) -> bool:
    """Whether it is our turn; when that cannot be known it is, for then there is something to notice."""
    try:
        return leads()
    except Exception:  # a store that is away is the very thing to be noticed
        return True
