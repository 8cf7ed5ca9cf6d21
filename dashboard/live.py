"""The live hub, one a process: hears the news, reads each audience's room at the bell, feeds all screens.

Subscribe first, then read, then apply what is newer: nothing falls between. Reading and drawing run in threads,
encoding happens once per audience, and no screen is ever waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cases.alerts import is_waiting
from cases.model import EVERYWHERE, Account, AlertLevel
from cases.ports import Change, FixesMoved, RoleHealth
from dashboard import readings
from dashboard.access import Sessions
from dashboard.audience import NEVER, Channel
from dashboard.fleet import Fleet
from dashboard.lookers import Lookers
from dashboard.picture import Audience, Force
from dashboard.readings import Names, Nearest, Panel, Reading
from dashboard.rights import audience_of
from dashboard.screens import Screen
from dashboard.services import Services
from dashboard.touched import Touched
from dashboard.watch import Watch
from dashboard.wire import Ready

log = logging.getLogger("room.live")

TICK_S = 0.5  # positions at most twice a second
LOOK_S = 1.0  # bells may be lost: the event cursor and the roles are asked this often
REST, LEAST_REST_S = 4.0, 0.1  # after a look, rest so many times as long as it took, between this and a tick
REDRAW_S = 15.0  # what says the same is drawn again only for its clocks: "due in 12 min" and the like
REREAD_S = 5.0  # also without a bell: bells may be lost, and clocks move
BEAT_S = 2.0
RECHECK_S = 3.0  # sessions; a revoked one is cut within 5 s
ENROL_S = 60.0
HEALTH_S = 2.0
CARDS = 3  # red alerts for which the nearest force is looked up
MEETING = '{"type":"meeting"}'  # a bell without content: areas differ in what they may see
IDLE_S = 30.0  # an audience nobody watches is kept this long for who comes back

T = TypeVar("T")


class Hub:
    """Screens join and leave; everything else happens in `run`."""

    def __init__(self, services: Services, sessions: Sessions, panels: Sequence[Panel] = ()) -> None:
        self.epoch = secrets.token_hex(8)
        self.health: Mapping[str, RoleHealth] = {}
        self._services, self._sessions, self._panels = services, sessions, panels
        self._fleet = Fleet(services.grids)
        self._channels: dict[Audience, Channel] = {}
        self._threads = ThreadPoolExecutor(2, "picture")
        self._touched = Touched(services.views)
        self._lookers = Lookers(services.views, lambda: self.screens)
        self._bell = asyncio.Event()
        self._moved = asyncio.Event()
        self._wishes: set[asyncio.Task[None]] = set()
        self._with_unplaced: frozenset[str] = frozenset()  # accounts that see 待定 cases of their own

    # screens ------------------------------------------------------------------------------------------------

    @property
    def screens(self) -> list[Screen]:
        """Every open screen."""
        return [screen for channel in self._channels.values() for screen in channel.screens]

    def screens_of(self, account: str) -> int:
        """How many screens an account has open."""
        return sum(screen.account.name == account for screen in self.screens)

    def join(self, screen: Screen) -> None:
        """Seat a screen with its audience; it gets beats and hints, and topics once it watches some."""
        channel = self._channel(self._audience(screen.account))
        channel.screens.add(screen)
        channel.idle_since = None

    def leave(self, screen: Screen) -> None:
        """Forget a screen."""
        self._unseat(screen)
        self._lookers.tell(screen.looking)

    def _unseat(self, screen: Screen) -> None:
        for channel in self._channels.values():
            channel.screens.discard(screen)
            if not channel.screens and channel.idle_since is None:
                channel.idle_since = time.monotonic()

    def look(self, screen: Screen, case: str) -> None:
        """A screen opens a case, or closes it (""): who else looks at it is told to all of them."""
        self._soon(self._lookers.look(screen, case))

    def watch(self, screen: Screen, watch: Watch) -> None:
        """Begin (or change) what a screen watches."""
        self._channel(self._audience(screen.account)).begin(screen, watch)

    def _audience(self, account: Account) -> Audience:
        return audience_of(account, self._with_unplaced)

    def _channel(self, audience: Audience) -> Channel:
        if audience not in self._channels:
            epoch = secrets.token_hex(8) if audience.account else self.epoch  # nobody resumes from another's counting
            channel = Channel(audience, epoch, self._fleet, self._services.clock)
            channel.feel(self.health, self._services.clock())
            self._channels[audience] = channel
            self._soon(self._begin(channel))  # a new audience does not wait for the next look
        return self._channels[audience]

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._wishes.add(task)
        task.add_done_callback(self._wishes.discard)

    # the loop -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled; no failure of one part ends another."""
        tasks = {
            asyncio.create_task(self._forever("news", self._hear, 0.5)),
            asyncio.create_task(self._forever("positions", self._move_on, 0.0)),
            asyncio.create_task(self._forever("pictures", self._look, 0.0)),
            asyncio.create_task(self._forever("beat", self._beat, BEAT_S)),
            asyncio.create_task(self._forever("sessions", self._recheck, RECHECK_S)),
            asyncio.create_task(self._forever("roster", self._enrol, ENROL_S)),
            asyncio.create_task(self._forever("screens", self._cut_slow, 1.0)),
        }
        try:
            await asyncio.wait(tasks)
        finally:
            await _end(tasks | self._wishes)
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _forever(self, name: str, work: Callable[[], Awaitable[None]], pause_s: float) -> None:
        while True:
            try:
                await work()
                await asyncio.sleep(pause_s)
            except Exception:
                log.exception("live %s failed; going on", name)
                await asyncio.sleep(max(pause_s, 0.5))

    async def _off_loop(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    # news ---------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Listen, and only then take the whole picture, so that nothing falls between."""
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.sleep(0)  # the listener subscribes first
            self._take(FixesMoved(await self._services.live.snapshot()))
        except Exception:
            log.exception("no snapshot of positions; the news fills the map")
        try:
            await listening
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        async for news in self._services.live.news():
            self._take(news)

    def _take(self, news: FixesMoved | Change) -> None:
        if isinstance(news, FixesMoved):
            self._fleet.take(news.fixes)
            self._moved.set()
            return
        self._touched.ring(news)
        if news.kind in ("meeting", "decision"):
            self._tell_meeting()
        self._stale()

    def _tell_meeting(self) -> None:
        """Something moved in a meeting: each screen that shows one asks for what it may see."""
        frame = Ready(MEETING)
        for screen in self.screens:
            screen.offer("meeting", frame)

    def _stale(self) -> None:
        for channel in self._channels.values():
            channel.stale = True
        self._bell.set()

    async def _move_on(self) -> None:
        """Tell who moved, on a half-second beat that a late tick does not push back."""
        await self._moved.wait()
        self._moved.clear()
        known = self._fleet.generation
        moved = self._fleet.moved()
        for channel in self._channels.values():
            if known != self._enrolled:
                channel.enrol()
            channel.move(moved)
        self._enrolled = known
        now = time.monotonic()
        self._next_move = max(self._next_move + TICK_S, now + TICK_S * 0.8)
        await asyncio.sleep(self._next_move - now)

    _enrolled = 0
    _next_move = 0.0

    # pictures -----------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """At a bell, and once a second without: feel the roles' health, hint, read what is stale and redraw."""
        begun = time.monotonic()
        self.health = await self._feel()
        await self._hint()
        await asyncio.gather(*(self._refresh(channel) for channel in list(self._channels.values())))
        self._drop_idle(time.monotonic())
        rest = min(max(REST * (time.monotonic() - begun), LEAST_REST_S), TICK_S)
        await asyncio.sleep(rest)
        await self._wait_for_bell(LOOK_S - rest)
        self._bell.clear()

    async def _wait_for_bell(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _feel(self) -> Mapping[str, RoleHealth]:
        try:
            async with asyncio.timeout(HEALTH_S):
                return await self._services.live.health()
        except Exception as problem:
            log.warning("health cannot be read: %s", type(problem).__name__)
            return dict(self.health) | {"redis": RoleHealth(None, "down", "健康状态读取失败")}

    async def _hint(self) -> None:
        """Ring for the cases that events since the cursor touched, to those who may see them."""
        touched = await self._touched.since_last()
        if touched:
            self._stale()
        if any(not touch.grids for touch in touched):
            await self._seat_owners()
        for touch in touched:
            for channel in self._channels.values():
                is_seen = channel.audience.area in ("", *touch.grids) or channel.holds(touch.case)
                if touch.version is not None and is_seen:
                    channel.hint(touch.case, touch.version)

    async def _seat_owners(self) -> None:
        """Who has open 待定 cases of his own gets a picture that holds them; who has none left shares his area's."""
        try:
            owners = await self._off_loop(self._services.views.unplaced_of)
        except Exception as problem:
            log.warning("who has 待定 cases cannot be read: %s", type(problem).__name__)
            return
        if owners == self._with_unplaced:
            return
        self._with_unplaced = owners
        for screen in self.screens:
            self._settle(screen, screen.account)

    async def _begin(self, channel: Channel) -> None:
        try:
            await self._refresh(channel)
        except Exception:
            log.exception("the first picture failed; the next tick tries again")

    async def _refresh(self, channel: Channel) -> None:
        """Read again when something changed or the reading is old, then redraw the panels; one at a time a channel."""
        async with channel.turn:
            now = self._services.clock()
            channel.feel(self.health, now)
            if channel.stale or channel.reading is None or (now - channel.reading.as_of).total_seconds() >= REREAD_S:
                await self._reread(channel)
            await self._redraw(channel)

    async def _reread(self, channel: Channel) -> None:
        channel.stale = False
        try:
            channel.read(await self._off_loop(readings.read, self._services, channel.audience))
            if channel.names is None:
                channel.names = await self._off_loop(self._names, channel.audience.reveal)
                channel.drawn_from = None
        except Exception:
            channel.stale = True
            log.exception("the room cannot be read for area %r", channel.audience.area)
            channel.fail("数据库读取失败，画面停在上一次", self._services.clock())

    def _names(self, reveal: bool) -> Names:
        return Names.of(self._services, self._services.directory.workers(EVERYWHERE), reveal)

    async def _redraw(self, channel: Channel) -> None:
        if channel.reading is None or channel.names is None or not self._panels:
            return
        force = self._fleet.force(channel.audience.area, self._services.clock().timestamp())
        nearest = self._nearest(channel.reading, channel.audience.area)
        states = {role: (health.state, health.note) for role, health in self.health.items()}
        age = channel.reading.as_of - channel.drawn_at
        told = (channel.trouble, force, states, _roughly(nearest))  # role ages redraw nothing: beats carry them
        seen = (_undated(channel.reading), *told)
        if seen == channel.drawn_from and age.total_seconds() < REDRAW_S:
            return
        channel.drawn_from, channel.drawn_at = seen, channel.reading.as_of
        drawn = await self._off_loop(self._draw, channel, channel.reading, channel.names, force, nearest)
        channel.draw(drawn, channel.reading.as_of)

    def _draw(
        self, channel: Channel, reading: Reading, names: Names, force: Force, nearest: Nearest
    ) -> Mapping[str, str]:
        told = (self.health, channel.trouble, nearest)
        shown = readings.picture(self._services, channel.audience, reading, names, force, *told)
        return readings.draw(self._panels, shown)

    def _nearest(self, reading: Reading, area: str) -> Nearest:
        """Who could go to the red alerts that wait; the first few have a card, the others a tile.

        To a warning that holds in a whole area nobody goes.
        """
        now = self._services.clock()
        calling = [a for a in reading.alerts if a.level is AlertLevel.RED and is_waiting(a, now)]
        return {
            alert.no: self._fleet.nearest(alert.place.lon, alert.place.lat, area, now.timestamp())
            for alert in calling[:CARDS]
            if alert.place.lon is not None and alert.place.lat is not None and not alert.is_wide
        }

    def _drop_idle(self, now: float) -> None:
        for audience, channel in list(self._channels.items()):
            if channel.idle_since is not None and now - channel.idle_since > IDLE_S:
                del self._channels[audience]

    # the rest -----------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        now: datetime = self._services.clock()
        for channel in self._channels.values():
            channel.beat(now, self.health)

    async def _enrol(self) -> None:
        """Learn the workers' names and grids anew, and every place, should news have been missed."""
        self._take(FixesMoved(await self._services.live.snapshot()))
        workers = await self._off_loop(self._services.directory.workers, EVERYWHERE)
        if self._fleet.enrol(workers):
            for channel in self._channels.values():
                channel.names = None
                channel.stale = True
                channel.enrol()

    async def _recheck(self) -> None:
        """Cut screens whose session ended; move those whose area or role changed to their new audience."""
        await self._seat_owners()
        open_screens = self.screens
        live = await self._sessions.afresh({screen.token for screen in open_screens})
        for screen in open_screens:
            self._settle(screen, live.get(screen.token))

    def _settle(self, screen: Screen, account: Account | None) -> None:
        if account is None:
            screen.close(4401, "登录已失效，请重新登录")
            return
        before = next((each for each, channel in self._channels.items() if screen in channel.screens), None)
        screen.account = account
        if before is None or self._audience(account) == before:
            return
        self._unseat(screen)
        self.join(screen)
        if screen.watch is not None and not self.may_watch(account, screen.watch.scope):
            screen.close(4403, "权限已变更，请重新连接")
        elif screen.watch is not None:
            self.watch(screen, replace(screen.watch, since={}))

    def may_watch(self, account: Account, scope: str) -> bool:
        """Whether a grid exists and lies within the account's area."""
        grids = self._services.grids
        return scope == "" or (scope in grids and grids.within(scope, account.area))

    async def _cut_slow(self) -> None:
        """Cut screens that do not take what they are sent; they come back to a snapshot."""
        now = time.monotonic()
        for screen in self.screens:
            if screen.is_slow(now):
                log.info("a screen of %s is too slow and is cut", screen.account.name)
                screen.close(4408, "接收过慢，请重新连接")


def _roughly(nearest: Nearest) -> object:
    """Who is near and how far to 50 m: a step aside is no news."""
    return {no: [(each.worker, each.metres // 50) for each in near] for no, near in nearest.items()}


def _undated(reading: Reading) -> Reading:
    """What was read, without when: two readings that say the same are equal."""
    return replace(reading, as_of=NEVER, figures=replace(reading.figures, as_of=NEVER))


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until they are gone: before Python 3.12 `wait_for`, also inside libraries, may swallow a cancellation."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=0.5)
