"""Who was heard last: a beat is enough, who says nothing grows old, and a wiped Redis forgets without harm."""

from __future__ import annotations

import asyncio
from datetime import datetime

from feeds.heard import Heard
from tests.feeds.parts import Room, connected, eventually, now, serving


def test_a_beat_is_noted_by_the_gateway_and_silence_is_not(room: Room) -> None:
    heard, began = Heard(room.redis.url), now()

    def at() -> datetime | None:
        return heard.last(["src-1", "w-1"]).get("src-1")

    async def story() -> tuple[datetime | None, datetime | None]:
        async with serving(room) as url, connected(url) as peer:
            await asyncio.to_thread(eventually, lambda: at() is not None)
            hello = at()
            await peer.ask({"type": "beat"})
            await asyncio.to_thread(eventually, lambda: at() != hello)
            return hello, at()

    hello, beat = asyncio.run(story())
    assert hello is not None
    assert beat is not None
    assert began.timestamp() - 1 < hello.timestamp() < beat.timestamp() <= now().timestamp() + 1
    assert list(heard.last(["src-1", "w-1"])) == ["src-1"]  # w-1 never spoke
    room.redis.flush()
    assert heard.last(["src-1"]) == {}
    heard.close()


def test_without_redis_nothing_is_known_and_nothing_breaks() -> None:
    heard = Heard("redis://127.0.0.1:1/0")
    assert heard.last(["src-1"]) == {}
    heard.close()
