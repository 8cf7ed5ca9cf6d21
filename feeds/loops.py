"""Endless loops beside a role's main work, and their certain end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

Loop = Coroutine[Any, Any, None]

_ASK_AGAIN_S = 0.5


@asynccontextmanager
async def running(loops: Iterable[Loop]) -> AsyncIterator[None]:
    """Run the loops while the body runs; a loop that fails ends the body with its exception."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            await cancelled(tasks)


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel and wait. redis-py may swallow a cancellation that meets it connecting: ask until each has ended."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_ASK_AGAIN_S)


async def in_thread(work: Callable[[threading.Event], None]) -> None:
    """Blocking work as a loop like the others: when cancelled it is told to stop, and its thread is waited for."""
    stop = threading.Event()
    working = asyncio.create_task(asyncio.to_thread(work, stop))
    try:
        await asyncio.shield(working)
    finally:
        stop.set()
        while not working.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([working])
