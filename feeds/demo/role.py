"""The replay role: the demo's feed, its walking workers and its staff, as one client of the public protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cases.calendar import LOCAL
from feeds.client import Address, Client, Ears, Frame, Heard, batches
from feeds.demo.crew import CREW
from feeds.demo.past import SOURCE
from feeds.demo.rest import Rest
from feeds.demo.staff import Staff
from feeds.demo.story import Happening, Story
from feeds.demo.town import Town
from feeds.demo.walk import Said, Walkers
from geo.grids import GridBook

log = logging.getLogger("feeds.demo")

_READ_AGAIN_S = 2.0  # demo.json may not be written yet


@dataclass(frozen=True, slots=True)
class DemoRoom:
    """What demo.json says: where the room is, the feed's own device, and the staff's accounts."""

    address: Address
    people: tuple[Rest, ...]
    own_accounts: bool
    strangers: frozenset[str]  # workers whose device belongs to whoever tries the room


def read_room(demo_json: Path) -> DemoRoom:
    """The room of a demo.json. Raises OSError or ValueError where it is not there or not usable.

    `feed` is the device the demo speaks through (else the last `*` device); `staff` are accounts of the demo's own
    (else the room's accounts of the roles duty, unit and verifier, shared with whoever tries the room).
    """
    room: dict[str, Any] = json.loads(demo_json.read_text("utf-8"))
    try:
        feed = room.get("feed") or [d for d in room["devices"] if d.get("worker", "*") == "*"][-1]
        rows = room.get("staff") or room["accounts"]
        people = tuple(Rest(room["url"], r["name"], r["password"], r["role"], r.get("unit")) for r in rows)
        address = Address(room["gateway"], feed["device"], feed["key"], "demo-feed/1")
        strangers = frozenset(str(d.get("worker", "*")) for d in room["devices"]) - {"*"}
    except (KeyError, IndexError, TypeError) as problem:
        raise ValueError(f"{demo_json} lacks {problem}") from problem
    return DemoRoom(address, people, bool(room.get("staff")), strangers)


async def play(demo_json: Path, book: GridBook, town: Town, speed: float, stop: asyncio.Event) -> None:
    """Play the demo day until `stop`; survives the absence of gateway and web."""
    room = await _room(demo_json, stop)
    if room is not None:
        await _Demo(room, book, town, speed).run(stop)


async def _room(demo_json: Path, stop: asyncio.Event) -> DemoRoom | None:
    while not stop.is_set():
        try:
            return read_room(demo_json)
        except (OSError, ValueError) as problem:
            log.info("waiting for %s: %s", demo_json, problem)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _READ_AGAIN_S)
    return None


@dataclass(slots=True)
class Schedule:
    """When each happening goes out: the story's own time, quickened, from the moment the room was started."""

    story: Story
    start: datetime
    speed: float
    run: str
    _next_day: datetime = field(init=False)
    _ahead: list[Happening] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next_day = self.start
        self._ahead = self.story.opening(self.start)

    def due(self, now: datetime) -> list[Frame]:
        """The frames due by `now`; their `at` is real time, their ids are this run's own."""
        told = self.start + (now - self.start) * self.speed
        while self._next_day <= told + timedelta(hours=1):
            self._read_day()
        ready = [h for h in self._ahead if self._goes_out(h) <= now]
        self._ahead = self._ahead[len(ready) :]
        return [self._frame(happening, now) for happening in ready]

    def _read_day(self) -> None:
        day = self._next_day.astimezone(LOCAL).date()
        coming = [h for h in self.story.day(day) if h.sent_at >= self.start]
        self._ahead = sorted([*self._ahead, *coming], key=self._goes_out)
        self._next_day = datetime.combine(day + timedelta(days=1), datetime.min.time(), LOCAL)

    def _goes_out(self, happening: Happening) -> datetime:
        if happening.id.startswith("open"):
            return happening.sent_at
        return self.start + (happening.sent_at - self.start) / self.speed

    def _frame(self, happening: Happening, now: datetime) -> Frame:
        held_back = (happening.sent_at - happening.at) / max(1.0, self.speed)
        at = (now - held_back).astimezone(LOCAL).isoformat(timespec="milliseconds")
        return {**happening.frame, "id": f"{self.run}-{happening.id}", "at": at}


class _Demo(Ears):
    """One run of the demo: three loops over one link."""

    def __init__(self, room: DemoRoom, book: GridBook, town: Town, speed: float) -> None:
        now = datetime.now(UTC)
        self._run = uuid4().hex[:8]
        self._town = town
        self._schedule = Schedule(Story(town), now, max(speed, 0.01), self._run)
        self._walkers = Walkers(town, book, now)
        names = {worker.id for worker in town.workers} | {unit.name for unit in town.units} | {CREW.leader}
        sources = {*(names - room.strangers), *CREW.duty, *CREW.verifiers, SOURCE, room.address.device}
        self._staff = Staff(room.people, town, frozenset(sources), room.own_accounts, max(speed, 1.0))
        self._strangers = room.strangers
        self._client = Client(room.address, self)
        self._introduced: set[tuple[str, str]] = set()
        self._words = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Link, reports, walking and staff side by side, until `stop` or until one of them fails."""
        work = (self._client.run(), self._tell(stop), self._walk(stop), self._act(stop), stop.wait())
        tasks: list[asyncio.Task[Any]] = [asyncio.ensure_future(each) for each in work]
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:  # what waits for a full window or an absent gateway must not hold the stop up
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for task in done:
            task.result()

    async def _tell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for frame in self._schedule.due(datetime.now(UTC)):
                await self._client.file(frame)
            await asyncio.sleep(0.2)

    async def _walk(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self._client.is_up:  # nobody is introduced to an absent gateway
                seen, said = self._walkers.step(datetime.now(UTC))
                for frame in batches([s.item for s in seen if self._speaks("fix", s.worker)]):
                    await self._client.say(frame)
                for word in [w for w in said if self._speaks("word", w.worker)]:
                    await self._client.file(self._status(word))
            await asyncio.sleep(1.0)

    def _speaks(self, kind: str, worker: str) -> bool:
        """For a worker with a device of his own the demo speaks once, so that he is known, and then no more."""
        if worker not in self._strangers:
            return True
        first = (kind, worker) not in self._introduced
        self._introduced.add((kind, worker))
        return first

    async def _act(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            now = datetime.now(UTC)
            for sent in await asyncio.to_thread(self._staff.work, now):
                self._walkers.send(sent.worker, sent.case, sent.lon, sent.lat, now)
            await asyncio.sleep(1.0)

    def _status(self, word: Said) -> Frame:
        self._words += 1
        frame: dict[str, object] = {"type": "status", "id": f"{self._run}-s{self._words}", "worker": word.worker}
        frame |= {"status": word.status.value, "at": word.at.isoformat(timespec="milliseconds")}
        return frame | ({"case": word.case} if word.case else {})

    def answered(self, frame: Frame, ack: Heard) -> None:
        """A report of ours is a case now, an alert is on the list; refusals are our own mistakes."""
        now = datetime.now(UTC)
        if not ack.get("ok"):
            log.warning("%s refused: %s %s", frame["type"], ack.get("code"), ack.get("field"))
        elif frame["type"] == "report":
            severity = frame.get("severity")
            self._staff.hears(ack["case"], severity if isinstance(severity, int) else 3, now)
        elif frame["type"] == "alert":
            self._staff.sees_alert(ack["alert"], now)

    def told(self, message: Heard) -> None:
        """Only errors are worth a line; tasks are found by the staff, who know the worker."""
        if message.get("type") == "error":
            log.warning("the gateway objects: %s %s", message.get("code"), message.get("field"))
