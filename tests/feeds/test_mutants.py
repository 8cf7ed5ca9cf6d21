"""A seeded mutator over good frames: every mutant is answered in words, nothing is printed, honest traffic goes on."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.limits import Rates
from feeds.messages import decode
from feeds.refusals import Refusal
from feeds.session import File, HangUp, Moved, Reply, Session, TaskSeen
from tests.feeds.parts import Peer, Room, connected, report, serving
from tests.feeds.test_messages import ALERT, FIX, GOOD, STATUS, batch, raw
from tests.feeds.town import SOURCE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SEED = 20261121
SEEDLINGS = [raw(m) for m in (GOOD, GOOD | {"reporter": {"name": "张三", "phone": "1"}}, FIX, ALERT, STATUS)] + [
    batch(3)
]
EDGES = ["0", "-0", "1e308", "1e999", "-1", "NaN", "Infinity", "9" * 400, "true", "null", '""', "[]", "{}", '"\\ud800"']
STRANGE = ["\u0000", "\u202e", "\ufeff", "\ud800", "\U0001f4a5", "\\", '"', "}", "\u0301", "\x7f", "⼀", "１２"]

Mutation = Callable[[random.Random, str], str]


def cut(dice: random.Random, text: str) -> str:
    return text[: dice.randrange(len(text) + 1)]


def splice(dice: random.Random, text: str) -> str:
    other, at = dice.choice(SEEDLINGS), dice.randrange(len(text) + 1)
    return text[:at] + other[dice.randrange(len(other)) :]


def repeat(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    end = dice.randrange(start, len(text) + 1)
    return text[:end] + text[start:end] * dice.randrange(1, 5) + text[end:]


def flip(dice: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(dice.randrange(1, 4)):
        if letters:
            letters[dice.randrange(len(letters))] = chr(dice.randrange(1, 0x250))
    return "".join(letters)


def edge(dice: random.Random, text: str) -> str:
    head, colon, tail = text.partition(dice.choice(['"lon":', '"lat":', '"at":', '"id":', '"type":']))
    end = min((tail.find(mark) for mark in ",}" if mark in tail), default=0)
    return head + colon + dice.choice(EDGES) + tail[end:]


def strange(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(STRANGE) + text[at:]


def twice(dice: random.Random, text: str) -> str:
    return text[:-1] + "," + text[1:]


def deep(dice: random.Random, text: str) -> str:
    return text.replace(dice.choice(["120.1", "30.2"]), "[" * dice.choice([5, 1000, 20_000]), 1)


MUTATIONS: list[Mutation] = [cut, splice, repeat, flip, edge, strange, twice, deep]


def mutants(count: int) -> Iterator[str]:
    dice = random.Random(SEED)
    for _ in range(count):
        text = dice.choice(SEEDLINGS)
        for _ in range(dice.randrange(1, 4)):
            text = dice.choice(MUTATIONS)(dice, text)
        yield text[:60_000]


@pytest.mark.parametrize(
    "count", [500, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])], ids=["some", "many"]
)
def test_every_mutant_is_taken_or_answered_in_words(count: int) -> None:
    refused = 0
    for text in mutants(count):
        session = Session(Rates(1e9, 1e9, 1e9, 1e9))
        session.receive(raw({"type": "hello", "device": "src-1", "key": "k"}), NOW, 0.0)
        session.verified(SOURCE, NOW, 0.0)
        effects = session.receive(text, NOW, 0.0)
        assert effects, text
        for effect in effects:
            assert isinstance(effect, Reply | File | Moved | TaskSeen), text
            if isinstance(effect, Reply):
                refused += 1
                answer = json.loads(effect.data)
                assert answer["code"], text
                assert answer["msg"], text
    assert refused > count // 2


def test_every_mutant_over_bytes_too() -> None:
    dice = random.Random(SEED)
    for text in mutants(500):
        broken = bytearray(text.encode(errors="replace"))
        for _ in range(3):
            if broken:
                broken[dice.randrange(len(broken))] = dice.randrange(256)
        said = decode(bytes(broken))
        assert not isinstance(said, Refusal) or (said.code and said.msg)


def test_mutants_on_the_socket_leave_no_traceback_and_disturb_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(tmp_path)
    room.redis.start()

    async def story() -> None:
        async with serving(room, Rates(1e9, 1e9, 1e9, 1e9)) as url, connected(url, "w-2") as honest:
            for number, texts in enumerate(_fifteens(mutants(200))):
                async with connected(url) as peer:  # fifteen bad ones are fewer than end a link
                    await _hear_one_answer_each(peer, texts)
                assert (await honest.ask(report(f"honest-{number}")))["ok"]

    try:
        with caplog.at_level(logging.WARNING):
            asyncio.run(story())
    finally:
        room.close()
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


async def _hear_one_answer_each(peer: Peer, texts: list[str]) -> None:
    """Send them all with a beat behind: every beat comes back, so the link is alive and all were looked at."""
    for text in texts:
        await peer.say(text.encode(errors="replace").decode())
    beat = {"type": "beat"}
    answer = await peer.ask(beat)
    while answer["type"] != "beat":
        answer = await peer.hear()


def _fifteens(texts: Iterator[str]) -> Iterator[list[str]]:
    batch_: list[str] = []
    for text in texts:
        batch_.append(text)
        if len(batch_) == 15:
            yield batch_
            batch_ = []
    yield batch_


def test_hang_ups_are_not_among_the_answers_to_one_bad_message() -> None:
    session = Session(Rates())
    session.receive(raw({"type": "hello", "device": "src-1", "key": "k"}), NOW, 0.0)
    session.verified(SOURCE, NOW, 0.0)
    assert not any(isinstance(effect, HangUp) for effect in session.receive("{", NOW, 0.0))
