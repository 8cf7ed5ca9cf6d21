"""A recorded table through the real gateway, Redis, intake and SQLite, its player killed on the way."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feeds.parts import KEYS, ROOT, Room, eventually_true, serving

ROWS = 900


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


async def player(room: Room, url: str) -> asyncio.subprocess.Process:
    """`python -m feeds replay` as somebody would start it."""
    options = ["--time", "t", "--lon", "x", "--lat", "y", "--crs", "wgs84", "--category", "kind", "--speed", "max"]
    command = [sys.executable, "-m", "feeds", "replay", str(room.folder / "rows.csv"), *options]
    command += ["--gateway", url, "--device", "src-1", "--grids", str(room.folder)]
    secret = {"FEED_KEY": KEYS["src-1"], "DATA_DIR": str(room.folder / "var")}
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


def test_a_player_killed_and_started_again_commits_every_row_once(room: Room) -> None:
    rows = [f"2024-01-01T00:00:{n % 60:02d}Z,{120.01 + n * 1e-5:.5f},30.05,噪声" for n in range(ROWS)]
    (room.folder / "rows.csv").write_text("\n".join(["t,x,y,kind", *rows]), "utf-8")

    async def story() -> None:
        async with serving(room) as url:
            first = await player(room, url)
            await eventually_true(lambda: room.count("receipts") > ROWS // 3, 30)
            first.kill()
            await first.wait()
            second = await player(room, url)
            said, _ = await asyncio.wait_for(second.communicate(), 60)
            told = json.loads(said.splitlines()[-1])
            assert second.returncode == 0
            assert told["refused"] == {}
            assert told["settled_before"] + told["acked"] == ROWS
            assert room.count("cases") == room.count("receipts") == ROWS

    asyncio.run(story())
