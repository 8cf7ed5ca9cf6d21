"""The intake role as a process of its own, for tests that kill it: arguments are Redis URL, database URL, town."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cases.calendar import WorkCalendar
from cases.desk import Desk
from feeds import intake
from feeds.bells import Bells, HeldBells
from feeds.filing import Clerk
from geo.grids import GridBook
from storage.engine import open_engine
from storage.lease import Leases
from storage.store import SqlStore


def main(redis_url: str, database: str, town: str) -> None:
    """Run until killed."""
    engine = open_engine(database)
    desk, held = Desk(SqlStore(engine), WorkCalendar(), Bells(redis_url)), HeldBells()
    clerk = Clerk(replace(desk, tell=held), GridBook.load(Path(town)), lambda: datetime.now(UTC))
    ports = intake.Ports(redis_url, clerk, desk, Leases(engine), lambda: datetime.now(UTC), bells=held)
    asyncio.run(intake.run(ports, asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:4])
