"""The live picture as the web process reads it: from Redis, from SQL's last fixes when Redis has none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

import msgspec

from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Fix
from cases.ports import Clock, FixesMoved, LiveNews, Positions, RoleHealth
from feeds import streams
from feeds.health import health_of, roles_of

log = logging.getLogger("feeds.picture")

ALWAYS = ("gateway", "intake")  # roles whose silence is news; replay is shown once it has spoken


class RedisLiveFeed:
    """A `cases.ports.LiveFeed` over Redis; outlives any number of Redis restarts."""

    def __init__(self, redis_url: str, positions: Positions, now: Clock, report_streams: int = 1) -> None:
        self._asks, self._hears = streams.writer(redis_url), streams.reader(redis_url)
        self._positions, self._now = positions, now
        self._reports = streams.report_streams(report_streams)
        self._signs: dict[str, bytes] = {}

    async def close(self) -> None:
        """Give the connections back."""
        await self._asks.aclose()
        await self._hears.aclose()

    async def snapshot(self) -> Sequence[Fix]:
        """The newest fix of every worker now; raises StoreUnavailable only when Redis and SQL are both gone."""
        try:
            packed = await self._asks.hgetall(streams.POSITIONS)
            fixes = [streams.unpack_fix(value) for value in packed.values() if isinstance(value, bytes)]
        except (*streams.RedisGone, msgspec.MsgspecError) as problem:
            log.warning("no live picture from redis (%s)", type(problem).__name__)
            fixes = []
        return fixes or await asyncio.to_thread(self._positions.last, EVERYWHERE)

    async def news(self) -> AsyncIterator[LiveNews]:
        """Fixes and bells from now on. Every (re)subscription begins with the whole picture: nothing slips between."""
        while True:
            try:
                async with self._hears.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(streams.POSITIONS, streams.CHANGES)
                    yield FixesMoved(await self.snapshot())
                    while True:
                        message = await subscription.get_message(timeout=1.0)
                        for item in _news_in(message) if message else ():
                            yield item
            except (*streams.RedisGone, StoreUnavailable) as problem:
                log.warning("no live news (%s): trying again", type(problem).__name__)
                await asyncio.sleep(0.5)

    async def health(self) -> Mapping[str, RoleHealth]:
        """redis, gateway, intake, web, and replay where it has spoken; ages go on growing while Redis is gone."""
        try:
            signs, oldest, waiting, dead = await self._look()
            self._signs = {_text(role): _bytes(sign) for role, sign in signs.items()}
            redis = RoleHealth(0.0, "ok", figures=_stream_figures(oldest, waiting, dead, self._now()))
        except streams.RedisGone:
            redis = RoleHealth(None, "down", "Redis 无法连接")
        now = self._now()
        heard = {role: health_of(None, now) for role in ALWAYS} | roles_of(self._signs, now)
        mine = heard["web"].figures if "web" in heard else {}
        return {"redis": redis, **heard, "web": RoleHealth(0.0, "ok", figures=mine)}  # who asks is alive

    async def _look(self) -> tuple[dict[bytes, bytes], Sequence[bytes], int, int]:
        """Signs of life, the oldest report of each stream not yet committed, how many wait there and among the dead."""
        pipe = self._asks.pipeline(transaction=False)
        pipe.hgetall(streams.HEALTH)
        pipe.xlen(streams.DEAD)
        for name in self._reports:
            pipe.xrange(name, count=1)
            pipe.xlen(name)
        signs, dead, *each = await pipe.execute()
        return signs, [head[0][0] for head in each[::2] if head], sum(each[1::2]), dead


def _stream_figures(oldest: Sequence[bytes], waiting: int, dead: int, now: datetime) -> Mapping[str, float]:
    """Parcels in the streams and the age of the oldest in seconds (an entry's id begins with Redis's own clock)."""
    began_ms = min((float(id_.split(b"-")[0]) for id_ in oldest), default=0.0)
    lag_s = max(0.0, now.timestamp() - began_ms / 1000) if oldest else 0.0
    return {"waiting": float(waiting), "lag_s": round(lag_s, 2), "dead": float(dead)}


def _news_in(message: Mapping[str, object]) -> Sequence[LiveNews]:
    data = message["data"]
    try:
        if not isinstance(data, bytes):
            return ()
        if _text(message["channel"]) == streams.CHANGES:
            return streams.unpack_changes(data)
        return [FixesMoved(streams.unpack_fixes(data))]
    except msgspec.MsgspecError:
        log.warning("a message on a live channel is not ours")
        return ()


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
