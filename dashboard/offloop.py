"""Blocking work (SQL, hashing, pictures) in threads: the event loop never waits on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import to_thread

P = ParamSpec("P")
T = TypeVar("T")


async def off_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a worker thread; the running request's visit is seen there too."""
    return await to_thread.run_sync(lambda: work(*args, **kwargs))
