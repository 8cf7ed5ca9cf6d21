"""What waits to be committed: posted to the stream in parcels, filed directly when the stream or intake fails."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from cases.errors import StoreUnavailable
from cases.model import Device
from cases.ports import Clock
from feeds.filing import Answered, Clerk, Posted, unavailable
from feeds.health import is_minded
from feeds.loops import Loop
from feeds.session import File
from feeds.shards import Shards
from feeds.streams import HEALTH, PARCEL_MOST, RedisGone, pack_parcel, post_all

log = logging.getLogger("feeds.outbox")

PATIENCE_S = 2.0
DIRECT_MOST = 500
WAITING_MOST = 4096

Answer = Callable[[Answered], None]


@dataclass(slots=True)
class Waiting:
    """One message whose sender has no answer yet."""

    posted: Posted
    file: File
    answer: Answer
    since: float
    direct: bool = False


class Outbox:
    """Gets every message committed and answered, whatever happens to Redis or intake.

    One parcel is in flight at a time and the next one collects meanwhile: under load parcels grow by themselves,
    without a timer. Whatever waits 2 s is filed directly; if intake meets it later it is a duplicate.
    """

    def __init__(self, name: str, writes: Redis, clerk: Clerk, now: Clock, shards: Shards) -> None:
        self._name, self._writes, self._clerk, self._now, self._shards = name, writes, clerk, now, shards
        self._tokens = itertools.count(1)
        self._waiting: dict[int, Waiting] = {}
        self._next: deque[Posted] = deque()
        self._direct: deque[Posted] = deque()
        self._to_post, self._to_file, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._room.set()
        self.streaming = False
        self.filed_directly = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, file: File, device: Device, answer: Answer) -> None:
        """Take one message; `answer` is called once, when it is committed or refused."""
        token = next(self._tokens)
        posted = Posted(token, device.id, device.worker, device.demo, file.received_at, file.body, device.area)
        self._waiting[token] = Waiting(posted, file, answer, time.monotonic())
        self._next.append(posted)
        self._to_post.set()
        if len(self._waiting) >= WAITING_MOST:
            self._room.clear()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that taking more would only make it wait longer."""
        return not self._room.is_set()

    async def room(self) -> None:
        """Wait until it makes sense to take more."""
        await self._room.wait()

    def settle(self, answered: Iterable[Answered]) -> None:
        """Hand out answers; the second answer to one message finds nobody waiting."""
        for each in answered:
            waiting = self._waiting.pop(each.token, None)
            if waiting is not None:
                waiting.answer(each)
        if len(self._waiting) < WAITING_MOST:
            self._room.set()

    # -- the loops ----------------------------------------------------------------------------

    def loops(self) -> list[Loop]:
        """Post, file and watch, each until cancelled."""
        return [self._post(), self._file(), self._watch_the_clock(), self._watch_intake()]

    async def _post(self) -> None:
        while True:
            await self._to_post.wait()
            batch = [self._next.popleft() for _ in range(min(PARCEL_MOST, len(self._next)))]
            if not self._next:
                self._to_post.clear()
            if not self.streaming:
                self._file_directly(batch)
                continue
            try:
                split = self._shards.split(batch)
                await post_all(self._writes, [(stream, pack_parcel(self._name, items)) for stream, items in split])
            except RedisGone as problem:
                log.warning("redis does not take reports (%s): filing directly", type(problem).__name__)
                self.streaming = False
                self._file_directly(batch)

    async def _file(self) -> None:
        while True:
            await self._to_file.wait()
            batch = [self._direct.popleft() for _ in range(min(DIRECT_MOST, len(self._direct)))]
            if not self._direct:
                self._to_file.clear()
            batch = [posted for posted in batch if posted.token in self._waiting]
            if batch:
                self.filed_directly += len(batch)
                self.settle(await asyncio.to_thread(self._filed, batch))

    async def _watch_the_clock(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            patience_ends = time.monotonic() - PATIENCE_S
            late = []
            for waiting in self._waiting.values():  # oldest first: tokens only grow
                if waiting.since > patience_ends:
                    break
                if not waiting.direct:
                    late.append(waiting.posted)
            self._file_directly(late)

    async def _watch_intake(self) -> None:
        """The stream is used while Redis answers and intake gives signs of life."""
        while True:
            try:
                signs: Any = await self._writes.hgetall(HEALTH)
                alive = is_minded("intake", signs, self._now())
            except RedisGone:
                alive = False
            if alive is not self.streaming:
                log.info("reports go %s", "through the stream" if alive else "directly to the store")
            self.streaming = alive
            await asyncio.sleep(0.5)

    # -- filing directly ----------------------------------------------------------------------

    def _file_directly(self, batch: Sequence[Posted]) -> None:
        for posted in batch:
            waiting = self._waiting.get(posted.token)
            if waiting is not None:
                waiting.direct = True
        self._direct.extend(batch)
        if self._direct:
            self._to_file.set()

    def _filed(self, batch: Sequence[Posted]) -> list[Answered]:
        """Commit a batch through the desk, or refuse it in words. Blocking."""
        try:
            return self._clerk.file(batch)
        except StoreUnavailable:
            return self._refused(batch)
        except Exception:  # one message's fault: the others must not pay for it
            log.exception("a batch of %d could not be filed as a whole", len(batch))
        try:
            answered, poison = self._clerk.file_each(batch)
        except StoreUnavailable:
            return self._refused(batch)
        return answered + self._refused(poison)

    def _refused(self, batch: Sequence[Posted]) -> list[Answered]:
        waiting = [(posted, self._waiting.get(posted.token)) for posted in batch]
        return [Answered(p.token, False, unavailable(w.file.id, w.file.kind).frame()) for p, w in waiting if w]
