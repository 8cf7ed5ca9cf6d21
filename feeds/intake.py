"""The intake role: parcels are committed batch by batch, acknowledged, forgotten; its leader turns the clocks."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.ports import Clock
from feeds import health, report_stream, streams
from feeds.bells import HeldBells
from feeds.filing import Answered, Clerk, Posted
from feeds.loops import in_thread, running
from feeds.report_stream import ADOPT_AFTER_MS, Entry, ReportStream
from feeds.tallies import Paced

log = logging.getLogger("feeds.intake")

BATCH_MOST = 500
LEASE, LEASE_S = "clocks", 5.0
CHORES_S = 0.5  # of every turn, a second long, that chores may take
AT_EASE = 0.5  # of its time intake waits for reports: then the leader's chores take nothing from anybody
CHORES_AFTER_S = 10.0  # under a flood the chores wait so long at most; who reads what they keep reads the rest itself
RETRY_PENDING_S = 1.0
CARRY_S, CARRY_AGAIN_S = 0.05, 5.0  # the second after a failure: a full disk is not told twenty times a second
TRIM_EVERY_S = 60.0
# Filing lets go of the interpreter at each statement; beside busy chores it would get it back 5 ms later each time.
SWITCH_S = 0.0005


class Lease(Protocol):
    """One leader among several intakes (storage.lease)."""

    def hold(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take or keep the lease; False while another owner's has not run out. Blocking."""


Key = tuple[str, bytes]  # an entry's stream and id
Chore = Callable[[datetime], bool]  # does a little of it, some hundredths of a second, and says whether there is more


@dataclass(frozen=True, slots=True)
class Ports:
    """What intake stands on; bootstrap fills it."""

    redis_url: str
    clerk: Clerk
    desk: Desk
    lease: Lease
    now: Clock
    name: str = "intake-0"
    bells: HeldBells = field(default_factory=HeldBells)  # what the clerk's desk tells
    urgent: tuple[Chore, ...] = ()  # what the leader minds in every turn, whatever comes in
    beside: Callable[[], Mapping[str, float]] = dict  # further figures of its sign of life
    chores: tuple[Chore, ...] = ()  # what else the leader minds, whenever the reports leave time for it
    carry_over: Callable[[], None] = lambda: None  # keeps the store's log short, beside the commits
    streams: tuple[str, ...] = (streams.REPORTS,)  # all that reports are posted to
    mine: tuple[str, ...] = ()  # those of them that this intake minds; none named: all


async def run(ports: Ports, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Commit what arrives until `stop`."""
    sys.setswitchinterval(SWITCH_S)
    async with AsyncExitStack() as stack:
        writes = await stack.enter_async_context(streams.writer(ports.redis_url, 2.0))
        reports = report_stream.connection(ports.redis_url)
        stack.callback(reports.disconnect)
        stream = ReportStream(reports, ports.name, ports.mine or ports.streams, ports.streams)
        intake = IntakeLoop(stream, ports.clerk, ports.bells)

        def figures() -> dict[str, float]:
            return {**intake.figures(), **ports.beside()}

        paced = Paced(figures, ("committed",), time.monotonic)
        loops = [
            in_thread(intake.run),
            in_thread(partial(keep_log_short, ports.carry_over)),
            turn_clocks(ports, Ease(lambda: intake.waited_s, time.monotonic)),
            health.write_signs(writes, health.field_of("intake", ports.name), ports.now, paced),
        ]
        async with running(loops):
            ready()
            await stop.wait()


class Ease:
    """Whether there is time for chores: the reports leave enough of it, or the chores have waited long enough."""

    def __init__(self, waited_s: Callable[[], float], tick: Callable[[], float]) -> None:
        self._waited_s, self._tick = waited_s, tick
        self._seen = (waited_s(), tick())
        self._done_at = tick()

    def __call__(self) -> bool:
        """Asked once a turn; judged by the time since it was asked last."""
        (waited, at), seen = (self._waited_s(), self._tick()), self._seen
        self._seen = (waited, at)
        if waited - seen[0] < AT_EASE * (at - seen[1]) and at - self._done_at < CHORES_AFTER_S:
            return False
        self._done_at = at
        return True


def keep_log_short(carry_over: Callable[[], None], stop: threading.Event) -> None:
    """Twenty times a second, so that no commit finds much of it to do."""
    pause_s = CARRY_S
    while not stop.wait(pause_s):
        pause_s = CARRY_S
        try:
            carry_over()
        except StoreUnavailable as problem:
            log.warning("the store's log is not carried over: %s", problem)
            pause_s = CARRY_AGAIN_S


async def turn_clocks(ports: Ports, ease: Callable[[], bool]) -> None:
    """Once a second, whoever holds the lease lets every clock speak that has something new to say."""
    while True:
        try:
            await asyncio.to_thread(_turn_if_leading, ports, ease)
        except StoreUnavailable as problem:
            log.warning("the store is unavailable, clocks stand still: %s", problem)
        await asyncio.sleep(1.0)


def _turn_if_leading(ports: Ports, ease: Callable[[], bool]) -> None:
    now = ports.now()
    while ports.lease.hold(LEASE, ports.name, now, LEASE_S):
        said = ports.desk.turn_clocks(now) + ports.desk.turn_alerts(now)
        for mind in ports.urgent:
            mind(now)
        _do_chores(ports, ease)
        if not said:
            return
        now = ports.now()  # there may be more due than one turn takes


def _do_chores(ports: Ports, ease: Callable[[], bool]) -> None:
    """A little of each chore in turn, until all is done, the turn is over, or reports come in a flood."""
    until, left = time.monotonic() + CHORES_S, ports.chores
    while left and time.monotonic() < until and ease():
        left = tuple(chore for chore in left if chore(ports.now()))


class IntakeLoop:
    """Reads, commits, answers, forgets: in this order, so that a crash anywhere only makes duplicates.

    One thread does it all, by blocking calls: between two batches nothing is handed over and nobody is woken.
    """

    def __init__(self, stream: ReportStream, clerk: Clerk, bells: HeldBells) -> None:
        self._stream, self._clerk, self._bells = stream, clerk, bells
        self._retry_at = self._trim_at = 0.0
        self._helping: frozenset[str] = frozenset()
        self.committed = 0
        self.waited_s = 0.0  # how long there was nothing to do

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; whatever Redis or the store does, it comes back."""
        while not stop.is_set():
            try:
                self._work(stop)
            except streams.RedisGone as problem:
                log.warning("redis: %s: %s", type(problem).__name__, problem)
            except StoreUnavailable as problem:
                log.error("the store is unavailable, nothing is acknowledged: %s", problem)
            stop.wait(0.5)

    def _work(self, stop: threading.Event) -> None:
        self._stream.prepare()
        self._take_up_the_past()
        while not stop.is_set():
            self._file(self._read())
            if time.monotonic() >= self._retry_at:
                self._take_up_the_past()
            if time.monotonic() >= self._trim_at:
                self._trim_at = time.monotonic() + TRIM_EVERY_S
                self._stream.trim()

    def _read(self) -> list[Entry]:
        since = time.monotonic()
        entries = self._stream.read()
        self.waited_s += time.monotonic() - since
        return entries

    def figures(self) -> dict[str, float]:
        """What the health panel shows of this process."""
        return {"committed": float(self.committed)}

    def _take_up_the_past(self) -> None:
        """Entries read before a crash, a lost connection or a failed commit, by us or by an intake that is gone.

        Poison is buried after five tries.
        """
        self._retry_at = time.monotonic() + RETRY_PENDING_S
        if (left := frozenset(self._stream.look_around())) - self._helping:
            log.warning("nobody minds %s: read here as well", ", ".join(sorted(left)))
        self._helping = left
        if adopted := self._stream.adopt():
            log.warning("%d stream entries that nobody touched for %d s are ours now", adopted, ADOPT_AFTER_MS // 1000)
        entries = self._stream.pending()
        if entries:
            tries = self._stream.tries()
            self._file(entries, frozenset(e.key for e in entries if tries.get(e.key, 0) >= report_stream.TRIES_MOST))

    def _file(self, entries: Sequence[Entry], last_try: frozenset[Key] = frozenset()) -> None:
        unreadable = [entry for entry in entries if entry.parcel is None]
        if unreadable:
            self._stream.bury_unreadable(unreadable)
        for some in _batches([entry for entry in entries if entry.parcel is not None]):
            self._file_some(some, last_try)

    def _file_some(self, entries: Sequence[Entry], last_try: frozenset[Key]) -> None:
        items = [posted for entry in entries if entry.parcel for posted in entry.parcel.items]
        answered, poison = self._filed(items)
        self.committed += sum(each.ok for each in answered)
        poisoned = {id(posted) for posted in poison}
        sick = [e.key for e in entries if poisoned and _holds(e, poisoned)]
        if sick and last_try.issuperset(sick):
            self._stream.bury(poison, "五次均无法入库")
            sick = []
        done = [entry for entry in entries if entry.key not in sick]
        self._stream.finish(done, _by_gateway(entries, answered, poisoned), self._bells.take())

    def _filed(self, items: Sequence[Posted]) -> tuple[list[Answered], list[Posted]]:
        try:
            return self._clerk.file(items), []
        except StoreUnavailable:
            raise
        except Exception:  # one message's fault: the others must not pay for it
            log.exception("a batch of %d could not be filed as a whole", len(items))
            return self._clerk.file_each(items)


def _holds(entry: Entry, poisoned: set[int]) -> bool:
    return entry.parcel is not None and any(id(posted) in poisoned for posted in entry.parcel.items)


def _batches(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries in groups of at most about 500 messages, whole parcels kept together."""
    batches: list[list[Entry]] = []
    room = 0
    for entry in entries:
        size = len(entry.parcel.items) if entry.parcel else 0
        if size > room or not batches:
            batches.append([])
            room = BATCH_MOST
        batches[-1].append(entry)
        room -= size
    return batches


def _by_gateway(
    entries: Sequence[Entry], answered: Sequence[Answered], poisoned: set[int]
) -> list[tuple[str, list[Answered]]]:
    """Each gateway's answers; they come in the order of the messages, poison left out."""
    found: defaultdict[str, list[Answered]] = defaultdict(list)
    answers = iter(answered)
    for entry in entries:
        for posted in entry.parcel.items if entry.parcel else ():
            if id(posted) not in poisoned:
                found[entry.parcel.gateway if entry.parcel else ""].append(next(answers))
    return list(found.items())
