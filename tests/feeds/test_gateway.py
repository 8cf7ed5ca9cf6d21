"""The gateway's sockets: who gets in, how links end, what reaches the picture and the workers' devices."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cases.model import EVERYWHERE, CaseNo, Device, Task, WorkerId
from cases.ports import Change
from feeds.limits import Rates
from feeds.picture import RedisLiveFeed
from tests.feeds.parts import Peer, Room, connected, eventually_true, now, report, serving
from tests.feeds.town import KEYS

Story = Callable[[str], Awaitable[None]]


def told(room: Room, story: Story, rates: Rates | None = None) -> None:
    """Run a story against a gateway of the room."""

    async def whole() -> None:
        async with serving(room, rates) as url:
            await asyncio.wait_for(story(url), 60)

    asyncio.run(whole())


@asynccontextmanager
async def showing(room: Room) -> AsyncIterator[RedisLiveFeed]:
    """The live picture, as the web process reads it."""
    feed = RedisLiveFeed(room.redis.url, room.positions, now)
    try:
        yield feed
    finally:
        await feed.close()


async def goodbye(peer: Peer) -> tuple[int, str]:
    """The close code and words that end this link; whatever comes before is read away."""
    async with asyncio.timeout(10):
        with suppress(ConnectionClosed):
            while True:
                await peer.socket.recv()
    return peer.socket.close_code or 0, peer.socket.close_reason or ""


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"type": "hello", "device": "src-1", "key": "src-1.wrong"}, 4401),
        ({"type": "hello", "device": "nobody", "key": "nobody.x"}, 4401),
        ({"type": "hello", "device": "off-1", "key": KEYS["off-1"]}, 4403),
        ({"type": "beat"}, 4400),
        ("{", 4400),
    ],
)
def test_who_does_not_get_in(room: Room, hello: dict[str, Any] | str, code: int) -> None:
    async def story(url: str) -> None:
        async with connect(url, proxy=None) as socket:
            peer = Peer(socket)
            await peer.say(hello)
            assert (await goodbye(peer))[0] == code

    told(room, story)


def test_who_never_says_hello_is_hung_up_on_after_five_seconds(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.session.HELLO_WITHIN_S", 0.2)

    async def story(url: str) -> None:
        async with connect(url, proxy=None) as socket:
            assert await goodbye(Peer(socket)) == (4400, "请在 5 秒内先发送 hello")

    told(room, story)


def test_keys_in_the_address_and_other_addresses_are_refused(room: Room) -> None:
    async def story(url: str) -> None:
        for address, status in ((f"{url}?key={KEYS['src-1']}", 401), (url.replace("feed", "other"), 404)):
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, proxy=None)
            assert refused.value.response.status_code == status
        health = url.replace("ws://", "http://").replace("/v1/feed", "/healthz")
        answer = await asyncio.to_thread(urllib.request.urlopen, health, None, 5)
        assert answer.status == 200
        answer.close()

    told(room, story)


def test_a_new_hello_of_the_same_device_ends_the_older_link(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url) as older, connected(url) as newer:
            assert await goodbye(older) == (4409, "同一设备已在别处连接")
            assert (await newer.ask({"type": "beat"}))["type"] == "beat"

    told(room, story)


def test_a_device_that_is_disabled_is_cut_off_within_five_seconds(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url, "w-2") as peer, connected(url) as other:
            room.directory.revoke_device("w-2")
            began = now()
            assert (await goodbye(peer))[0] == 4403
            assert now() - began < timedelta(seconds=5)
            assert (await other.ask({"type": "beat"}))["type"] == "beat"
        room.directory.put_device(Device("w-2", "grid_worker", "W-0002"), KEYS["w-2"])

    told(room, story)


def test_a_new_key_or_binding_ends_the_link_that_came_in_with_the_old_one(room: Room) -> None:
    async def story(url: str) -> None:
        worker = Device("w-2", "grid_worker", "W-0002")
        async with connected(url, "w-2") as peer:
            room.directory.put_device(worker, "w-2.another")
            began = now()
            assert (await goodbye(peer))[0] == 4401
            assert now() - began < timedelta(seconds=5)
        room.directory.put_device(worker, KEYS["w-2"])
        async with connected(url, "w-2") as peer:
            assert room.directory.bind_device(Device("w-2", "grid_worker", "W-0002", area="A"))
            assert await goodbye(peer) == (1013, "设备的绑定已变更，请重新连接")
        room.directory.put_device(worker, KEYS["w-2"])

    told(room, story)


def test_a_device_bound_to_an_area_reports_from_there_only(room: Room) -> None:
    async def story(url: str) -> None:
        room.directory.bind_device(Device("src-1", "hotline", "*", area="A"))
        async with connected(url) as peer:
            assert (await peer.ask(report("area-in", lon=120.02)))["grids"] == ["A", "A1"]
            outside = await peer.ask(report("area-out", lon=120.12))
            assert (outside["code"], outside["field"]) == ("FORBIDDEN", "lon")
            nowhere = await peer.ask(report("area-far", lon=121.0))
            assert nowhere["code"] == "FORBIDDEN"
            named = {**report("area-named"), "grid": "B1"}
            for key in ("lon", "lat", "crs"):
                del named[key]
            assert (await peer.ask(named))["field"] == "grid"
            assert (await peer.ask(named | {"id": "area-address", "grid": None, "address": "文三路"}))["grids"] == []
        room.directory.bind_device(Device("src-1", "hotline", "*"))

    told(room, story)


def test_twenty_bad_messages_end_the_link_and_one_does_not(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url) as peer:
            assert (await peer.ask("{"))["code"] == "BAD_JSON"
            assert (await peer.ask({"type": "beat"}))["type"] == "beat"
            for _ in range(19):
                await peer.say("[]")
            assert (await goodbye(peer))[0] == 4429

    told(room, story)


def test_too_large_binary_and_broken_frames(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url) as peer:
            await peer.socket.send(b"\x00\x01")
            assert (await peer.hear())["code"] == "UNSUPPORTED_BINARY"
            await peer.say("x" * 70_000)
            assert (await goodbye(peer))[0] == 1009
        async with connected(url) as peer:
            await peer.socket.send(b"\xff\xfe", text=True)
            assert (await goodbye(peer))[0] == 1007

    told(room, story)


def test_one_peer_vanishing_with_acks_due_is_nobody_elses_affair(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url, "w-2") as other:
            for round_ in range(5):
                async with connected(url) as peer:
                    for number in range(40):
                        await peer.say(report(f"vanish-{round_}-{number}"))
                    peer.socket.transport.abort()
                assert (await other.ask({"type": "beat"}))["type"] == "beat"
        async with connected(url) as peer:
            again = await peer.ask(report("vanish-last"))
            assert again["ok"]

    told(room, story)


def test_sixty_four_in_flight_never_stall(room: Room) -> None:
    async def story(url: str) -> None:
        async with connected(url) as peer:
            for number in range(300):
                await peer.say(report(f"flight-{number}"))
            acks = [await peer.hear() for _ in range(300)]
            assert {ack["ok"] for ack in acks} == {True}

    told(room, story)


def test_a_flood_on_one_link_leaves_the_others_their_turn(room: Room) -> None:
    fix = {"type": "position", "worker": "W-7", "at": now().isoformat(), "lon": 120.0, "lat": 30.0, "crs": "wgs84"}

    async def story(url: str) -> None:
        async with connected(url) as flood, connected(url, "w-2") as other:
            sending = asyncio.create_task(_send_many(flood, itertools.repeat(json.dumps(fix))))
            for _ in range(20):
                assert (await other.ask({"type": "beat"}))["type"] == "beat"
            assert not sending.done()
            sending.cancel()

    told(room, story, Rates(1e9, 1e9, 1e9, 1e9))


async def _send_many(peer: Peer, frames: Iterable[str]) -> None:
    """Send faster than anybody can read."""
    for frame in frames:
        await peer.say(frame)


def test_fixes_reach_the_live_picture_and_the_kept_track(room: Room) -> None:
    async def story(url: str) -> None:
        async with showing(room) as feed, connected(url) as peer:
            fix = {"worker": "W-9", "at": now().isoformat(), "lon": 120.01, "lat": 30.01, "crs": "wgs84"}
            await peer.say({"type": "positions", "items": [fix, fix | {"worker": "W-8"}]})

            async def shown() -> bool:
                return {"W-8", "W-9"} <= {f.worker for f in await feed.snapshot()}

            await eventually_true(shown)
            await eventually_true(lambda: {"W-8", "W-9"} <= {f.worker for f in room.positions.last(EVERYWHERE)})
            status = {"type": "status", "id": "st-1", "worker": "W-9", "status": "on_scene", "at": now().isoformat()}
            assert (await peer.ask(status))["ok"]

            async def there() -> bool:
                return any(f.worker == "W-9" and f.status == "on_scene" for f in await feed.snapshot())

            await eventually_true(there)
            room.redis.flush()
            await eventually_true(shown)

    told(room, story)


def test_a_task_goes_to_the_workers_device_at_hello_and_at_its_bell_until_acknowledged(room: Room) -> None:
    async def story(url: str) -> None:
        case = await _some_case(room, url)
        _add_task(room, "T1", case)
        async with connected(url, "w-1") as peer:
            assert (await peer.hear())["id"] == "T1"
            _add_task(room, "T2", case)
            room.bells([Change("task", "W-0001", 1)])
            assert (await peer.hear())["id"] == "T2"
            await peer.say({"type": "task_ack", "id": "T1"})
            assert (await peer.ask({"type": "task_ack", "id": "T-of-another"}))["code"] == "NOT_YOURS"
        async with connected(url, "w-1") as peer:
            assert (await peer.hear())["id"] == "T2"

    told(room, story)


async def _some_case(room: Room, url: str) -> CaseNo:
    async with connected(url) as peer:
        return CaseNo((await peer.ask(report("for-a-task")))["case"])


def _add_task(room: Room, number: str, case: CaseNo) -> None:
    with room.desk.store.transaction() as tx:
        tx.add_tasks([Task(number, case, 1, WorkerId("W-0001"), "上门调解", "", 120.0, 30.0, "duty", now())])


def test_who_comes_in_while_the_devices_are_looked_up_is_not_taken_for_disabled(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, come_in = threading.Event(), threading.Event()
    look_up = room.directory.live_devices

    def slow(directory: object, devices: Collection[str]) -> dict[str, tuple[Device, str]]:
        found = look_up(devices)
        looking.set()
        come_in.wait(10)
        return found

    monkeypatch.setattr(type(room.directory), "live_devices", slow)
    monkeypatch.setattr("feeds.gateway.CHECK_EVERY_S", 0.05)

    async def story(url: str) -> None:
        await asyncio.to_thread(looking.wait, 10)
        async with connected(url) as peer:
            looking.clear()
            come_in.set()
            await asyncio.to_thread(looking.wait, 10)
            assert (await peer.ask({"type": "beat"}))["type"] == "beat"

    told(room, story)
