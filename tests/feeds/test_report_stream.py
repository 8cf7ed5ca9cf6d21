"""The stream of reports among several intakes: what one left, another finishes; only what all finished is dropped."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from feeds import report_stream
from feeds.report_stream import ReportStream
from feeds.streams import GROUP, REPORTS, pack_parcel
from tests.feeds.parts import RedisServer
from tests.feeds.test_dead_letters import posted


class Broker(RedisServer):
    """A private Redis, and a stream of one report an entry."""

    def client(self) -> Any:
        return closing(redis_client.Redis.from_url(self.url))

    def post(self, *numbers: int) -> None:
        with self.client() as client:
            for number in numbers:
                client.xadd(REPORTS, {"p": pack_parcel("g", [posted(number)])}, id=f"{number}-0")

    def entries(self) -> list[bytes]:
        with self.client() as client:
            return [id_ for id_, _ in client.xrange(REPORTS)]


@pytest.fixture
def broker() -> Iterator[Broker]:
    folder = Path(tempfile.mkdtemp(prefix="feeds-"))  # a unix socket's path must be short
    server = Broker(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def intakes(broker: Broker) -> Iterator[tuple[ReportStream, ReportStream]]:
    links = [report_stream.connection(broker.url) for _ in range(2)]
    first, second = (ReportStream(link, f"intake-{n}") for n, link in enumerate(links))
    first.prepare()
    yield first, second
    for link in links:
        link.disconnect()


def ids(entries: list[report_stream.Entry]) -> list[bytes]:
    return [entry.id for entry in entries]


def test_what_a_dead_intake_read_is_finished_by_another(
    broker: Broker, intakes: tuple[ReportStream, ReportStream]
) -> None:
    dead, living = intakes
    broker.post(1, 2)
    assert ids(dead.read()) == [b"1-0", b"2-0"]
    broker.post(3)
    assert ids(living.read()) == [b"3-0"]
    assert (living.adopt(), ids(living.pending())) == (0, [b"3-0"])  # it may only be slow
    assert living.adopt(after_ms=0) == 3
    found = living.pending()
    assert ids(found) == [b"1-0", b"2-0", b"3-0"]
    assert all(entry.parcel is not None for entry in found)
    living.finish(ids(found), ())
    assert (broker.entries(), dead.pending(), living.pending()) == ([], [], [])


def test_an_adopted_entry_that_is_no_more_is_forgotten(
    broker: Broker, intakes: tuple[ReportStream, ReportStream]
) -> None:
    dead, living = intakes
    broker.post(1)
    dead.read()
    with broker.client() as client:
        client.xdel(REPORTS, "1-0")
    living.adopt(after_ms=0)
    living.bury_unreadable(living.pending())
    assert (dead.pending(), living.pending()) == ([], [])


def test_only_what_every_group_has_finished_is_dropped(
    broker: Broker, intakes: tuple[ReportStream, ReportStream]
) -> None:
    first, _ = intakes
    with broker.client() as client:
        assert first.trim() == 0
        broker.post(8, 9, 10, 11, 12)  # 9 < 10: ids are numbers, not words
        first.read()
        client.xack(REPORTS, GROUP, "8-0", "9-0", "12-0")  # and before they were deleted, a crash
        assert (first.trim(), broker.entries()) == (2, [b"10-0", b"11-0", b"12-0"])
        client.xgroup_create(REPORTS, "archive", "10-0")
        client.xack(REPORTS, GROUP, "10-0", "11-0")
        assert (first.trim(), broker.entries()) == (0, [b"10-0", b"11-0", b"12-0"])  # the slowest group counts
        client.xgroup_destroy(REPORTS, "archive")
        broker.post(13)
        assert (first.trim(), broker.entries()) == (2, [b"12-0", b"13-0"])  # 13 is nobody's yet
        assert ids(first.read()) == [b"13-0"]
