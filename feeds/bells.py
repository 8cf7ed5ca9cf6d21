"""Bells: what a commit touched is published on the channel `changes`, from any thread, without ever waiting."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cases.ports import Change
from feeds.streams import CHANGES, RedisGone, pack_changes

log = logging.getLogger("feeds.bells")

_WAITING_MOST = 1000


class Bells:
    """A `cases.ports.Tell` over Redis. Bells may be lost; listeners also read the event cursor."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        self._waiting: queue.Queue[Sequence[Change] | None] = queue.Queue(_WAITING_MOST)
        self._thread = threading.Thread(target=self._ring, name="bells", daemon=True)
        self._thread.start()

    def __call__(self, changes: Sequence[Change]) -> None:
        """Ring for these changes soon; when Redis cannot keep up the bell is dropped, not the caller held."""
        if changes:
            try:
                self._waiting.put_nowait(changes)
            except queue.Full:
                log.warning("bells dropped: Redis does not keep up")

    def close(self) -> None:
        """Ring what waits, then stop."""
        self._waiting.put(None)
        self._thread.join(3)
        self._redis.close()

    def _ring(self) -> None:
        while (changes := self._waiting.get()) is not None:
            try:
                self._redis.publish(CHANGES, pack_changes(changes))
            except RedisGone as problem:
                log.debug("bell lost: %s", problem)


class HeldBells:
    """A `cases.ports.Tell` for one thread that has something to send anyway: it takes the bells along."""

    def __init__(self) -> None:
        self._held: list[Change] = []

    def __call__(self, changes: Sequence[Change]) -> None:
        """Keep these changes until they are taken."""
        self._held += changes

    def take(self) -> list[Change]:
        """What was kept since this was asked last."""
        taken, self._held = self._held, []
        return taken
