"""When each device was last heard, whatever it said: the gateway notes it, rules about silent feeds read it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import redis
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from feeds.streams import HEARD, RedisGone

log = logging.getLogger("feeds.heard")


async def note(asked: Redis, devices: Sequence[str], now: datetime) -> None:
    """These devices spoke lately; while Redis is gone nothing is noted, and the record of reports must do."""
    if devices:
        with suppress(*RedisGone):
            await asked.hset(HEARD, mapping=dict.fromkeys(devices, f"{now.timestamp():.3f}"))


class Heard:
    """What the gateways noted. Blocking, a second at most."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )

    def last(self, devices: Collection[str]) -> Mapping[str, datetime]:
        """When each of these devices was last heard; nothing of those unknown here, or while Redis is gone."""
        names = sorted(devices)
        try:
            values = self._redis.hmget(HEARD, names) if names else []
        except RedisGone as problem:
            log.warning("redis (%s): silence is judged by reports alone", type(problem).__name__)
            return {}
        return {name: found for name, value in zip(names, values, strict=True) if (found := _instant(value))}

    def close(self) -> None:
        """Give the connection back."""
        self._redis.close()


def _instant(value: bytes | str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
