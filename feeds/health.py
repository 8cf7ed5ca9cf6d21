"""Signs of life: each role writes one a second; whoever looks sees ok, late or down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import msgspec
from redis.asyncio import Redis

from cases.ports import Clock, RoleHealth
from feeds.streams import HEALTH, RedisGone

EVERY_S = 1.0
LATE_AFTER_S, DOWN_AFTER_S = 3.0, 6.0


class Sign(msgspec.Struct):
    """One role's last sign of life, as the hash `health` keeps it."""

    at: datetime
    figures: dict[str, float] = {}


_signs = msgspec.json.Decoder(Sign)


async def write_signs(redis: Redis, role: str, now: Clock, figures: Callable[[], Mapping[str, float]]) -> None:
    """Write this role's sign of life once a second until cancelled; a Redis that is gone is not our death."""
    while True:
        with suppress(*RedisGone):
            await redis.hset(HEALTH, role, msgspec.json.encode(Sign(now(), dict(figures()))))
        await asyncio.sleep(EVERY_S)


def health_of(raw: bytes | str | None, now: datetime) -> RoleHealth:
    """How the role does whose last sign this is; None or nonsense means it never spoke."""
    try:
        sign = _signs.decode(raw or b"")
        age_s = max(0.0, (now - sign.at).total_seconds())
    except (msgspec.MsgspecError, TypeError):
        return RoleHealth(None, "down", "未启动")
    state = state_at(age_s)
    note = "" if state == "ok" else f"{int(age_s)} 秒没有消息"
    return RoleHealth(round(age_s, 1), state, note, sign.figures)


def state_at(age_s: float) -> str:
    """ok under 3 s, late under 6 s, then down."""
    if age_s < LATE_AFTER_S:
        return "ok"
    return "late" if age_s < DOWN_AFTER_S else "down"
