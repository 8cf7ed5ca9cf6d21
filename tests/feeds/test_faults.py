"""Store gone, poison, nonsense in the stream: no false ack, nobody else pays, and it is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cases.errors import StoreUnavailable
from cases.model import Answer, Arrival
from cases.ports import Change, FixesMoved
from feeds import intake, streams
from feeds.filing import Clerk, Posted
from feeds.messages import canonical, decode
from feeds.picture import RedisLiveFeed
from storage.lease import Leases
from tests.feeds.parts import Room, connected, eventually_true, now, report, serving, serving_ports
from tests.feeds.test_messages import raw


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    room.redis.start()
    yield room
    room.close()


@dataclass
class FaultyDesk:
    """A desk whose store is away while `gone`, and that chokes on one title."""

    desk: Any
    gone: bool = False
    poison: str = "毒"

    def file(self, arrivals: Sequence[Arrival], at: datetime) -> list[Answer]:
        if self.gone:
            raise StoreUnavailable("disk full")
        if any(getattr(arrival, "title", "") == self.poison for arrival in arrivals):
            raise RuntimeError("no desk can take this")
        return list(self.desk.file(arrivals, at))

    def turn_clocks(self, at: datetime) -> int:
        return 0

    def turn_alerts(self, at: datetime) -> int:
        return 0


@contextmanager
def faulty(room: Room, **faults: Any) -> Iterator[FaultyDesk]:
    desk: Any = FaultyDesk(room.desk, **faults)
    room.clerk = Clerk(desk, room.book, now)
    yield desk


async def with_intake(room: Room, desk: FaultyDesk, story: Any) -> None:
    """Run a story beside an intake in this loop."""
    ports = intake.Ports(room.redis.url, room.clerk, desk, Leases(room.engine), now)  # type: ignore[arg-type]
    stop = asyncio.Event()
    task = asyncio.create_task(intake.run(ports, stop))
    try:
        await story()
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


def test_a_store_that_is_gone_is_said_and_recovers_by_itself(room: Room) -> None:
    async def story() -> None:
        with faulty(room, gone=True) as desk:
            async with serving(room) as url, connected(url) as peer:
                refused = await peer.ask(report(1))
                assert (refused["ok"], refused["code"]) == (False, "STORE_UNAVAILABLE")
                assert refused["retry_after_s"] > 0
                desk.gone = False
                assert (await peer.ask(report(1)))["ok"]

    asyncio.run(story())


def test_one_poisonous_message_is_refused_alone(room: Room) -> None:
    async def story() -> None:
        with faulty(room):
            async with serving(room) as url, connected(url) as peer:
                for number in range(20):
                    await peer.say(report(number, title="毒" if number == 7 else "好"))
                acks = {ack["id"]: ack for ack in [await peer.hear() for _ in range(20)]}
                assert [id_ for id_, ack in acks.items() if not ack["ok"]] == ["r-7"]
                assert acks["r-7"]["code"] == "STORE_UNAVAILABLE"

    asyncio.run(story())


def test_poison_in_the_stream_is_buried_after_five_tries_and_the_others_are_filed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "RETRY_PENDING_S", 0.0)

    async def story() -> None:
        with faulty(room) as desk:

            async def in_the_stream() -> None:
                async with streams.writer(room.redis.url) as redis:
                    await streams.post(redis, parcel_of(room, ["好", "毒", "好"]))
                    await streams.post(redis, b"nonsense")
                    await redis.xadd(streams.REPORTS, {"other": b"\xff"})

                    async def buried() -> bool:
                        return int(await redis.xlen(streams.DEAD)) == 3 and not await redis.xlen(streams.REPORTS)

                    await eventually_true(buried, 20)
                    assert room.count("cases") == 2

            await with_intake(room, desk, in_the_stream)

    asyncio.run(story())


def parcel_of(room: Room, titles: list[str]) -> bytes:
    """A parcel as a gateway would post it."""
    bodies = [canonical(decode(raw(report(n, title=title)))) for n, title in enumerate(titles)]  # type: ignore[arg-type]
    return streams.pack_parcel("gateway-t", [Posted(n, "src-1", "*", False, now(), b) for n, b in enumerate(bodies)])


def test_intake_outlives_a_wiped_and_a_restarted_redis(room: Room) -> None:
    async def story() -> None:
        with faulty(room) as desk:

            async def wiped_and_restarted() -> None:
                for number, fault in enumerate((room.redis.flush, lambda: (room.redis.kill(), room.redis.start()))):
                    await asyncio.to_thread(fault)
                    async with streams.writer(room.redis.url) as redis:
                        await streams.post(redis, parcel_of(room, ["好"] * (number + 1)))
                    await eventually_true(lambda n=number: room.count("cases") == n + 1)

            await with_intake(room, desk, wiped_and_restarted)

    asyncio.run(story())


def test_health_says_who_is_silent_and_that_redis_is_gone(room: Room) -> None:
    async def story() -> None:
        feed = RedisLiveFeed(room.redis.url, room.positions, now)
        assert (await feed.health())["gateway"].state == "down"
        async with serving(room):

            async def up() -> bool:
                return (await feed.health())["gateway"].state == "ok"

            await eventually_true(up)
        room.redis.kill()
        health = await feed.health()
        assert (health["redis"].state, health["redis"].note) == ("down", "Redis 无法连接")
        assert health["gateway"].age_s is not None
        assert await feed.snapshot() == []
        await feed.close()

    asyncio.run(story())


def test_news_begin_with_the_whole_picture_and_come_back_after_redis(room: Room) -> None:
    async def story() -> None:
        feed = RedisLiveFeed(room.redis.url, room.positions, now)
        news = feed.news()
        assert isinstance(await anext(news), FixesMoved)
        room.bells([Change("case", "20261121-000001", 1)])
        assert await asyncio.wait_for(anext(news), 5) == Change("case", "20261121-000001", 1)
        room.redis.kill()
        room.redis.start()
        assert isinstance(await asyncio.wait_for(anext(news), 10), FixesMoved)
        await news.aclose()
        await feed.close()

    asyncio.run(story())


def test_two_gateways_hear_their_own_acks_only(room: Room) -> None:
    async def story() -> None:
        with faulty(room) as desk:

            async def both() -> None:
                ports = [replace(room.ports(), name=name) for name in ("g-1", "g-2")]
                async with (
                    serving_ports(ports[0]) as one,
                    serving_ports(ports[1]) as two,
                    connected(one, "src-1") as first,
                    connected(two, "w-1") as second,
                ):
                    acks = await asyncio.gather(first.ask(report("a")), second.ask(report("b")))
                    assert [ack["id"] for ack in acks] == ["r-a", "r-b"]

            await with_intake(room, desk, both)

    asyncio.run(story())
