"""Wires the parts of a room into its roles, and the roles into one command."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import importlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import redis

import administration
import demo
import order_import
import redis_server
import reporting
import rule_trial
from cases.model import EVERYWHERE
from dashboard.base_map import BadBaseMap, base_map_of
from room import Room, lock_data_dir, make_data_dir, now, open_room, seed_directory
from settings import BadSetting, Settings
from supervisor import Beat, Role, Supervisor, python
from webhook_admin import postman_of

APP = str(Path(__file__).parent / "app.py")
Run = Callable[[Room, asyncio.Event, Callable[[], None]], Awaitable[None]]


def start_room(settings: Settings) -> int:
    """Everything on this machine: check, prepare, start the roles, mind them until told to stop."""
    make_data_dir(settings)
    lock = lock_data_dir(settings)
    _refuse_taken_port(settings.host, settings.port, "PORT")
    _refuse_taken_port(settings.host, settings.gateway_port, "GATEWAY_PORT")
    _refuse_unreachable_redis(settings)
    _refuse_unreadable_base_map(settings)
    postman_of(settings)  # networks that are none are refused now, not when somebody is to be told
    link = prepare(settings)
    try:
        return Supervisor(_roles(settings), _say).run(lambda: _say_welcome(settings, link))
    finally:
        os.close(lock)


def prepare(settings: Settings) -> str | None:
    """Bring the database to this release and seed what the grid folder and the demo bring.

    The one-time link for the first account, where there is none yet and no demo.
    """
    room = open_room(settings)
    room.read_alert_rules()
    seed_directory(room)
    link = None
    if settings.demo:
        _write_demo_json(room)
    elif not room.directory.accounts():
        link = room.accounts.first_link(now())
    room.engine.close()
    return link


def start_role(name: str, settings: Settings) -> int:
    """One role in this process until SIGTERM or SIGINT."""
    room = open_room(settings)
    role = importlib.import_module(f"roles.{name}")  # each role loads only what it runs
    with asyncio.Runner(loop_factory=getattr(role, "LOOP", None)) as runner:
        return runner.run(_live(role.run, room))


def administer(asked: argparse.Namespace, settings: Settings) -> int:
    """`account`, `device`, `report` and the other commands."""
    if asked.command == rule_trial.COMMAND:
        return rule_trial.run(asked, open_room(settings))
    if asked.command == "import-orders":
        return order_import.run(asked, open_room(settings))
    tool = reporting if asked.command in reporting.COMMANDS else administration
    return tool.run(asked, open_room(settings))


async def _live(run: Run, room: Room) -> int:
    stop, beat = asyncio.Event(), Beat()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    beating = asyncio.create_task(_beat(beat))

    def ready() -> None:
        gc.collect()
        gc.freeze()  # grids, rules and pages stay as long as the process: the collector need not walk them again
        beat.ready()

    try:
        await run(room, stop, ready)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise BadSetting(f"端口已被占用 / port taken: {problem.strerror}") from problem
        raise
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
    return 0


async def _beat(beat: Beat) -> None:
    """From the role's own loop: a loop that hangs falls silent."""
    while True:
        beat.alive()
        await asyncio.sleep(1)


def _write_demo_json(room: Room) -> None:
    """Say how to reach this demo room; the replay role enters the accounts and devices that it names."""
    workers = sorted(w.id for w in room.directory.workers(EVERYWHERE))
    first, inside = room.grids.grids(0)[0], room.grids.grids(len(room.grids.levels()) - 1)[0]
    point = inside.geometry.representative_point()
    demo.load_or_make(
        room.settings,
        now(),
        first.code,
        workers[-1] if workers else "*",
        room.directory.units(),
        (round(point.x, 6), round(point.y, 6)),
    )


def _roles(settings: Settings) -> list[Role]:
    roles = []
    if not settings.redis_url:
        command = redis_server.command(settings.data_dir)
        roles.append(Role("redis", command, ready=lambda: redis_server.answers(settings.data_dir), needed=True))
    names = ["gateway", "intake", "web"] + (["replay"] if settings.demo else [])
    return roles + [Role(name, python(APP, name)) for name in names]


def _refuse_taken_port(host: str, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise BadSetting(
                f"{host}:{port} 不可用（{problem.strerror}），请停止占用它的程序或设置 {setting} / port {port} is taken"
            ) from problem


def _refuse_unreadable_base_map(settings: Settings) -> None:
    try:
        base_map_of(settings.base_map, settings.base_map_datum, settings.base_map_note)
    except BadBaseMap as problem:
        raise BadSetting(f"BASE_MAP 无法使用 / cannot be used: {problem}") from problem


def _refuse_unreachable_redis(settings: Settings) -> None:
    if not settings.redis_url:
        redis_server.executable()
        return
    try:
        with redis.Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=3) as link:
            link.ping()
    except (redis.RedisError, ValueError, OSError) as problem:
        raise BadSetting(
            "REDIS_URL 无法连接，请检查地址或取消该设置以使用内置 Redis / REDIS_URL is unreachable: "
            f"{type(problem).__name__}"
        ) from problem


def _say(line: str) -> None:
    print(line, flush=True)


def _say_welcome(settings: Settings, link: str | None) -> None:
    _say(f"\n  调度室已启动 / the room is up   http://{settings.host}:{settings.port}\n")
    if settings.demo:
        for line in demo.welcome(settings):
            _say(line)
    if link:
        _say(f"  首个账号（15 分钟内有效）/ first account: http://{settings.host}:{settings.port}/welcome/{link}")
    _say("  Ctrl-C 停止 / stops everything\n")
