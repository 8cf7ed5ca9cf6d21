"""The replay role of a demo room: its feed, its walking workers and its staff."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import demo
from feeds import replay
from room import Room


async def run(room: Room, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Play until stopped."""
    ready()
    s = room.settings
    await replay.run(demo.path(s), room.grids, s.speed, stop, s.grids)
