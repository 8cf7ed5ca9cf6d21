"""The crowd of `bench live` as a process of its own: `python -m bench.live_walk FOLDER COUNT`.

It stands where the gateway stands: the newest fixes go into Redis twice a second as the gateway puts them there, and
gateway and intake give signs of life, so that the web process under the clock does all of its own work and no more.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

from redis.asyncio import Redis

import redis_server
from bench.live_crowd import TICK_S, Crowd
from cases.model import Fix
from feeds import health, streams


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


async def walk(redis: Redis, count: int) -> None:
    """A fifth of the crowd moves every half second, until cancelled or orphaned."""
    crowd, parent = Crowd(count), os.getppid()
    await tell(redis, crowd.fixes())
    signs = [asyncio.create_task(health.write_signs(redis, role, now, dict)) for role in ("gateway", "intake")]
    print("walking", flush=True)
    due = time.monotonic()
    while os.getppid() == parent:
        due += TICK_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await tell(redis, crowd.fixes(crowd.step()))
    for sign in signs:
        sign.cancel()


async def tell(redis: Redis, fixes: Sequence[Fix]) -> None:
    """Keep and publish, as `feeds.gateway` does."""
    pipe = redis.pipeline(transaction=False)
    pipe.hset(streams.POSITIONS, mapping={fix.worker: streams.pack_fix(fix) for fix in fixes})
    pipe.publish(streams.POSITIONS, streams.pack_fixes(fixes))
    await pipe.execute()


@contextmanager
def walking(folder: Path, count: int) -> Iterator[str]:
    """A Redis of its own and the crowd before it, as two processes; the Redis URL."""
    redis = Popen(redis_server.command(folder), stdout=DEVNULL, stderr=DEVNULL)
    try:
        while not redis_server.answers(folder):
            time.sleep(0.02)
        with Popen([sys.executable, "-m", "bench.live_walk", str(folder), str(count)], stdout=PIPE) as crowd:
            try:
                assert crowd.stdout is not None
                assert crowd.stdout.readline() == b"walking\n"
                yield redis_server.url(folder)
            finally:
                crowd.terminate()
    finally:
        redis.terminate()
        redis.wait(10)


async def main(folder: str, count: str) -> None:
    """Walk until killed."""
    async with Redis.from_url(redis_server.url(Path(folder))) as redis:
        await walk(redis, int(count))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
