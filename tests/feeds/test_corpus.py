"""The whole corpus of bad input: each row goes in where it belongs and has its stated answer."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from redis.backoff import NoBackoff
from redis.retry import Retry

from feeds.http_door import HttpDoor
from feeds.limits import Rates
from feeds.messages import decode
from feeds.refusals import Refusal
from feeds.session import File, Session
from tests.feeds.corpus import ABSENT, ELSEWHERE, ROWS, Row
from tests.feeds.parts import ROOT, GatewayThread, Room, connected, eventually, now, report
from tests.feeds.raw_socket import RawSocket, request
from tests.feeds.test_messages import raw
from tests.feeds.town import KEYS, SOURCE

CATALOGUE = ROOT.parent / "shared" / "design" / "reliability.md"
FREE = Rates(1e9, 1e9, 1e9, 1e9)


@pytest.fixture(scope="module")
def gateway(room: Room) -> Iterator[int]:
    """A gateway of a room with Redis and intake."""
    room.start_intake()
    with GatewayThread(room, FREE) as running:
        yield running.port


class Places:
    """Where a row can go in; each method answers as the row states it."""

    def __init__(self, room: Room, port: int) -> None:
        self._room, self._port = room, port

    def message(self, sent: str | bytes) -> tuple[str, str | None]:
        """A frame as a text: its refusal, in Chinese words."""
        said = decode(sent)
        assert isinstance(said, Refusal)
        assert re.search("[\u4e00-\u9fff]", said.msg)
        return said.code, said.field

    def frames(self, sent: bytes) -> object:
        """Bytes behind a good hello."""
        with RawSocket(self._port) as link:
            link.sign_in()
            link.send(sent)
            return link.hear()

    def request(self, sent: bytes) -> int:
        """An opening handshake."""
        with RawSocket(self._port) as link:
            link.send(sent)
            return link.status()

    def hello(self, sent: bytes) -> object:
        """The first frame."""
        with RawSocket(self._port) as link:
            link.send(request() + sent)
            assert link.status() == 101
            return link.hear()

    def filed(self, sent: tuple[str, tuple[dict[str, Any], ...]]) -> tuple[object, object]:
        """Messages of a device; the answer to the last."""
        device, messages = sent
        said = [self._asked(device, each) for each in messages][-1]
        return ("ok", list(said["flags"])) if said["ok"] else (said["code"], said["field"])

    def _asked(self, device: str, message: dict[str, Any]) -> dict[str, Any]:
        async def story() -> dict[str, Any]:
            async with connected(f"ws://127.0.0.1:{self._port}/v1/feed", device) as peer:
                return await peer.ask(message)

        return asyncio.run(story())

    def http(self, sent: bytes) -> tuple[int, object]:
        """A body at the HTTP door."""
        door = HttpDoor(self._room.clerk, self._room.directory, now, FREE)
        status, said = asyncio.run(door.take(sent, f"Bearer {KEYS['src-1']}"))
        return status, said["code"]

    def redis(self, sent: tuple[list[str], list[str]]) -> str:
        """A report while Redis says no, and one after; both must be committed."""
        begin, end = sent
        with redis_client.Redis.from_url(self._room.redis.url) as client:
            for command in begin:
                client.execute_command(*shlex.split(command))
            if "BGSAVE" in begin:
                eventually(lambda: not client.info("persistence")["rdb_bgsave_in_progress"])
                with pytest.raises(redis_client.ResponseError, match="MISCONF"):
                    client.set("row", 1)
            if any("requirepass" in command for command in begin):
                with pytest.raises(redis_client.AuthenticationError):
                    redis_client.Redis.from_url(self._room.redis.url).ping()
            first = self._asked("src-1", report(f"redis-{begin}-{end}".translate(_IN_AN_ID)[:60]))
            for command in end:
                client.execute_command(*shlex.split(command))
            again = self._asked("src-1", report(f"again-{begin}-{end}".translate(_IN_AN_ID)[:60]))
        return "ok" if first["ok"] and again["ok"] else f"{first} {again}"

    def unsaved(self, sent: tuple[list[str], list[str]]) -> str:
        """The same while Redis cannot write its file, because a folder lies where it belongs."""
        in_the_way = self._room.redis.folder / "dump.rdb"
        in_the_way.unlink(missing_ok=True)
        in_the_way.mkdir()
        try:
            return self.redis(sent)
        finally:
            in_the_way.rmdir()

    def loading(self, keys: int) -> str:
        """The same while Redis starts again and reads its file, half a second a key; then it starts without one.

        While it reads it looks up from its file every 2 MB (Redis 6 cannot be told otherwise): a key is larger.
        """
        server = self._room.redis
        with redis_client.Redis.from_url(server.url) as client:
            client.config_set("rdbcompression", "no")
            client.mset({f"row-{number}": "x" * 2_500_000 for number in range(keys)})
            client.save()
        server.kill()
        server.begin("--key-load-delay", "500000")
        eventually(lambda: _says_loading(server.url))
        first = self._asked("src-1", report("redis-loading"))
        assert _says_loading(server.url)
        server.kill()
        (server.folder / "dump.rdb").unlink()
        server.start()
        again = self._asked("src-1", report("again-loading"))
        return "ok" if first["ok"] and again["ok"] else f"{first} {again}"

    def clock(self, step: Any) -> str:
        """Two reports with the wall clock stepping between them; the steady clock goes on."""
        session, at = Session(Rates()), datetime(2026, 11, 22, tzinfo=UTC)
        session.receive(raw({"type": "hello", "device": "src-1", "key": "k"}), at, 0.0)
        session.verified(SOURCE, at, 0.0)
        [one] = session.receive(raw(report("clock-1")), at, 1.0)
        [two] = session.receive(raw(report("clock-2")), at + step, 2.0)
        assert isinstance(one, File) and isinstance(two, File)
        assert two.received_at == at + step
        return two.kind


def _says_loading(url: str) -> bool:
    try:
        with redis_client.Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as client:
            client.get("row-0")
    except redis_client.BusyLoadingError:
        return True
    except redis_client.RedisError:
        return False
    return False


_IN_AN_ID = {ord(each): "_" for each in " []'\".,:+*"}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.where}: {row.name}" for row in ROWS])
def test_corpus(room: Room, gateway: int, row: Row) -> None:
    answered: Callable[[Any], Any] = getattr(Places(room, gateway), row.where)
    assert answered(row.sent) == row.answer


def test_every_id_of_the_catalogue_is_tried_or_named_as_absent() -> None:
    if not CATALOGUE.exists():
        pytest.skip(f"the catalogue is not here: {len(ROWS)} rows tried without it")
    section = CATALOGUE.read_text("utf-8").partition("\n## 6.")[2].partition("\n## 7.")[0]
    asked = set(re.findall(r"^\| (C\d+) ", section, re.MULTILINE))
    tried = {row.name.split()[0] for row in ROWS}
    assert len(asked) > 80
    assert asked - tried - set(ELSEWHERE) - set(ABSENT) == set()
    assert not set(ABSENT) & (tried | set(ELSEWHERE))


@pytest.mark.parametrize("where", sorted({where for each in ELSEWHERE.values() for where in each.split()}))
def test_what_is_tried_elsewhere_is_there(where: str) -> None:
    file, _, name = where.partition("::")
    assert name
    assert f"def {name}(" in Path(ROOT / file).read_text("utf-8")
