"""The self-probe: it goes the whole way and leaves nothing behind; what it misses is seen on every screen in time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
import redis.asyncio as redis_client

from cases.model import SELF_PROBE, Device
from feeds.health import PROBE, Sign, health_of, put_sign
from feeds.picture import RedisLiveFeed
from feeds.probe import SelfProbe
from tests.feeds.parts import Room, eventually_true, now, serving

INSIDE = (120.02, 30.05)


def test_a_probe_is_committed_and_is_no_case_no_event_and_no_receipt(room: Room) -> None:
    async def story() -> list[float | None]:
        async with serving(room) as url:
            probe = SelfProbe(url, INSIDE, room.directory.put_device, now)
            return [await probe.send(), await probe.send()]

    taken = asyncio.run(story())
    assert all(seconds is not None and seconds < 5 for seconds in taken), taken
    left = {table: room.count(table) for table in ("cases", "events", "receipts", "alerts")}
    assert left == dict.fromkeys(left, 0)
    assert room._rows("SELECT value FROM counters WHERE name = 'self-probe'") == [(2,)]


def test_health_says_since_when_no_probe_came_through(room: Room) -> None:
    async def story() -> None:
        feed = RedisLiveFeed(room.redis.url, room.positions, now)
        async with redis_client.Redis.from_url(room.redis.url) as signs:
            for gone_s, state in ((10, "ok"), (50, "late"), (80, "down")):
                await put_sign(signs, PROBE, Sign(now() - timedelta(seconds=gone_s)))
                seen = (await feed.health())[PROBE]
                assert (seen.state, "没有走通" in seen.note) == (state, state != "ok")
        await feed.close()

    asyncio.run(story())


def test_two_misses_are_an_error_in_the_log_and_the_first_success_ends_them(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        probe = SelfProbe("ws://127.0.0.1:1/v1/feed", INSIDE, room.directory.put_device, now)
        with caplog.at_level(logging.WARNING, "feeds.probe"):
            assert [await probe.send(), await probe.send()] == [None, None]
        assert [each.levelname for each in caplog.records] == ["WARNING", "ERROR"]
        async with serving(room) as url:
            probe._gateway = url
            assert await probe.send() is not None
        assert probe.missed == 0

    asyncio.run(story())


def test_a_store_that_takes_no_key_is_a_miss_and_not_the_end_of_the_probe(room: Room) -> None:
    def broken(device: Device, key: str) -> None:
        raise RuntimeError(device.id)

    probe = SelfProbe("ws://127.0.0.1:1/v1/feed", INSIDE, broken, now)
    assert asyncio.run(probe.send()) is None
    assert probe.missed == 1


def test_the_loop_writes_its_sign_only_while_it_leads(room: Room) -> None:
    async def story() -> None:
        async with redis_client.Redis.from_url(room.redis.url) as signs, serving(room) as url:
            await signs.hdel("health", PROBE)
            turns = iter([False, True, True])
            probe = SelfProbe(url, INSIDE, room.directory.put_device, now)
            running = asyncio.create_task(probe.run(signs, lambda: next(turns, True), 0.05))

            async def came_through() -> bool:
                sign = health_of(await signs.hget("health", PROBE), now(), PROBE)
                return sign.state == "ok" and sign.figures.get("round_trip_s", 0) > 0

            await eventually_true(came_through)
            running.cancel()

    asyncio.run(story())
    assert room.directory.device(SELF_PROBE) is not None
