"""Which stream a report waits in: by its area, whatever names its place, and the same every time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feeds import intake, streams
from feeds.filing import Posted
from feeds.messages import canonical, decode
from feeds.shards import Shards
from geo.grids import GridBook
from storage.lease import Leases
from tests.feeds.parts import Room, connected, now, report, serving_ports
from tests.feeds.test_messages import STATUS, raw
from tests.feeds.test_mutants import FREE
from tests.feeds.town import write_town

IN_A1, IN_A2, IN_B2 = ({"lon": lon, "lat": 30.05, "crs": "wgs84"} for lon in (120.02, 120.07, 120.17))
NOWHERE = {"lon": None, "lat": None, "crs": None}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> GridBook:
    return GridBook.load(write_town(tmp_path_factory.mktemp("town")))


def posted(message: dict[str, Any], device: str = "src-1", area: str = "") -> Posted:
    body = canonical(decode(raw({k: v for k, v in message.items() if v is not None})))  # type: ignore[arg-type]
    return Posted(1, device, "*", False, now(), body, area)


def stream(book: GridBook, count: int, message: dict[str, Any], **sent: str) -> str:
    return Shards(book, count).stream_of(posted(message, **sent))


@pytest.mark.parametrize(
    ("count", "where", "number"),
    [
        (2, IN_A1, 0),
        (2, IN_A2, 0),
        (2, IN_B2, 1),
        (4, IN_A1, 0),  # there are but two areas above: by the halves
        (4, IN_A2, 1),
        (4, IN_B2, 3),
        (2, NOWHERE | {"grid": "B1"}, 1),
        (4, NOWHERE | {"grid": "B"}, 2),  # of a whole area: with its first half
        (2, {"lon": 100.0, "lat": 30.0, "crs": "wgs84", "grid": "A"}, None),  # where it is, not what it says
    ],
)
def test_a_report_waits_with_its_area(book: GridBook, count: int, where: dict[str, Any], number: int | None) -> None:
    found = stream(book, count, report(1) | where)
    assert found in streams.report_streams(count)
    assert number is None or found == streams.report_streams(count)[number]


def test_what_has_no_place_waits_with_its_device(book: GridBook) -> None:
    placeless = report(1) | NOWHERE | {"address": "青芝路 1 号"}
    assert stream(book, 2, placeless, area="B2") == "reports:1"
    assert stream(book, 2, placeless, device="x") == stream(book, 2, placeless, device="x")
    assert {stream(book, 2, STATUS, device=f"w-{n}") for n in range(20)} == {"reports:0", "reports:1"}


def test_more_streams_than_areas_leave_some_empty_and_none_unknown(book: GridBook) -> None:
    found = {stream(book, 64, report(1) | where) for where in (IN_A1, IN_A2, IN_B2)}
    assert len(found) == 3
    assert found <= set(streams.report_streams(64))


def test_one_stream_keeps_its_name_and_reads_no_message(book: GridBook) -> None:
    unread = Posted(1, "src-1", "*", False, now(), b"not looked at")
    assert Shards(book).split([unread]) == [("reports", [unread])]
    assert Shards(book).split([]) == []


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    room.redis.start()
    yield room
    room.close()


def test_two_gateways_and_two_intakes_share_a_town_by_area(room: Room) -> None:
    """Each report is acknowledged to its sender, through the stream of its area."""
    names = streams.report_streams(2)

    async def story() -> None:
        stop = asyncio.Event()
        intakes = [
            intake.Ports(room.redis.url, room.clerk, room.desk, Leases(room.engine), now, f"intake-{n}")
            for n in range(2)
        ]
        running = [
            asyncio.create_task(intake.run(replace(ports, streams=names, mine=(name,)), stop))
            for ports, name in zip(intakes, names, strict=True)
        ]
        gateways = [replace(room.ports(FREE), name=name, streams=2) for name in ("g-1", "g-2")]
        async with (
            serving_ports(gateways[0]) as one,
            serving_ports(gateways[1]) as two,
            connected(one, "src-1") as first,
            connected(two, "w-1") as second,
        ):
            for number, where in enumerate((IN_A1, IN_B2) * 5):
                acks = await asyncio.gather(
                    first.ask(report(f"a-{number}") | where), second.ask(report(f"b-{number}") | where)
                )
                assert [(ack["id"], ack["ok"]) for ack in acks] == [(f"r-{each}-{number}", True) for each in "ab"]
            async with streams.reader(room.redis.url) as redis:
                made = [await redis.xinfo_groups(name) for name in names]
                assert all(group["last-delivered-id"] != b"0-0" for [group] in made)
        stop.set()
        await asyncio.gather(*running)

    asyncio.run(story())
    assert room.count("cases") == 20
