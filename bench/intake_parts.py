"""The roles of `bench intake` and `bench scale` as processes.

Arguments: prepare | intake | gateway REDIS DATABASE TOWN [LINKS STREAMS NUMBER].
"""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import Device
from feeds import gateway, intake
from feeds.bells import Bells, HeldBells
from feeds.filing import Clerk
from feeds.limits import Rates
from feeds.streams import report_streams
from geo.grids import GridBook
from roles.intake import FigureKeeper, SearchKeeper
from storage.directory import SqlDirectory
from storage.engine import Engine, open_engine
from storage.lease import Leases
from storage.migrate import upgrade
from storage.positions import SqlPositions
from storage.store import SqlStore

FAST = Rates(1e9, 1e9, 1e9, 1e9)


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def say(word: object) -> None:
    """Tell the bench that this role is ready, once the collector leaves alone what stays (as `bootstrap` does)."""
    gc.collect()
    gc.freeze()
    print(word, flush=True)


def prepare(engine: Engine, links: int) -> None:
    """An empty room with one source device a link."""
    upgrade(engine)
    directory = SqlDirectory(engine)
    for number in range(links):
        directory.put_device(Device(f"d-{number}", "hotline", "*"), f"d-{number}.key")
    say("prepared")


def main(
    role: str, redis_url: str, database: str, town: str, links: str = "50", streams: str = "1", number: str = "0"
) -> None:
    """Run one role until killed; of several intakes each minds the stream of its number."""
    engine = open_engine(database)
    if role == "prepare":
        prepare(engine, int(links))
        return
    desk = Desk(SqlStore(engine), WorkCalendar(), Bells(redis_url))
    book = GridBook.load(Path(town))
    book.locate(0.0, 0.0)
    clerk = Clerk(desk, book, now)
    if role == "intake":
        held, chores = HeldBells(), (SearchKeeper(engine), FigureKeeper(engine))
        clerk = replace(clerk, desk=replace(desk, tell=held))
        names = report_streams(int(streams))
        beside = {"chores": chores, "carry_over": engine.carry_over}
        shared = {"streams": names, "mine": names[int(number) : int(number) + 1]}
        name = f"intake-{number}"
        ports = intake.Ports(redis_url, clerk, desk, Leases(engine), now, name, held, **beside, **shared)
        asyncio.run(intake.run(ports, asyncio.Event(), lambda: say("up")))
    else:
        directory, positions = SqlDirectory(engine), SqlPositions(engine)
        device_ports = gateway.Ports(
            redis_url, clerk, directory, positions, now, FAST, f"gateway-{number}", int(streams)
        )
        asyncio.run(gateway.serve(device_ports, "127.0.0.1", 0, asyncio.Event(), say))


if __name__ == "__main__":
    main(*sys.argv[1:8])
