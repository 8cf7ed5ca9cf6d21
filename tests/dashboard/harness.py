"""A whole web process for browser tests: real store, real grids, real hub; only the live feed is played by hand."""

from __future__ import annotations

import asyncio
import atexit
import http.client
import json
import logging
import random
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import shapely

from cases.categories import CATEGORIES
from cases.desk import Desk
from cases.model import (
    EVERYWHERE,
    Account,
    Action,
    Actor,
    AlertLevel,
    AlertReport,
    CaseNo,
    Fix,
    IncidentReport,
    Place,
    Role,
    WorkerId,
    WorkerStatus,
)
from cases.ports import Change, FixesMoved, LiveNews, RoleHealth
from cases.routing import suggest_unit
from classify.model import shipped
from dashboard.factory import create_app, serve
from dashboard.services import DutyPost, Services
from geo.grids import GridBook
from room import Room, open_room, seed_directory
from settings import Settings
from storage.register_reading import RegisterReader

NAME, PASSWORD = "duty", "a long enough password"
DATABASE = "demo.sqlite"
TITLES = {
    "dispute.neighbour": "楼上漏水与邻居争执",
    "dispute.wages": "工地拖欠工资 12 人",
    "dispute.property": "物业费纠纷",
    "environment.noise": "夜间施工噪声扰民",
    "city.street_trade": "占道经营堵塞人行道",
    "safety.fire_exit": "消防通道被占",
    "safety.ebike": "楼道电动车充电",
    "order.fight": "烧烤店前打架",
    "people.lost_elder": "老人走失",
    "people.hardship": "生活困难求助",
}


@dataclass
class HandFeed:
    """A LiveFeed moved by the test: `move` and `ring` from any thread."""

    loop: asyncio.AbstractEventLoop | None = None
    fixes: dict[str, Fix] = field(default_factory=dict)
    state: dict[str, RoleHealth] = field(default_factory=dict)
    _heard: list[asyncio.Queue[LiveNews]] = field(default_factory=list)

    async def snapshot(self) -> Sequence[Fix]:
        """The newest fix of everybody."""
        self.loop = asyncio.get_running_loop()
        return list(self.fixes.values())

    async def news(self) -> AsyncIterator[LiveNews]:
        """What `move` and `ring` say from now on."""
        self.loop = asyncio.get_running_loop()
        queue: asyncio.Queue[LiveNews] = asyncio.Queue()
        self._heard.append(queue)
        while True:
            yield await queue.get()

    async def health(self) -> Mapping[str, RoleHealth]:
        """Everybody well unless the test says otherwise."""
        well = {name: RoleHealth(0.4, "ok") for name in ("redis", "gateway", "intake", "web")}
        return well | self.state

    def move(self, fixes: Sequence[Fix]) -> None:
        """Let workers move."""
        self.fixes |= {fix.worker: fix for fix in fixes}
        self._say(FixesMoved(fixes))

    def ring(self, changes: Sequence[Change]) -> None:
        """Ring the bell after a commit, as Desk's `tell`."""
        for change in changes:
            self._say(change)

    def _say(self, news: LiveNews) -> None:
        if self.loop is not None:
            for queue in self._heard:
                self.loop.call_soon_threadsafe(queue.put_nowait, news)


class NoIntake:
    """No reports over HTTP here."""

    async def take(self, body: bytes, authorization: str) -> tuple[int, Mapping[str, object]]:
        """Refuse."""
        return 503, {"ok": False, "code": "STORE_UNAVAILABLE", "msg": "未接入"}


@dataclass
class Stage:
    """The room under test: its parts, and hands to move it."""

    room: Room
    feed: HandFeed
    desk: Desk
    services: Services
    random: random.Random
    url: str = ""

    def report(self, **given: object) -> CaseNo:
        """File one report now; its case number."""
        number = f"H{self.random.getrandbits(60):x}"
        at = given.pop("at", datetime.now(UTC))
        assert isinstance(at, datetime)
        category = str(given.pop("category", self.random.choice(list(TITLES))))
        report = IncidentReport(
            source="harness",
            id=number,
            fingerprint=number,
            at=at,
            received_at=at,
            channel=str(given.pop("channel", "grid_worker")),
            category=category,
            title=str(given.pop("title", TITLES.get(category, CATEGORIES[category].name))),
            severity=CATEGORIES[category].severity,
            place=given.pop("place", None) or self.somewhere(),  # type: ignore[arg-type]
            **given,  # type: ignore[arg-type]
        )
        answer = self.desk.file([report], at)[0]
        assert answer.receipt is not None
        return CaseNo(answer.receipt.number)

    def somewhere(self) -> Place:
        """A place inside the town."""
        grid = self.random.choice(self.services.grids.grids(len(self.services.grids.levels()) - 1))
        west, south, east, north = grid.geometry.bounds
        while True:
            lon, lat = self.random.uniform(west, east), self.random.uniform(south, north)
            if grid.geometry.contains(shapely.Point(lon, lat)):
                return Place(lon, lat, self.services.grids.ancestors(grid.code))

    def advance(self, number: CaseNo, *actions: Action, at: datetime | None = None) -> None:
        """Take a case through these actions."""
        now, duty = at or datetime.now(UTC), Actor("duty", Role.DUTY, "test")
        for action in actions:
            case = self.services.views.case(number, EVERYWHERE)
            assert case is not None
            actor = Actor("verifier", Role.VERIFIER, "test") if action is Action.VERIFY else duty
            details: dict[str, object] = {"score": 5} if action is Action.EVALUATE else {}
            if action is Action.DISPATCH:
                suggestion = suggest_unit(case, self.services.directory.units())
                details = {"unit": suggestion.unit.id if suggestion else "centre"}
            self.desk.act(number, action, details, actor, EVERYWHERE, case.version, now)

    def alert(self, level: AlertLevel, kind: str, at: datetime | None = None, place: Place | None = None) -> str:
        """Raise one alert; its number."""
        number, now = f"A{self.random.getrandbits(60):x}", datetime.now(UTC)
        report = AlertReport(
            "harness", number, number, at or now, at or now, level, "video", kind, place=place or self.somewhere()
        )
        answer = self.desk.file([report], now)[0]
        assert answer.receipt is not None
        return answer.receipt.number

    def walkers(self, count: int | None = None) -> list[Fix]:
        """A fix for each worker (or for `count` invented ones), statuses mixed."""
        now = datetime.now(UTC)
        ids = [w.id for w in self.services.directory.workers(EVERYWHERE)]
        if count is not None:
            ids = [WorkerId(f"W-{i:05d}") for i in range(count)]
        statuses = [WorkerStatus.AVAILABLE] * 6 + [
            WorkerStatus.DISPATCHED,
            WorkerStatus.EN_ROUTE,
            WorkerStatus.ON_SCENE,
        ]
        fixes = []
        for worker in ids:
            place = self.somewhere()
            assert place.lon is not None
            assert place.lat is not None
            old = timedelta(seconds=self.random.choice([2, 5, 20, 90, 400]))
            fixes.append(Fix(worker, now - old, place.lon, place.lat, 8.0, self.random.choice(statuses)))
        return fixes


@cache
def town() -> GridBook:
    """The demo town, read once a process."""
    return GridBook.load(Settings().grids)


@cache
def _seeded() -> Path:
    """The database of a seeded room, made once a process: its workers, units and the two accounts."""
    folder = Path(tempfile.mkdtemp(prefix="seeded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    room = _room(folder)
    seed_directory(room)
    room.directory.put_account(Account(NAME, Role.DUTY, "", "李某"), PASSWORD)
    room.directory.put_account(Account("colleague", Role.DUTY, "", "周某"), PASSWORD)
    room.engine.close()
    return folder / DATABASE


def _room(folder: Path) -> Room:
    room = open_room(Settings(data_dir=folder, demo=True))
    room.__dict__["grids"] = town()  # as if it had read them itself
    return room


def set_stage(folder: Path, seed: int = 7) -> Stage:
    """A seeded room in `folder` without any case yet."""
    if not (folder / DATABASE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_seeded(), folder / DATABASE)
    room = _room(folder)
    feed = HandFeed()
    desk = room.desk(feed.ring)
    services = Services(
        desk=desk,
        views=room.views,
        directory=room.directory,
        positions=room.positions,
        accounts=room.accounts,
        registry=room.registry,
        live=feed,
        intake=NoIntake(),
        grids=town(),
        clock=lambda: datetime.now(UTC),
        title=room.title,
        duty=lambda: [DutyPost(*row) for row in room.duty(datetime.now(UTC))],
        demo=True,
        uploads=str(folder / "uploads"),
        register_files=RegisterReader(room.grids),
        classifier=shipped(),
    )
    return Stage(room, feed, desk, services, random.Random(seed))


ROAD = (Action.ACCEPT, Action.DISPATCH, Action.HANDLE, Action.VERIFY, Action.CLOSE)


def play_day(stage: Stage, cases: int = 70) -> None:
    """A working day behind us: cases of the last days in every stage, some late, a few alerts."""
    now = datetime.now(UTC)
    for at in sorted(now - timedelta(hours=24 * stage.random.random() ** 2) for _ in range(cases)):
        number = stage.report(at=at)
        stage.advance(
            number, *ROAD[: stage.random.choice([0, 1, 2, 2, 2, 3, 3, 4, 5, 5])], at=at + timedelta(seconds=30)
        )
    for _ in range(3):
        stage.advance(stage.report(at=now - timedelta(days=20)), *ROAD[:2], at=now - timedelta(days=20))
    while stage.desk.turn_clocks(now):
        pass
    stage.feed.move(stage.walkers())


@contextmanager
def running(stage: Stage) -> Iterator[Stage]:
    """Serve the stage on a free port in a thread; `stage.url` is its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def up() -> None:
        ready.set()

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(create_app(stage.services), "127.0.0.1", port, stop, up))
        loop.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    assert ready.wait(20), "the web process did not start"
    stage.url = f"http://127.0.0.1:{port}"
    try:
        yield stage
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def cookies_file(url: str, file: Path, account: str = NAME) -> Path:
    """Sign in and keep the session as a browser's storage state."""
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    form = urlencode({"name": account, "password": PASSWORD})
    link.request("POST", "/login", form, {"Origin": url, "Content-Type": "application/x-www-form-urlencoded"})
    answer = link.getresponse()
    assert answer.status == 303, answer.read()
    cookies = []
    for header in answer.headers.get_all("Set-Cookie") or []:
        name, _, value = header.split(";")[0].partition("=")
        plain = {"httpOnly": False, "secure": False, "sameSite": "Strict", "expires": -1}
        cookies.append({"name": name, "value": value, "domain": "127.0.0.1", "path": "/", **plain})
    link.close()
    file.write_text(json.dumps({"cookies": cookies, "origins": []}))
    return file


def main() -> None:
    """A room to look at: `python -m tests.dashboard.harness FOLDER`, until interrupted."""
    logging.basicConfig(level=logging.INFO)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    stage = set_stage(folder)
    play_day(stage)
    stage.alert(AlertLevel.YELLOW, "暴雨黄色预警", datetime.now(UTC) - timedelta(hours=2))
    stage.alert(AlertLevel.RED, "持刀滋事", datetime.now(UTC) - timedelta(seconds=100))
    with running(stage):
        print(stage.url, cookies_file(stage.url, folder / "state.json"), flush=True)
        while True:
            time.sleep(1)
            some = stage.random.sample(list(stage.feed.fixes.values()), 12)
            stage.feed.move([_stepped(fix, stage.random) for fix in some])


def _stepped(fix: Fix, rng: random.Random) -> Fix:
    return Fix(
        fix.worker, datetime.now(UTC), fix.lon + rng.gauss(0, 2e-4), fix.lat + rng.gauss(0, 2e-4), 8.0, fix.status
    )


if __name__ == "__main__":
    main()
