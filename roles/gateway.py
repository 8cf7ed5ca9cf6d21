"""The gateway role: devices' links on their own port."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from feeds import gateway
from feeds.bells import Bells
from feeds.filing import Clerk
from feeds.limits import Rates
from room import Room, now
from settings import Settings


def rates_of(s: Settings) -> Rates:
    """What one device may send, over the socket and over HTTP alike."""
    return Rates(s.reports_per_s, s.positions_per_s, s.source_reports_per_s, s.source_positions_per_s)


async def run(room: Room, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve devices until stopped."""
    s, bells = room.settings, Bells(room.redis_url)
    clerk = Clerk(room.desk(bells), room.grids, now)
    name = f"gateway-{secrets.token_hex(6)}"  # what an earlier life or a twin of ours posted is not answered to us
    kept = (name, s.report_streams, s.gateway_name)
    ports = gateway.Ports(room.redis_url, clerk, room.directory, room.positions, now, rates_of(s), *kept)
    try:
        await gateway.serve(ports, s.host, s.gateway_port, stop, lambda _: ready())
    finally:
        bells.close()
