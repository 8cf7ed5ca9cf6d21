"""The device gateway: owns the sockets, asks each link's session what to do, and does it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Device, Fix, WorkerId
from cases.ports import Clock, Directory, Positions
from feeds import health, heard, session, streams
from feeds.device_socket import DeviceSocket
from feeds.filing import Answered, Clerk
from feeds.frames import FRAME_BYTES
from feeds.limits import Rates
from feeds.links import Link
from feeds.loops import Loop, running
from feeds.outbox import Outbox
from feeds.refusals import refuse
from feeds.session import Effect, device_with_key, task_frame
from feeds.shards import Shards
from feeds.tallies import STRANGER, Paced, RefusalTally
from feeds.whereabouts import Whereabouts

log = logging.getLogger("feeds.gateway")

PATH = "/v1/feed"
TURN = 16  # frames of one link, then the others have theirs: reading what has already come never waits by itself
PICTURE_EVERY_S, KEEP_EVERY_S, CHECK_EVERY_S, WHOLE_PICTURE_EVERY_S = 0.25, 1.0, 2.0, 5.0


@dataclass(frozen=True, slots=True)
class Ports:
    """What a gateway stands on; bootstrap fills it."""

    redis_url: str
    clerk: Clerk
    directory: Directory
    positions: Positions
    now: Clock
    rates: Rates = field(default_factory=Rates)
    name: str = "gateway-0"  # of this process's life alone: whoever had it before, or beside, would get our answers
    streams: int = 1
    sign: str = "gateway-0"  # its name among several, kept: who looks for signs of life misses it by this


async def serve(
    ports: Ports, host: str, port: int, stop: asyncio.Event, ready: Callable[[int], None] = lambda port: None
) -> None:
    """Serve devices until `stop`; `ready` is told the port that was bound."""
    async with AsyncExitStack() as stack:
        writes = await stack.enter_async_context(streams.writer(ports.redis_url, 0.5))
        hears = await stack.enter_async_context(streams.reader(ports.redis_url))
        gateway = Gateway(ports, writes, hears)
        await gateway.remember()
        await stack.enter_async_context(running(gateway.loops()))
        server = await stack.enter_async_context(
            listen(
                gateway.talk,
                host,
                port,
                create_connection=DeviceSocket,
                process_request=admit,
                compression=None,
                max_size=FRAME_BYTES,
                max_queue=16,
                open_timeout=10,
                ping_interval=20,
                ping_timeout=20,
                server_header=None,
            )
        )
        ready(server.sockets[0].getsockname()[1])
        await stop.wait()


def admit(connection: ServerConnection, request: Request) -> Response | None:
    """Only the feed's own path; a sign of life for whoever watches the process."""
    path, _, query = request.path.partition("?")
    if path == "/healthz":
        return connection.respond(HTTPStatus.OK, "ok\n")
    if path != PATH:
        return connection.respond(HTTPStatus.NOT_FOUND, "没有这个地址\n")
    if query:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "密钥不得放在网址中，请在 hello 中发送\n")
    return None


class Gateway:
    """All links of this process, what they wait for, and where their workers are."""

    def __init__(self, ports: Ports, writes: Redis, hears: Redis) -> None:
        self._ports, self._writes, self._hears = ports, writes, hears
        self._links: dict[str, Link] = {}
        self._where = Whereabouts()
        self._doing: set[asyncio.Task[None]] = set()
        shards = Shards(ports.clerk.book, ports.streams)
        self._outbox = Outbox(ports.name, writes, ports.clerk, ports.now, shards)
        self._refusals, self._reports = RefusalTally(), 0

    async def remember(self) -> None:
        """Begin with the last fixes kept in SQL."""
        with suppress(StoreUnavailable):
            self._where = Whereabouts(await asyncio.to_thread(self._ports.positions.last, EVERYWHERE))

    # -- one link -----------------------------------------------------------------------------

    async def talk(self, socket: ServerConnection) -> None:
        """One peer's conversation, from its first frame to its last; its end is nobody else's."""
        assert isinstance(socket, DeviceSocket)  # noqa: S101 — `serve` asked for these
        link = Link(socket, self._ports.rates)
        take = partial(self._take, link)
        try:
            async with asyncio.timeout(session.HELLO_WITHIN_S):
                await self._receive(link, await socket.recv())
                if link.session.device is None:
                    return
            while link.is_open:
                for _ in range(TURN):
                    await self._receive(link, await socket.next(take))
                await asyncio.sleep(0)
        except TimeoutError:
            link.hang_up(session.HELLO_EXPECTED)
        except ConnectionClosed:
            pass
        finally:
            self._forget(link)
            await link.farewell()

    def _forget(self, link: Link) -> None:
        device = link.session.device
        if device is not None and self._links.get(device.id) is link:
            del self._links[device.id]

    def _take(self, link: Link, raw: str) -> bool:
        """Deal with a frame the moment it arrives; False when it must wait its turn because too much is unanswered."""
        if link.is_full or self._outbox.is_full:
            return False
        for effect in self._effects(link, raw) if link.is_open else ():
            if not self._do_at_once(link, effect):
                self._beside(self._do(link, effect))
        return True

    async def _receive(self, link: Link, raw: str | bytes) -> None:
        if link.is_full or self._outbox.is_full:
            await link.room()
            await self._outbox.room()
        for effect in self._effects(link, raw):
            await self._do(link, effect)

    def _effects(self, link: Link, raw: str | bytes) -> Sequence[Effect]:
        link.spoke = True
        return link.session.receive(raw, self._ports.now(), time.monotonic())

    def _do_at_once(self, link: Link, effect: Effect) -> bool:
        """What needs nobody's answer is done; False for the rest."""
        match effect:
            case session.Moved(fixes):
                for fix in fixes:
                    self._where.move(fix)
            case session.File():
                self._file(link, effect)
            case session.Reply(data, code):
                link.send(data)
                if code:
                    self._refused(link, code)
            case session.HangUp():
                link.hang_up(effect)
            case _:
                return False
        return True

    async def _do(self, link: Link, effect: Effect) -> None:
        if self._do_at_once(link, effect):
            return
        match effect:
            case session.Verify(device, key):
                await self._verify(link, device, key)
            case session.Welcomed(device):
                self._welcome(link, device.id)
                await self._send_tasks(link)
            case session.TaskSeen(task, worker):
                await self._acknowledge(link, task, worker)

    def _beside(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._doing.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(self._doing.discard)

    def _file(self, link: Link, file: session.File) -> None:
        device = link.session.device
        if device is None:
            return
        link.posted()

        def answer(answered: Answered) -> None:
            if not answered.ok:
                self._refused(link, msgspec.json.decode(answered.frame)["code"])
            elif file.status is not None:
                self._where.say(WorkerId(file.status.worker), file.status.status)
            self._reports += answered.ok
            link.answered(answered.frame)

        self._outbox.add(file, device, answer)

    def _refused(self, link: Link, code: str) -> None:
        device = link.session.device
        self._refusals.add(device.id if device else STRANGER, code)

    async def _verify(self, link: Link, device: str, key: str) -> None:
        try:
            found = await asyncio.to_thread(device_with_key, self._ports.directory, device, key)
        except StoreUnavailable:
            link.hang_up(session.TRY_LATER)
            return
        if found is None:
            self._refused(link, "BAD_CREDENTIAL")
        link.key_hash = session.hash_of(key)
        for effect in link.session.verified(found, self._ports.now(), time.monotonic()):
            await self._do(link, effect)

    def _welcome(self, link: Link, device: str) -> None:
        older = self._links.get(device)
        self._links[device] = link
        if older is not None:
            older.hang_up(session.REPLACED)

    async def _send_tasks(self, link: Link) -> None:
        """Send the worker's open tasks that this link has not had yet."""
        device = link.session.device
        if device is None or device.worker == "*":
            return
        with suppress(StoreUnavailable):
            tasks = await asyncio.to_thread(self._ports.positions.open_tasks, WorkerId(device.worker))
            for task in tasks:
                if task.id not in link.tasks_sent:
                    link.tasks_sent.add(task.id)
                    link.send(task_frame(task))

    async def _acknowledge(self, link: Link, task: str, worker: WorkerId) -> None:
        try:
            theirs = await asyncio.to_thread(self._ports.positions.acknowledge, task, worker, self._ports.now())
        except StoreUnavailable:
            link.tasks_sent.discard(task)
            return
        if not theirs:
            link.send(refuse("NOT_YOURS", "没有派给本设备的这项任务", "id").frame())

    # -- the loops that serve all links -------------------------------------------------------

    def loops(self) -> list[Loop]:
        """Everything that runs beside the links."""
        figures = Paced(self.figures, ("reports", "positions", "refused"), time.monotonic)
        sign = health.field_of("gateway", self._ports.sign)
        signs = health.write_signs(self._writes, sign, self._ports.now, figures)
        return [
            *self._outbox.loops(),
            self._hear(),
            self._show(),
            self._keep(),
            self._check_devices(),
            self._refusals.keep(self._writes, self._ports.now),
            signs,
        ]

    def figures(self) -> dict[str, float]:
        """What the health panel shows of this process."""
        return {
            "links": float(len(self._links)),
            "waiting": float(len(self._outbox)),
            "filed_directly": float(self._outbox.filed_directly),
            "reports": float(self._reports),
            "positions": float(self._where.taken),
            "refused": float(self._refusals.total),
        }

    async def _hear(self) -> None:
        """Acks from intake, and bells for new tasks; comes back whenever Redis does."""
        while True:
            try:
                async with self._hears.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(streams.acks_channel(self._ports.name), streams.CHANGES)
                    while True:
                        message = await subscription.get_message(timeout=1.0)
                        if message is not None:
                            await self._heard(message["channel"], message["data"])
            except streams.RedisGone as problem:
                log.warning("no acks from redis (%s): trying again", type(problem).__name__)
                await asyncio.sleep(0.5)

    async def _heard(self, channel: bytes, data: bytes) -> None:
        try:
            if channel.decode() == streams.CHANGES:
                await self._send_new_tasks({c.number for c in streams.unpack_changes(data) if c.kind == "task"})
            else:
                self._outbox.settle(streams.unpack_acks(data))
        except msgspec.MsgspecError:
            log.warning("a message on %s is not ours", channel)

    async def _send_new_tasks(self, workers: set[str]) -> None:
        for link in [*self._links.values()] if workers else ():
            if link.session.device is not None and link.session.device.worker in workers:
                await self._send_tasks(link)

    async def _show(self) -> None:
        """The live picture: what changed four times a second; all of it now and then, for a Redis that was wiped."""
        whole_at = 0.0
        while True:
            await asyncio.sleep(PICTURE_EVERY_S)
            changed = self._where.changed()
            whole = time.monotonic() - whole_at >= WHOLE_PICTURE_EVERY_S
            kept = list(self._where.newest().values()) if whole else changed
            if not kept:
                continue
            pipe = self._writes.pipeline(transaction=False)
            pipe.hset(streams.POSITIONS, mapping={fix.worker: streams.pack_fix(fix) for fix in kept})
            if changed:
                pipe.publish(streams.POSITIONS, streams.pack_fixes(changed))
            with suppress(*streams.RedisGone):
                await pipe.execute()
                whole_at = time.monotonic() if whole else whole_at

    async def _keep(self) -> None:
        """Save the thinned tracks and last fixes; while the store is gone they wait, newest first to survive."""
        unsaved: list[Fix] = []
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            unsaved = (unsaved + self._where.track())[-100_000:]
            if unsaved:
                with suppress(StoreUnavailable):
                    await asyncio.to_thread(self._ports.positions.keep, unsaved)
                    unsaved = []

    async def _check_devices(self) -> None:
        """Who was disabled, or got a new key or binding, is cut off within 5 s; without bells, tasks are looked up."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            with suppress(StoreUnavailable):
                asked = [*self._links.values()]  # whoever comes in meanwhile was not asked about
                live = await asyncio.to_thread(self._ports.directory.live_devices, [*self._links])
                for link in asked:
                    _cut_off(link, live)
                if not self._outbox.streaming:
                    for link in [*self._links.values()]:
                        await self._send_tasks(link)
            await heard.note(self._writes, self._lately(), self._ports.now())

    def _lately(self) -> list[str]:
        """The devices that spoke since this was asked last."""
        spoke = [device for device, link in self._links.items() if link.spoke]
        for device in spoke:
            self._links[device].spoke = False
        return spoke


def _cut_off(link: Link, live: Mapping[str, tuple[Device, str]]) -> None:
    """Hang up on a link whose device may no longer talk, or not as it came in."""
    mine = link.session.device
    if mine is None:
        return
    device, key_hash = live.get(mine.id, (None, ""))
    if device is None:
        link.hang_up(session.DISABLED)
    elif key_hash != link.key_hash:
        link.hang_up(session.BAD_CREDENTIALS)
    elif device != mine:
        link.hang_up(session.REBOUND)
