"""The HTTP door: a body and a key in, a status and an answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.errors import StoreUnavailable
from feeds.http_door import HttpDoor
from feeds.limits import Rates
from tests.feeds.fakes import FakeDirectory
from tests.feeds.parts import Room, now, report
from tests.feeds.test_messages import raw
from tests.feeds.town import DEVICES, KEYS

SOURCE_KEY, WORKER_KEY = f"Bearer {KEYS['src-1']}", f"Bearer {KEYS['w-1']}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room without Redis: nobody needs it here."""
    room = Room(Path(tmp_path_factory.mktemp("room")))
    yield room
    room.close()


def asked(door: HttpDoor, body: dict[str, Any] | bytes, key: str = SOURCE_KEY) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else raw(body, "type").encode()
    return asyncio.run(door.take(sent, key))


def door_of(room: Room) -> HttpDoor:
    return HttpDoor(room.clerk, FakeDirectory(DEVICES, KEYS), now)


def test_a_report_is_committed_once_and_answered_again(room: Room) -> None:
    door, sent = door_of(room), report(1)
    status, first = asked(door, sent)
    assert (status, first["ok"], first["grids"], first["duplicate"]) == (201, True, ("A", "A1"), False)
    status, again = asked(door, sent)
    assert (status, again["case"], again["duplicate"]) == (200, first["case"], True)
    status, other = asked(door, sent | {"title": "别的事"})
    assert (status, other["code"]) == (409, "CONFLICT")
    assert room.case_ids().count("r-1") == 1


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        (report(2), "", 401, "FORBIDDEN"),
        (report(2), "Bearer src-1.wrong", 401, "FORBIDDEN"),
        (report(2), KEYS["src-1"], 401, "FORBIDDEN"),
        (report(2), f"Bearer {KEYS['off-1']}", 403, "FORBIDDEN"),
        (report(2, worker="W-0002"), WORKER_KEY, 403, "NOT_YOURS"),
        (b"{", SOURCE_KEY, 400, "BAD_JSON"),
        (b"[]", SOURCE_KEY, 400, "NOT_OBJECT"),
        (raw(report(2), "type").encode("gbk"), SOURCE_KEY, 400, "BAD_TEXT"),
        (raw(report(2)).encode(), SOURCE_KEY, 400, "UNKNOWN_FIELD"),
        (report(2, lon=0, lat=0), SOURCE_KEY, 422, "NULL_ISLAND"),
        (report(2, at="2026-11-21T08:00:00"), SOURCE_KEY, 422, "BAD_TIME"),
        (b"{" + b" " * 70_000 + b"}", SOURCE_KEY, 413, "TOO_LONG"),
    ],
)
def test_refusals_have_their_status(room: Room, body: dict[str, Any] | bytes, key: str, status: int, code: str) -> None:
    got, said = asked(door_of(room), body, key)
    assert (got, said["ok"], said["code"]) == (status, False, code)
    assert said["ref"].startswith("R-")
    assert "r-2" not in room.case_ids()


def test_a_flood_is_429_with_the_time_to_wait(room: Room) -> None:
    door = HttpDoor(room.clerk, FakeDirectory(DEVICES, KEYS), now, Rates(reports_per_s=1.0))
    answers = [asked(door, report(f"flood-{n}"), WORKER_KEY) for n in range(8)]
    assert [status for status, _ in answers].count(429) >= 4
    assert answers[-1][1]["retry_after_s"] > 0


class _GoneStore:
    @contextmanager
    def transaction(self) -> Iterator[Any]:
        raise StoreUnavailable("disk full")
        yield


def test_a_store_that_is_gone_is_503_and_no_false_ack(room: Room) -> None:
    clerk = replace(room.clerk, desk=replace(room.desk, store=_GoneStore()))
    status, said = asked(HttpDoor(clerk, FakeDirectory(DEVICES, KEYS), now), report(2))
    assert (status, said["ok"], said["code"]) == (503, False, "STORE_UNAVAILABLE")
