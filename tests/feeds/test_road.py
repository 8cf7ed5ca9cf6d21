"""The whole road: sockets, gateway, Redis, intake process, SQLite — also while its parts are killed."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.parts import Peer, Room, connected, eventually_true, report, serving


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room of its own, whose Redis and intake run."""
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


def test_a_report_is_committed_once_and_answered_with_number_and_grids(room: Room) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            sent = report(1, at="2026-11-21T08:00:00+08:00")
            first = await peer.ask(sent)
            assert (first["ok"], first["grids"], first["duplicate"]) == (True, ["A", "A1"], False)
            assert room.case_ids() == ["r-1"]
            again = await peer.ask(sent | {"at": "2026-11-21T00:00:00Z"})  # the same instant
            assert (again["case"], again["duplicate"]) == (first["case"], True)
            other = await peer.ask(sent | {"title": "别的事"})
            assert (other["ok"], other["code"], other["field"]) == (False, "CONFLICT", "id")
            await many_in_flight_twice(peer, room)

    asyncio.run(story())


async def many_in_flight_twice(peer: Peer, room: Room) -> None:
    """Two hundred at once, each of a hundred twice and out of order: a hundred cases."""
    messages = [report(f"m{n % 100}", at="2026-11-21T00:00:00Z") for n in range(200)]
    random.Random(1).shuffle(messages)
    for message in messages:
        await peer.say(message)
    acks = [await peer.hear() for _ in messages]
    assert {ack["ok"] for ack in acks} == {True}
    assert sum(ack["duplicate"] for ack in acks) == 100
    assert sorted(room.case_ids()) == sorted({"r-1", *(message["id"] for message in messages)})


@pytest.mark.parametrize(
    "kills", [3, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(600)])], ids=["few", "many"]
)
def test_killing_intake_mid_flow_loses_and_doubles_nothing(room: Room, kills: int) -> None:
    async def story() -> None:
        async with serving(room) as url, connected(url) as peer:
            acked: set[str] = set()
            killed = asyncio.Event()
            flowing = asyncio.create_task(flow(peer, acked, killed))
            dice = random.Random(kills)
            for _ in range(kills):
                enough = len(acked) + 30
                await eventually_true(partial(_more_than, acked, enough), 30)
                await asyncio.sleep(dice.uniform(0, 0.1))
                await asyncio.to_thread(room.kill_intake)
                await asyncio.to_thread(room.start_intake)
            killed.set()
            await asyncio.wait_for(flowing, 60)
            assert sorted(room.case_ids()) == sorted(acked)
            assert room.count("cases") == len(acked)

    asyncio.run(story())


def _more_than(acked: set[str], count: int) -> bool:
    return len(acked) > count


async def flow(peer: Peer, acked: set[str], enough: asyncio.Event) -> None:
    """Batches of twenty, each sent until acknowledged, until told that it is enough."""
    number = 0
    while not enough.is_set():
        acked.update(await send_until_acked(peer, [report(number + n) for n in range(20)]))
        number += 20


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
