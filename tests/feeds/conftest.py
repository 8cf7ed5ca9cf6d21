"""A room with Redis and without intake, which most tests of the sockets share within their module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feeds.parts import Room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The gateway files directly; each test sends messages of its own."""
    room = Room(Path(tmp_path_factory.mktemp("room")))
    try:
        room.redis.start()
        yield room
    finally:
        room.close()
