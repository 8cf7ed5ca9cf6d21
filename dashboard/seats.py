"""Presence at a seat: hands on the screens of the officers on duty are kept as "somebody is there", never as who."""

from __future__ import annotations

import asyncio
import logging
import time

from cases.errors import StoreUnavailable
from cases.model import Account, Role
from dashboard.offloop import off_loop
from dashboard.services import Services

log = logging.getLogger("room.seats")

EVERY_S = 10.0  # more often than this is nothing new


class SeatKeeper:
    """Hears of hands on the screens of an area and writes it down, off the loop and at most every ten seconds."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._noted: dict[str, float] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, account: Account) -> None:
        """Somebody did something on a live screen of this account; only the officers on duty man a seat."""
        now = time.monotonic()
        if account.role is not Role.DUTY or now - self._noted.get(account.area, -EVERY_S) < EVERY_S:
            return
        self._noted[account.area] = now
        writing = asyncio.create_task(self._keep(account.area))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def _keep(self, area: str) -> None:
        try:
            await off_loop(self._services.registry.shifts.active, area, self._services.clock())
        except StoreUnavailable:
            log.warning("presence at the seat of %r was not kept: the database does not take writes", area)
            self._noted.pop(area, None)
