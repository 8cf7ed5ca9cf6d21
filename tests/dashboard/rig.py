"""A room to test against: real SQLite, real rules, toy grids, a feed the test plays; served on a real socket."""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import argon2
import requests
import shapely
import uvloop
from websockets.sync.client import ClientConnection, connect

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import (
    Account,
    AlertLevel,
    AlertReport,
    Device,
    Fix,
    GridWorker,
    HandlingUnit,
    IncidentReport,
    Place,
    Role,
    UnitId,
    WorkerId,
    WorkerStatus,
)
from cases.ports import Change, FixesMoved, LiveNews, RoleHealth
from dashboard.factory import Room, serve
from dashboard.services import DutyPost, Services
from geo.grids import Grid, GridBook
from geo.scheme import Level, Scheme
from storage.accounts import SqlAccounts
from storage.directory import SqlDirectory
from storage.engine import Engine, open_engine
from storage.passwords import Passwords
from storage.positions import SqlPositions
from storage.registry import registry_of
from storage.store import SqlStore
from storage.views import SqlViews
from tests.empty import empty_database

PASSWORD = "门前大桥下游过一群鸭"
AREAS = ("A", "B")
PEOPLE = {
    "duty": (Role.DUTY, ""),
    "leader": (Role.LEADER, ""),
    "analyst": (Role.ANALYST, ""),
    "admin": (Role.ADMIN, ""),
    "verifier": (Role.VERIFIER, ""),
    "unit": (Role.UNIT, ""),
    "duty-a": (Role.DUTY, "A"),
    "duty-b": (Role.DUTY, "B"),
    "analyst-a1": (Role.ANALYST, "A1"),
}
QUICK = Passwords(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def toy_grids() -> GridBook:
    """Two first-level grids side by side, A and B, of two each: A1 A2 B1 B2, between 120–120.4 E and 30–30.1 N."""
    scheme = Scheme("试验镇", "EPSG:4326", (Level("一级网格", ""), Level("二级网格", "")), Path("."))
    boxes = {"A": (120.0, 120.2), "B": (120.2, 120.4)}
    boxes |= {"A1": (120.0, 120.1), "A2": (120.1, 120.2), "B1": (120.2, 120.3), "B2": (120.3, 120.4)}
    grids = [
        Grid(
            i, code, f"网格{code}", len(code) - 1, code[0] if len(code) == 2 else None, shapely.box(w, 30, e, 30.1), {}
        )
        for i, (code, (w, e)) in enumerate(boxes.items())
    ]
    return GridBook(scheme, grids)


class PlayedFeed:
    """A live feed whose news the test plays; whoever listens hears everything from then on."""

    def __init__(self) -> None:
        self.fixes: dict[str, Fix] = {}
        self.roles = {role: RoleHealth(0.4, "ok") for role in ("redis", "gateway", "intake", "web")}
        self._ears: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[LiveNews | Exception]]] = []

    async def snapshot(self) -> Sequence[Fix]:
        return list(self.fixes.values())

    async def health(self) -> Mapping[str, RoleHealth]:
        return dict(self.roles)

    async def news(self) -> AsyncIterator[LiveNews]:
        ear = (asyncio.get_running_loop(), asyncio.Queue[LiveNews | Exception]())
        self._ears.append(ear)
        try:
            while True:
                news = await ear[1].get()
                if isinstance(news, Exception):
                    raise news
                yield news
        finally:
            self._ears.remove(ear)

    def play(self, news: LiveNews | Exception) -> None:
        """Tell every listener, from any thread."""
        if isinstance(news, FixesMoved):
            self.fixes |= {fix.worker: fix for fix in news.fixes}
        for loop, queue in list(self._ears):
            loop.call_soon_threadsafe(queue.put_nowait, news)

    def ring(self, changes: Sequence[Change]) -> None:
        """The desk's bell."""
        for change in changes:
            self.play(change)


class OneKeyIntake:
    """The HTTP door of devices, as far as the web process is concerned."""

    async def take(self, body: bytes, authorization: str) -> tuple[int, Mapping[str, object]]:
        if authorization != "Bearer demo.key":
            return 401, {"ok": False, "code": "CREDENTIALS", "msg": "设备密钥无效", "field": None, "ref": "R-0000"}
        return 201, {"type": "ack", "id": json.loads(body)["id"], "ok": True}


@dataclass
class Rig:
    """The room's parts within a test's reach."""

    services: Services
    engine: Engine
    feed: PlayedFeed
    directory: SqlDirectory
    url: str = ""
    room: Room | None = None
    sessions: list[requests.Session] = field(default_factory=list)
    _serial: int = 0
    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The room's clock, which a test may move."""
        return datetime.now(UTC) + self.offset

    def report(self, title: str, area: str = "A1", **more: Any) -> str:
        """File a report in a grid (or "" for 待定); the case's number."""
        self._serial += 1
        grids = (area[0], area) if area else ()
        west = {"A1": 120.0, "A2": 120.1, "B1": 120.2, "B2": 120.3}.get(area)
        place = Place(None if west is None else west + 0.05, None if west is None else 30.05, grids)
        now, serial = self.now(), f"r{self._serial}"
        report = IncidentReport(
            "demo", serial, serial, now, now, "call", "dispute.neighbour", title, place=place, **more
        )
        answer = self.services.desk.file([report], now)[0]
        assert answer.receipt is not None
        return answer.receipt.number

    def alarm(self, text: str, area: str = "A1") -> str:
        """Raise a red alert in a grid; its number."""
        self._serial += 1
        now, serial = self.now(), f"a{self._serial}"
        report = AlertReport(
            "demo",
            serial,
            serial,
            now,
            now,
            AlertLevel.RED,
            "video",
            "crowd",
            text,
            Place(120.05, 30.05, (area[0], area)),
        )
        answer = self.services.desk.file([report], now)[0]
        assert answer.receipt is not None
        return answer.receipt.number

    def fix(
        self, worker: str, lon: float = 120.05, lat: float = 30.05, *, status: str = "available", ago: float = 0
    ) -> Fix:
        """A worker's fix, `ago` seconds old."""
        return Fix(WorkerId(worker), self.now() - timedelta(seconds=ago), lon, lat, 8.0, WorkerStatus(status))

    # as a person or a program ---------------------------------------------------------------------------------

    def session(self) -> requests.Session:
        """A stranger's connection; closed with the room."""
        session = requests.Session()
        self.sessions.append(session)
        return session

    def browser(self, name: str) -> requests.Session:
        """A signed-in browser: cookie and CSRF token in place."""
        session = self.session()
        answer = session.post(f"{self.url}/login", data={"name": name, "password": PASSWORD}, allow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        session.headers["X-CSRFToken"] = session.cookies["_csrf_token"]
        return session

    def program(self, name: str) -> requests.Session:
        """A program with a bearer token."""
        session = self.session()
        answer = session.post(f"{self.url}/api/v1/session", json={"name": name, "password": PASSWORD})
        session.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return session

    def live(self, session: requests.Session, **more: Any) -> ClientConnection:
        """A screen's socket with the session's cookie or token."""
        headers = {}
        if "Authorization" in session.headers:
            headers["Authorization"] = str(session.headers["Authorization"])
        else:
            headers["Cookie"] = "; ".join(f"{c.name}={c.value}" for c in session.cookies)
            headers["Origin"] = self.url
        headers |= more.pop("headers", {})
        address = self.url.replace("http", "ws") + more.pop("path", "/live")
        return connect(address, additional_headers=headers, compression=None, max_size=2**26, **more)


@cache
def _kept(people: bool) -> Path:
    """The database of a room at its start, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="rig-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = empty_database(folder / "room.sqlite")
    if people:
        _people(SqlDirectory(engine, QUICK))
    engine.close()
    return folder / "room.sqlite"


@contextmanager
def rigged(folder: Path, *, people: bool = True, **more: Any) -> Iterator[Rig]:
    """A room that is not yet served; without `people` as at its very first start."""
    engine = open_engine(f"sqlite:///{shutil.copy(_kept(people), folder / 'room.sqlite')}")
    directory = SqlDirectory(engine, QUICK)
    feed = PlayedFeed()
    days = WorkCalendar(frozenset(), frozenset(), frozenset({2026}))
    rig = Rig(None, engine, feed, directory)  # type: ignore[arg-type]
    rig.services = Services(
        desk=Desk(SqlStore(engine), days, feed.ring, roll=directory),
        views=SqlViews(engine),
        directory=directory,
        positions=SqlPositions(engine),
        accounts=SqlAccounts(engine, QUICK),
        registry=registry_of(engine),
        live=feed,
        intake=OneKeyIntake(),
        grids=toy_grids(),
        clock=rig.now,
        title="试验镇综治中心",
        duty=lambda: (DutyPost("指挥长", "陈某"),),
        uploads=str(folder / "uploads"),
        **more,
    )
    try:
        yield rig
    finally:
        engine.close()


def _people(directory: SqlDirectory) -> None:
    for name, (role, area) in PEOPLE.items():
        unit = "U-city" if role is Role.UNIT else None
        directory.put_account(Account(name, role, area, name, unit=unit), PASSWORD)
    directory.put_units([HandlingUnit(UnitId("U-city"), "城管中队", "urban", "", ("dispute.neighbour",))])
    lineage = {"A1": ("A", "A1"), "B1": ("B", "B1")}
    directory.put_workers(
        [
            GridWorker(WorkerId("W-A1"), "王建国", "A1", "13800001234"),
            GridWorker(WorkerId("W-B1"), "李秀英", "B1", "13800005678"),
        ],
        lambda code: lineage[code],
    )
    directory.put_device(Device("demo", "grid_worker", "*"), "demo.key")


@contextmanager
def served(rig: Rig) -> Iterator[Rig]:
    """Serve a rigged room on a free port of this machine, in a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    room = Room(rig.services)
    started, box = threading.Event(), {}

    async def run() -> None:
        box["stop"], box["loop"] = asyncio.Event(), asyncio.get_running_loop()

        async def ready() -> None:
            started.set()

        await serve(room.asgi, "127.0.0.1", port, box["stop"], ready)

    thread = threading.Thread(target=uvloop.run, args=(run(),), daemon=True)  # the web role's loop
    thread.start()
    assert started.wait(20)
    rig.url, rig.room = f"http://127.0.0.1:{port}", room
    try:
        yield rig
    finally:
        for session in rig.sessions:
            session.close()
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(15)
        assert not thread.is_alive()
