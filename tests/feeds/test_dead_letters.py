"""Dead letters: listed without a word of their content, filed again once what choked on them is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client

from feeds import report_stream
from feeds.dead_letters import DeadLetters
from feeds.filing import Clerk, Posted
from feeds.messages import canonical, decode
from tests.feeds.parts import Room, now, report
from tests.feeds.test_faults import FaultyDesk
from tests.feeds.test_messages import raw


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    room.redis.start()
    yield room
    room.close()


@pytest.fixture
def dead(room: Room) -> Iterator[DeadLetters]:
    with redis_client.Redis.from_url(room.redis.url) as client:
        yield DeadLetters(client)


def posted(number: int, title: str = "好") -> Posted:
    return Posted(number, "src-1", "*", False, now(), canonical(decode(raw(report(number, title=title)))))  # type: ignore[arg-type]


def buried(room: Room, *messages: Posted) -> None:
    connection = report_stream.connection(room.redis.url)
    stream = report_stream.ReportStream(connection)
    stream.bury(messages, "五次均无法入库")
    stream.bury_unreadable([report_stream.Entry(b"1-1", None, {b"p": b"nonsense"})])
    connection.disconnect()


def test_what_is_mended_is_filed_once_and_the_rest_stays_with_its_reason(room: Room, dead: DeadLetters) -> None:
    faulty: object = FaultyDesk(room.desk)
    first = posted(1)
    buried(room, first, posted(2, "毒"), first)
    said = [why for _, why in dead.file_again(Clerk(faulty, room.book, now))]  # type: ignore[arg-type]
    assert said == ["", "仍然无法入库", "", "无法读取"]
    assert (room.case_ids(), len(dead.letters())) == (["r-1"], 2)
    assert [why for _, why in dead.file_again(room.clerk)] == ["", "无法读取"]
    assert (room.case_ids(), len(dead.letters())) == (["r-1", "r-2"], 1)


def test_a_letter_is_named_without_what_a_person_wrote(room: Room, dead: DeadLetters) -> None:
    buried(room, posted(7, "张三家暴"), replace_body(posted(8)))
    named = [letter.about for letter in dead.letters()]
    assert "src-1" in named[0]
    assert "report r-7" in named[0]
    assert "张三" not in named[0]
    assert [name.endswith("无法读取") for name in named[1:]] == [True, True]


def replace_body(message: Posted) -> Posted:
    return Posted(*[b"{}" if name == "body" else getattr(message, name) for name in message.__struct_fields__])
