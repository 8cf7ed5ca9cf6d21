"""The stream of reports among several intakes: what one left, another finishes; only what all finished is dropped."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from feeds import report_stream
from feeds.report_stream import ReportStream
from feeds.streams import GROUP, REPORTS, pack_parcel, report_streams
from tests.feeds.parts import RedisServer
from tests.feeds.test_dead_letters import posted


class Broker(RedisServer):
    """A private Redis, and a stream of one report an entry."""

    def client(self) -> Any:
        return closing(redis_client.Redis.from_url(self.url))

    def post(self, *numbers: int, stream: str = REPORTS) -> None:
        with self.client() as client:
            for number in numbers:
                client.xadd(stream, {"p": pack_parcel("g", [posted(number)])}, id=f"{number}-0")

    def post_now(self, stream: str) -> None:
        with self.client() as client:
            client.xadd(stream, {"p": pack_parcel("g", [posted(1)])})

    def entries(self, stream: str = REPORTS) -> list[bytes]:
        with self.client() as client:
            return [id_ for id_, _ in client.xrange(stream)]


@pytest.fixture
def broker() -> Iterator[Broker]:
    folder = Path(tempfile.mkdtemp(prefix="feeds-"))  # a unix socket's path must be short
    server = Broker(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def intake_of(broker: Broker) -> Iterator[Callable[..., ReportStream]]:
    """Makes the intake of a name that minds some of the present streams."""
    links = []

    def make(name: str, mine: Sequence[str], present: Sequence[str] = ()) -> ReportStream:
        links.append(report_stream.connection(broker.url))
        made = ReportStream(links[-1], name, mine, present)
        made.prepare()
        return made

    yield make
    for link in links:
        link.disconnect()


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
    living.finish(found, ())
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


FOUR, TWO = report_streams(4), report_streams(2)


def test_each_intake_reads_its_own_streams_and_finishes_every_entry_where_it_lies(
    broker: Broker, intake_of: Callable[..., ReportStream]
) -> None:
    west, east = intake_of("intake-0", FOUR[:2], FOUR), intake_of("intake-1", FOUR[2:], FOUR)
    for stream in FOUR:
        broker.post(7, stream=stream)  # one id in all of them: an id alone names nothing
    found = west.read()
    assert [entry.key for entry in found] == [(stream, b"7-0") for stream in FOUR[:2]]
    assert west.tries() == {(stream, b"7-0"): 1 for stream in FOUR[:2]}
    west.finish(found[:1], ())
    assert [broker.entries(stream) for stream in FOUR] == [[], [b"7-0"], [b"7-0"], [b"7-0"]]
    assert [entry.stream for entry in west.pending()] == [FOUR[1]]
    assert [entry.stream for entry in east.read()] == [*FOUR[2:]]


def test_streams_of_an_intake_that_is_gone_are_minded_by_another_until_they_are_empty(
    broker: Broker, intake_of: Callable[..., ReportStream]
) -> None:
    dead, living = intake_of("intake-0", TWO[:1], TWO), intake_of("intake-1", TWO[1:], TWO)
    broker.post(1, stream=TWO[0])
    dead.read()  # and dies; this one it has read, the next one nobody
    broker.post(2, stream=TWO[0])
    assert living.look_around() == [TWO[0]]
    assert living.adopt(after_ms=0) == 1
    found = [*living.pending(), *living.read()]
    assert [entry.key for entry in found] == [(TWO[0], b"1-0"), (TWO[0], b"2-0")]
    living.finish(found, ())
    assert (living.look_around(), living.minded) == ([], TWO[1:])
    broker.post_now(TWO[0])
    assert living.look_around() == []  # it has not waited ten seconds: its own intake may come


@pytest.mark.parametrize(("before", "after"), [(1, 4), (4, 1), (4, 2), (2, 4)])
def test_another_number_of_streams_loses_nothing_that_was_posted_read_or_is_still_posted_by_the_old_one(
    broker: Broker, intake_of: Callable[..., ReportStream], before: int, after: int
) -> None:
    old, names = intake_of("intake-0", report_streams(before)), report_streams(before)
    for stream in names:
        broker.post(1, stream=stream)
    assert len(old.read()) == before  # read, and killed before the commit
    for stream in names:
        broker.post(2, stream=stream)
    new = intake_of("intake-0", report_streams(after))
    expected = {(stream, id_) for stream in names for id_ in (b"1-0", b"2-0")}
    assert set(new.look_around()) == set(names) - set(report_streams(after))
    found = [*new.pending(), *new.read()]
    assert {entry.key for entry in found} == expected
    new.finish(found, ())
    broker.post_now(names[-1])  # by a gateway that was not restarted yet
    new.look_around()
    [late] = new.read()
    assert late.stream == names[-1]
    new.finish([late], ())
    assert [broker.entries(stream) for stream in names] == [[]] * before
    assert (new.look_around(), new.pending()) == ([], [])


def test_a_wiped_redis_and_a_key_of_another_kind_stop_nobody(
    broker: Broker, intake_of: Callable[..., ReportStream]
) -> None:
    alone = intake_of("intake-0", TWO)
    broker.flush()
    with broker.client() as client:
        client.set("reports:9", "not a stream")
    broker.post(1, stream=TWO[1])
    assert alone.look_around() == []
    assert [entry.key for entry in alone.read()] == [(TWO[1], b"1-0")]
