"""The replay role of a demo room: its feed, its walking workers and its staff."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import demo
from feeds import replay
from room import Room


async def run(room: Room, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Enter who may use the demo room, then play until stopped."""
    s = room.settings
    await asyncio.to_thread(_enter, room, "accounts")
    ready()
    await asyncio.to_thread(_enter, room, "staff")
    await replay.run(demo.path(s), room.grids, s.speed, stop, s.grids)


def _enter(room: Room, whose: str) -> None:
    """Enter demo.json's people and devices once; hashing takes seconds, which the other roles need not wait for."""
    content = demo.read(room.settings)
    for device, key in demo.devices_of(content):
        room.directory.put_device(device, key)
    for account, password in demo.accounts_of(content, whose):
        if room.directory.account(account.name) is None:
            room.directory.put_account(account, password)
