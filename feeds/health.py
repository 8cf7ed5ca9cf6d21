"""Signs of life: each process writes one a second; whoever looks sees its role ok, late or down."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
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


FORGOTTEN_S = 600.0  # a silent process is no longer missed where others of its role live


class Sign(msgspec.Struct):
    """One process's last sign of life, as the hash `health` keeps it under its role or `role/name`."""

    at: datetime
    figures: dict[str, float] = {}


_signs = msgspec.json.Decoder(Sign)


def field_of(role: str, name: str) -> str:
    """Where a process writes its sign, one of several of its role by their names."""
    return f"{role}/{name}"


async def write_signs(redis: Redis, field: str, now: Clock, figures: Callable[[], Mapping[str, float]]) -> None:
    """Write this process's sign of life once a second until cancelled; a Redis that is gone is not our death."""
    while True:
        tasks = float(len(asyncio.all_tasks()))  # each that is never awaited would show here first
        await put_sign(redis, field, Sign(now(), {"tasks": tasks, **figures()}))
        await asyncio.sleep(EVERY_S)


async def put_sign(redis: Redis, field: str, sign: Sign) -> None:
    """Write one sign of life; while Redis is gone nothing is written, and its age says so."""
    with suppress(*RedisGone):
        await redis.hset(HEALTH, field, msgspec.json.encode(sign))


def roles_of(signs: Mapping[str, bytes], now: datetime) -> dict[str, RoleHealth]:
    """How each role does that has ever spoken, its processes taken together: down when all of them are."""
    found: defaultdict[str, dict[str, RoleHealth]] = defaultdict(dict)
    for field, sign in sorted(signs.items()):
        role, _, name = field.partition("/")
        found[role][name] = health_of(sign, now, role)
    for each in found.values():
        if len(each) > 1:
            each.pop("", None)  # what a release without names left in Redis
    return {role: _together(each) for role, each in found.items()}


def is_minded(role: str, signs: Mapping[bytes, bytes], now: datetime) -> bool:
    """Whether any process of the role spoke just now."""
    mine = (sign for field, sign in signs.items() if field.partition(b"/")[0] == role.encode())
    return any(health_of(sign, now, role).state == "ok" for sign in mine)


def _together(each: Mapping[str, RoleHealth]) -> RoleHealth:
    """Figures added up, the oldest sign's age, and a word about whoever is missed."""
    if all(process.state == "down" for process in each.values()):
        return min(each.values(), key=lambda process: float("inf") if process.age_s is None else process.age_s)
    counted = {name: p for name, p in each.items() if p.age_s is not None and p.age_s < FORGOTTEN_S}
    if len(counted) == 1:
        return next(iter(counted.values()))
    figures: Counter[str] = Counter()
    for process in counted.values():
        figures.update(process.figures)
    notes = [f"{name} {process.note}" for name, process in counted.items() if process.note]
    age_s = max(process.age_s or 0.0 for process in counted.values())
    return RoleHealth(age_s, "late" if notes else "ok", "；".join(notes), dict(figures))


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
