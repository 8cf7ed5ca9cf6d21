"""Plays a recorded table into a room: each row one report or one worker's fix, at the table's own pace or a multiple.

The same row always makes the same message (its id from file and row number, its time from the first run's start), so a
run that was broken off, even by kill -9, goes on without losing or doubling a row.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds import checks
from feeds.client import POSITIONS_A_FRAME, Address, Client, Ears, Frame, Heard
from feeds.frames import Spot
from feeds.progress import Bar, Progress
from feeds.rows import Row, Table, Unreadable
from geo.grids import GridBook

_APART = timedelta(microseconds=50)  # between rows that go as fast as the gateway takes them
_OF_THE_LIMIT = 0.9  # how much of the gateway's rate we use
_GATHER_S = 0.25  # fixes of this long share a frame


@dataclass(frozen=True, slots=True)
class Plan:
    """How to play: `speed` is a factor or math.inf; `expect` the level whose grid's name the row should name."""

    slug: str
    channel: str
    crs: str
    speed: float
    keep_time: bool = False
    positions: bool = False
    limit: int | None = None
    expect: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of the rows of one run."""

    sent: int = 0
    acked: int = 0
    duplicates: int = 0
    settled_before: int = 0
    nowhere: int = 0  # 待定
    flags: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)
    located: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    as_expected: int = 0

    def refuse(self, code: str, why: str) -> None:
        """Count a refusal and keep its reason in words."""
        self.refused[code] += 1
        self.reasons.setdefault(code, why)

    def summary(self, plan: Plan, book: GridBook, seconds: float) -> dict[str, object]:
        """One JSON object for programs and people."""
        told: dict[str, object] = {
            "table": plan.slug,
            "sent": self.sent,
            "acked": self.acked,
            "duplicates": self.duplicates,
            "settled_before": self.settled_before,
            "refused": {code: {"count": n, "reason": self.reasons[code]} for code, n in self.refused.items()},
            "unreadable": dict(self.unreadable),
            "seconds": round(seconds, 1),
        }
        if plan.positions:
            return told
        told |= {"located": {name: self.located[name] for name in book.levels()}, "待定": self.nowhere}
        told |= {"flags": dict(self.flags)}
        if plan.expect is not None:
            level = book.levels()[plan.expect]
            told["expected"] = {"level": level, "matched": self.as_expected, "of": self.expected}
        return told


class Player(Ears):
    """One run of one table over one link."""

    def __init__(self, table: Table, plan: Plan, address: Address, progress: Progress, book: GridBook) -> None:
        self._table, self._plan, self._progress, self._book = table, plan, progress, book
        self._client = Client(address, self)
        self._asked: dict[str, tuple[int, Row]] = {}
        self._first: datetime | None = None
        self._bar = Bar(plan.slug)
        self._shown = 0
        self._next_slot = 0.0
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Play every row that has no final answer yet. Raises RefusedByGateway, BadTable."""
        link = asyncio.create_task(self._client.run(for_ever=False))
        play = asyncio.create_task(self._play())
        try:
            await asyncio.wait((link, play), return_when=asyncio.FIRST_COMPLETED)
            if link.done():
                link.result()
            await play
        finally:
            link.cancel()
            play.cancel()
            self._progress.save()
            self._bar.draw(self._table.position / max(1, self._table.size), self._shown, finished=True)
            await asyncio.gather(link, play, return_exceptions=True)
        return self.outcome

    async def _play(self) -> None:
        while not self._client.is_up:
            await asyncio.sleep(0.02)
        rows = self._unsettled()
        await (self._positions(rows) if self._plan.positions else self._reports(rows))
        await self._client.settled()

    def _unsettled(self) -> Iterator[tuple[int, Row]]:
        """Usable rows without a final answer, each with its place in the order of play."""
        self._last = self._newest() if self._plan.positions and math.isinf(self._plan.speed) else None
        for place, row in enumerate(self._table.rows(), 1):
            if self._plan.limit is not None and place > self._plan.limit:
                return
            if isinstance(row, Row) and self._first is None:
                self._first = row.at
            if self._progress.is_settled(place):
                self.outcome.settled_before += 1
            elif isinstance(row, Unreadable):
                self.outcome.unreadable[row.why] += 1
                self._settle(place)
            else:
                yield place, row

    def _newest(self) -> datetime | None:
        """The table's latest instant, by which all are moved so that speeds stay true."""
        return max((row.at for row in self._table.rows() if isinstance(row, Row)), default=None)

    # -- reports --------------------------------------------------------------------------------

    async def _reports(self, rows: Iterator[tuple[int, Row]]) -> None:
        pace = _Pace(self._plan.speed)
        for place, row in rows:
            at = self._time_of(place, row)
            await pace.wait(at if not self._plan.keep_time else self._played_at(row))
            await self._slot(1, "reports_per_s")
            frame = self._report(row, at)
            self._asked[str(frame["id"])] = (place, row)
            self.outcome.sent += 1
            await self._client.file(frame)

    def _report(self, row: Row, at: datetime) -> Frame:
        plan = self._plan
        frame: dict[str, object] = {
            "type": "report",
            "id": f"{plan.slug}-{_plain(row.own_id)[:20] or f'{row.number:06d}'}",
            "at": at.isoformat(timespec="microseconds"),
            "channel": plan.channel,
            "category": row.category,
            "title": row.title,
            "lon": row.lon,
            "lat": row.lat,
            "crs": plan.crs,
        }
        frame |= {name: said for name, said in (("text", row.text), ("address", row.address)) if said}
        return frame

    def answered(self, frame: Frame, ack: Heard) -> None:
        """Count the final answer and settle the row."""
        place, row = self._asked.pop(str(frame["id"]))
        if not ack.get("ok"):
            self.outcome.refuse(str(ack.get("code")), str(ack.get("msg")))
        else:
            self.outcome.acked += 1
            self.outcome.duplicates += bool(ack.get("duplicate"))
            self.outcome.flags.update(ack.get("flags") or ())
            self._note_grids(row, ack.get("grids") or [])
        self._settle(place)

    def _note_grids(self, row: Row, grids: list[str]) -> None:
        names = {self._book.grid(code).level: self._book.grid(code).name for code in grids if code in self._book}
        for level in names:
            self.outcome.located[self._book.levels()[level]] += 1
        self.outcome.nowhere += not grids
        if self._plan.expect is not None and row.expected:
            self.outcome.expected += 1
            self.outcome.as_expected += names.get(self._plan.expect) == row.expected

    # -- positions ------------------------------------------------------------------------------

    async def _positions(self, rows: Iterator[tuple[int, Row]]) -> None:
        """Fixes that the gateway would refuse are counted here, by its own rules: it answers a frame, not an item."""
        pace = _Pace(self._plan.speed)
        items: list[tuple[int, Frame]] = []
        began = time.monotonic()
        for place, row in rows:
            at = self._time_of(place, row)
            wait = pace.left(at if not self._plan.keep_time else self._played_at(row))
            if items and (wait > 0 or len(items) >= POSITIONS_A_FRAME or time.monotonic() - began > _GATHER_S):
                await self._send(items)
                items, began = [], time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            item = self._fix(row, at)
            if item is None:
                self._settle(place)
            else:
                items.append((place, item))
        await self._send(items)

    def _fix(self, row: Row, at: datetime) -> Frame | None:
        spot = Spot(worker=row.worker, at=at, lon=row.lon, lat=row.lat, crs=self._plan.crs)  # type: ignore[arg-type]
        problem = checks.spot(spot)
        if problem is not None or not row.worker:
            code, why = (problem.code, problem.msg) if problem else ("MISSING_FIELD", "缺少 worker")
            self.outcome.refuse(code, why)
            return None
        fix = {"worker": row.worker, "at": at.isoformat(timespec="microseconds"), "lon": row.lon, "lat": row.lat}
        return fix | {"crs": self._plan.crs}

    async def _send(self, items: list[tuple[int, Frame]]) -> None:
        if not items:
            return
        await self._slot(len(items), "positions_per_s")
        while not await self._client.say({"type": "positions", "items": [item for _, item in items]}):
            await asyncio.sleep(0.1)
        for place, _ in items:
            self.outcome.sent += 1
            self._settle(place)

    def told(self, message: Heard) -> None:
        """A refusal of some item that our own check let pass."""
        if message.get("type") == "error":
            self.outcome.refuse(str(message.get("code")), str(message.get("msg")))

    # -- time and pace --------------------------------------------------------------------------

    def _time_of(self, place: int, row: Row) -> datetime:
        """The instant the message carries: the row's own, or its place in a day that began with the first run."""
        began = self._progress.began
        if self._plan.keep_time:
            return row.at
        if self._last is not None:
            return began - (self._last - row.at)
        if math.isinf(self._plan.speed):
            return began + place * _APART
        return self._played_at(row)

    def _played_at(self, row: Row) -> datetime:
        speed = self._plan.speed
        if math.isinf(speed) or self._first is None:
            return self._progress.began
        return self._progress.began + (row.at - self._first) / speed

    async def _slot(self, messages: int, limit: str) -> None:
        """Stay under the rate that the gateway named in its welcome."""
        limits: Mapping[str, float] = self._client.welcome.get("limits") or {}
        rate = float(limits.get(limit, 100.0)) * _OF_THE_LIMIT
        now = time.monotonic()
        self._next_slot = max(self._next_slot, now - 0.2) + messages / rate
        if self._next_slot > now:
            await asyncio.sleep(self._next_slot - now)

    def _settle(self, place: int) -> None:
        self._progress.settle(place)
        self._shown += 1
        self._bar.draw(self._table.position / max(1, self._table.size), self._shown)


class _Pace:
    """Keeps the distance between rows; begins with the first row that is still to be played."""

    def __init__(self, speed: float) -> None:
        self._free = math.isinf(speed)
        self._ahead: float | None = None

    def left(self, at: datetime) -> float:
        """Seconds until a row of this instant is due; not above zero when it is."""
        if self._free:
            return 0.0
        if self._ahead is None:
            self._ahead = at.timestamp() - time.monotonic()
        return at.timestamp() - self._ahead - time.monotonic()

    async def wait(self, at: datetime) -> None:
        """Sleep until a row of this instant is due."""
        left = self.left(at)
        if left > 0:
            await asyncio.sleep(left)


def slug_of(name: str, run: str) -> str:
    """What a message id may hold of a file's name and a run's tag."""
    plain = _plain(name.removesuffix(".gz").removesuffix(".csv")) or "table"
    return "-".join(part for part in (plain[:30], _plain(run)[:12]) if part)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")
