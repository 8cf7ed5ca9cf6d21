"""What is refused is counted by device and code; paces are over a minute; both survive what Redis does."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect

from cases.errors import StoreUnavailable
from cases.feed_ports import RefusalCount
from feeds.feed_book import RedisFeedBook
from feeds.picture import RedisLiveFeed
from feeds.tallies import STRANGER, Paced, counts_of
from tests.feeds.parts import Peer, Room, connected, eventually_true, now, report, serving
from tests.feeds.test_dead_letters import buried, posted
from tests.feeds.test_gateway import goodbye


def test_a_page_reads_what_the_gateway_refused_by_device_and_code(room: Room) -> None:
    book = RedisFeedBook(room.redis.url, room.clerk)

    async def story() -> None:
        async with serving(room) as url:
            async with connected(url) as peer:
                await peer.ask("{")
                await peer.ask(report(1, at="2026-11-21T08:00:00"))
                assert (await peer.ask(report(2)))["ok"]
                assert (await peer.ask(report(2, title="别的")))["code"] == "CONFLICT"
            async with connected(url, "w-2") as peer:
                await peer.ask(report(3, worker="W-0001"))
            await eventually_true(lambda: len(book.refusals(now())) == 4)

    asyncio.run(story())
    assert set(book.refusals(now())) == {
        RefusalCount("src-1", "BAD_JSON", 1),
        RefusalCount("src-1", "BAD_TIME", 1),
        RefusalCount("src-1", "CONFLICT", 1),
        RefusalCount("w-2", "NOT_YOURS", 1),
    }


def test_health_tells_how_long_the_oldest_parcel_waits_and_the_dead(room: Room) -> None:
    buried(room, posted(1))

    async def story() -> None:
        feed = RedisLiveFeed(room.redis.url, room.positions, now)
        await feed._asks.xadd("reports", {"p": b"x"}, id=f"{int((now().timestamp() - 7) * 1000)}-0")
        figures = (await feed.health())["redis"].figures
        assert (figures["waiting"], figures["dead"]) == (1, 2)
        assert 6.5 < figures["lag_s"] < 60
        await feed._asks.delete("reports")
        await feed.close()

    asyncio.run(story())


def test_dead_letters_are_filed_again_and_what_stays_is_counted(room: Room) -> None:
    book = RedisFeedBook(room.redis.url, room.clerk)
    before = len(book.dead())
    assert book.file_again() == (before - 1, 1)
    assert [each.why for each in book.dead()] == ["无法读取"]


def test_a_redis_that_is_gone_is_said_and_not_shown_as_nothing() -> None:
    book = RedisFeedBook("unix:///nowhere/r.sock", None)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        book.refusals(now())


def test_what_is_not_ours_in_the_hash_is_left_out() -> None:
    kept = {b"BAD_JSON|a|b": b"2", b"nonsense": b"1", b"X|y": b"many"}
    assert counts_of(kept) == [RefusalCount("a|b", "BAD_JSON", 2)]
    assert STRANGER == ""


def test_pace_is_what_came_in_the_last_minute() -> None:
    clock, count = [0.0], [0.0]
    paced = Paced(lambda: {"reports": count[0]}, ("reports",), lambda: clock[0])
    assert paced() == {"reports": 0, "reports_per_s": 0}
    for _ in range(120):
        clock[0] += 1
        count[0] += 3
        told = paced()
    assert told["reports_per_s"] == 3
    for _ in range(61):
        clock[0] += 1
        told = paced()
    assert told == {"reports": 360, "reports_per_s": 0}


def test_a_wrong_key_is_counted_without_naming_anybody(room: Room) -> None:
    book = RedisFeedBook(room.redis.url, room.clerk)

    async def story() -> None:
        async with serving(room) as url, connect(url, proxy=None) as socket:
            peer = Peer(socket)
            await peer.say({"type": "hello", "device": "张三的手机", "key": "x"})
            assert (await goodbye(peer))[0] == 4401
            wrong = RefusalCount(STRANGER, "BAD_CREDENTIAL", 1)
            await eventually_true(lambda: wrong in book.refusals(now()))

    asyncio.run(story())
