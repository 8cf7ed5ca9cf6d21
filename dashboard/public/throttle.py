"""How often one address, or one code, may ask: a bucket a key that refills with time."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable


class Throttle:
    """Buckets of `burst` asks that refill by `per_s` a second; the keys that asked longest ago are forgotten."""

    def __init__(
        self, burst: float, per_s: float, most: int = 8192, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_s, self._most, self._clock = burst, per_s, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Seconds until this key may ask; 0 lets it ask now, and counts it."""
        now = self._clock()
        left = self._now_left(key, now)
        if left < 1:
            return (1 - left) / self._per_s
        self._keep(key, left - 1, now)
        return 0.0

    def charge(self, key: str, cost: float) -> None:
        """Let an ask cost more than one: wrong codes do."""
        now = self._clock()
        self._keep(key, self._now_left(key, now) - cost, now)

    def _now_left(self, key: str, now: float) -> float:
        left, at = self._left.get(key, (self._burst, now))
        return min(self._burst, left + (now - at) * self._per_s)

    def _keep(self, key: str, left: float, now: float) -> None:
        self._left[key] = (left, now)
        self._left.move_to_end(key)
        if len(self._left) > self._most:
            self._left.popitem(last=False)


def address_of(peer: str, forwarded: str, behind_proxy: bool) -> str:
    """Whose bucket a request draws from: the peer, or behind a proxy of ours the last address that it wrote down.

    An IPv6 visitor owns a whole /64; what is no address counts as the peer.
    """
    said = forwarded.rsplit(",", 1)[-1].strip() if behind_proxy else ""
    for text in (said, peer):
        try:
            found = ipaddress.ip_address(text)
        except ValueError:
            continue
        return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
    return peer
