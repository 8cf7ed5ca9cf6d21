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
PROBE = "probe"  # no process: the sign is renewed when a self-probe came through (feeds/probe.py)
PROBE_LATE_S, PROBE_DOWN_S = 45.0, 75.0  # one missed, two missed; P31 asks for 90 s


class Sign(msgspec.Struct):
    """One role's last sign of life, as the hash `health` keeps it."""

    at: datetime
    figures: dict[str, float] = {}


_signs = msgspec.json.Decoder(Sign)


async def write_signs(redis: Redis, role: str, now: Clock, figures: Callable[[], Mapping[str, float]]) -> None:
    """Write this role's sign of life once a second until cancelled; a Redis that is gone is not our death."""
    while True:
        tasks = float(len(asyncio.all_tasks()))  # each that is never awaited would show here first
        await put_sign(redis, role, Sign(now(), {"tasks": tasks, **figures()}))
        await asyncio.sleep(EVERY_S)


async def put_sign(redis: Redis, role: str, sign: Sign) -> None:
    """Write one sign of life; while Redis is gone nothing is written, and its age says so."""
    with suppress(*RedisGone):
        await redis.hset(HEALTH, role, msgspec.json.encode(sign))


def health_of(raw: bytes | str | None, now: datetime, role: str = "") -> RoleHealth:
    """How the role does whose last sign this is; None or nonsense means it never spoke."""
    try:
        sign = _signs.decode(raw or b"")
        age_s = max(0.0, (now - sign.at).total_seconds())
    except (msgspec.MsgspecError, TypeError):
        return RoleHealth(None, "down", "未启动")
    state = state_at(age_s, role)
    silent = "自检没有走通" if role == PROBE else "没有消息"
    note = "" if state == "ok" else f"{int(age_s)} 秒{silent}"
    return RoleHealth(round(age_s, 1), state, note, sign.figures)


def state_at(age_s: float, role: str = "") -> str:
    """ok under 3 s, late under 6 s, then down; a probe comes every 30 s and has longer."""
    late_s, down_s = (PROBE_LATE_S, PROBE_DOWN_S) if role == PROBE else (LATE_AFTER_S, DOWN_AFTER_S)
    if age_s < late_s:
        return "ok"
    return "late" if age_s < down_s else "down"
