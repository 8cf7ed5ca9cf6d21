"""The whole road: sockets, gateway, Redis, intake process, SQLite — also while its parts are killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.parts import Peer, Room, connected, report, serving


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room whose Redis and intake run."""
    room = Room(tmp_path)
    try:
        room.redis.start()
        room.start_intake()
        yield room
    finally:
        room.close()


async def send_until_acked(peer: Peer, messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Send all, hear all, send again what got no ack in 5 s or STORE_UNAVAILABLE, as protocol.md asks."""
    acked: dict[str, dict[str, Any]] = {}
    while waiting := [message for message in messages if message["id"] not in acked]:
        for message in waiting:
            await peer.say(message)
        for _ in waiting:
            try:
                ack = await peer.hear(5)
            except TimeoutError:
                break
            if ack.get("ok"):
                acked.setdefault(ack["id"], ack)
    return acked


def test_report_is_committed_and_answered_with_number_and_grids(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            first = await peer.ask(report(1))
            assert first["ok"] is True
            assert first["grids"] == ["A", "A1"]
            assert first["duplicate"] is False
            assert room.case_ids() == ["r-1"]

    asyncio.run(story())


def test_same_content_again_gets_the_first_answer_and_other_content_a_conflict(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            sent = report(1, at="2026-11-21T08:00:00+08:00")
            first = await peer.ask(sent)
            again = await peer.ask(sent | {"at": "2026-11-21T00:00:00Z"})  # the same instant
            assert (again["case"], again["duplicate"]) == (first["case"], True)
            other = await peer.ask(sent | {"title": "别的事"})
            assert (other["ok"], other["code"], other["field"]) == (False, "CONFLICT", "id")
            assert room.count("cases") == 1

    asyncio.run(story())


def test_many_in_flight_shuffled_and_twice_are_each_committed_once(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            messages = [report(n % 100) | {"at": "2026-11-21T00:00:00Z"} for n in range(200)]
            for message in messages:
                await peer.say(message)
            acks = [await peer.hear() for _ in messages]
            assert {a["ok"] for a in acks} == {True}
            assert sum(a["duplicate"] for a in acks) == 100
            assert sorted(room.case_ids()) == sorted({m["id"] for m in messages})

    asyncio.run(story())


def test_killing_intake_mid_flow_loses_and_doubles_nothing(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            messages = [report(n) for n in range(300)]
            sending = asyncio.create_task(send_until_acked(peer, messages))
            for _ in range(3):
                await asyncio.sleep(0.05)
                await asyncio.to_thread(room.kill_intake)
                await asyncio.to_thread(room.start_intake)
            acked = await asyncio.wait_for(sending, 60)
            assert len(acked) == 300
            assert sorted(room.case_ids()) == sorted(acked)

    asyncio.run(story())


@pytest.mark.parametrize("fault", ["killed", "hung", "wiped"])
def test_redis_failing_delays_nobody_and_loses_nothing(room: Room, fault: str) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            assert (await peer.ask(report("before")))["ok"]
            if fault == "killed":
                room.redis.kill()
            elif fault == "hung":
                room.redis.send(signal.SIGSTOP)
            else:
                room.redis.flush()
            acked = await send_until_acked(peer, [report(n) for n in range(50)])
            assert len(acked) == 50
            if fault == "hung":
                room.redis.send(signal.SIGCONT)
            elif fault == "killed":
                room.redis.start()
            acked |= await send_until_acked(peer, [report(n) for n in range(50, 100)])
            assert sorted(room.case_ids()) == sorted([*acked, "r-before"])

    asyncio.run(story())
