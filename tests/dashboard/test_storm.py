"""A thousand screens cut at once: all are back with the right picture, by our page's own reconnect rule (P9)."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from cases.ports import FixesMoved
from tests.dashboard.rig import Rig, rigged, served

RETRY_S = (0.4, 8.0)  # assets/live.js, RETRY_MS
TRIES = 5
WORKERS = 2000


@dataclass
class Storm:
    """Screens that come back as the page does, until each has seen the case that was reported while all were away."""

    url: str
    token: str
    awaited: str = ""
    tries: list[int] = field(default_factory=list)
    links: set[ClientConnection] = field(default_factory=set)
    up: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def screen(self, seed: int) -> None:
        """One screen: watch, be cut, come back with full jitter, see the awaited case among everybody's places."""
        rng, tries = random.Random(seed), 0
        await asyncio.sleep(rng.uniform(0, 2))
        while True:
            try:
                async with self._connect() as link:
                    self.links.add(link)
                    await self._see(link)
                    self.up.release()
                    if self.awaited:
                        self.tries.append(tries)
                        return
                    await link.wait_closed()
            except (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError):
                pass
            tries += 1
            await asyncio.sleep(min(RETRY_S[1], RETRY_S[0] * 2 ** (tries - 1)) * (0.5 + rng.random()))

    def _connect(self) -> connect:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return connect(self.url, additional_headers=bearer, compression=None, max_size=2**26, open_timeout=30)

    async def _see(self, link: ClientConnection) -> None:
        """Read until board and positions stand as they are now."""
        await link.send(json.dumps({"type": "watch", "topics": ["board", "positions"], "positions": "binary"}))
        board, places = False, False
        while not (board and places):
            frame = await link.recv()
            if isinstance(frame, bytes):
                places = places or (frame[4] == 1 and int.from_bytes(frame[8:12], "little") == WORKERS)
            elif '"topic":"board"' in frame[:60]:
                board = board or self.awaited in frame


async def storm(rig: Rig, screens: int, token: str) -> tuple[float, list[int]]:
    """Seconds until all were back, and how often each tried."""
    it = Storm(rig.url.replace("http", "ws") + "/live", token)
    all_screens = [asyncio.create_task(it.screen(seed)) for seed in range(screens)]
    for _ in range(screens):
        await asyncio.wait_for(it.up.acquire(), 60)
    it.awaited = await asyncio.to_thread(rig.report, "断线时发生的事")
    begun = time.monotonic()
    for link in list(it.links):
        link.transport.abort()
    done, away = await asyncio.wait(all_screens, timeout=60)
    spent = time.monotonic() - begun
    for task in away:
        task.cancel()
    assert not away, f"{len(away)} screens did not come back"
    for task in done:
        task.result()
    return spent, it.tries


def _storm_of(screens: int, tmp_path: object) -> tuple[float, list[int]]:
    with rigged(tmp_path, screens_per_account=2 * screens) as rig, served(rig):  # type: ignore[arg-type]
        rig.feed.play(FixesMoved([rig.fix(f"W-{n}", 120 + n / 1e6) for n in range(WORKERS)]))
        program = rig.program("duty")
        token = str(program.headers["Authorization"]).removeprefix("Bearer ")
        found = asyncio.run(storm(rig, screens, token))
        assert rig.room is not None
        left = time.monotonic() + 5
        while rig.room.hub.screens and time.monotonic() < left:
            time.sleep(0.05)
        assert rig.room.hub.screens == []  # nobody who left is still counted
    return found


def test_a_hundred_screens_cut_at_once_come_back(tmp_path):
    spent, tries = _storm_of(100, tmp_path)
    assert spent < 20
    assert max(tries) <= TRIES


@pytest.mark.long
def test_a_thousand_screens_cut_at_once_come_back_within_thirty_seconds(tmp_path):
    spent, tries = _storm_of(1000, tmp_path)
    assert spent < 30
    assert max(tries) <= TRIES
