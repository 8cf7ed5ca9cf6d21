"""The intake role: commits what arrives, turns the clocks, and in a demo room tells its eight past weeks."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import demo
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import Role
from cases.schemes import DEFAULT
from feeds import intake
from feeds.bells import Bells, HeldBells
from feeds.cap.clerk import CapClerk
from feeds.cap.inbox import CapInbox
from feeds.demo.past import past
from feeds.demo.story import Story
from feeds.demo.town import read_town
from feeds.filing import Clerk
from feeds.loops import cancelled
from feeds.probe import SelfProbe
from feeds.streams import report_streams, writer
from roles.alert_rules import RuleKeeper
from roles.couriers import deliver
from roles.paper import keep_paper
from roles.reports import keep_reports
from room import Room, now
from storage.aggregates import Aggregates
from storage.engine import Engine
from storage.search_tail import TailKeeper

log = logging.getLogger("room.intake")
HOUSEKEEPING_S = 600.0
PROBE_AFTER_S = 3.0
SEATS_EVERY = timedelta(seconds=15)
A_LITTLE_S = 0.02  # of one chore, then the next one, and the reports, have their turn
BREATH_S = 0.02  # between two chunks, so that live reports never wait for the past


async def run(room: Room, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Commit until stopped."""
    bells, held = Bells(room.redis_url), HeldBells()
    desk = room.desk(bells)
    rules = RuleKeeper(room, desk)
    ports = intake.Ports(
        room.redis_url,
        Clerk(room.desk(held), room.grids, now),
        desk,
        room.leases,
        now,
        room.settings.intake_name,
        held,
        urgent=(rules,),
        beside=rules.figures,
        chores=(SeatMinder(room), SearchKeeper(room.engine), FigureKeeper(room.engine), _inbox(room, desk)),
        carry_over=room.engine.carry_over,
        streams=report_streams(room.settings.report_streams),
        mine=tuple(report_streams(room.settings.report_streams)[n] for n in room.settings.minded_streams),
    )
    telling = (
        asyncio.create_task(asyncio.to_thread(_tell_past, room, desk, stop.is_set)) if room.settings.demo else None
    )
    await asyncio.to_thread(_follow_calendar, room, desk)
    keeping = [asyncio.create_task(each(room)) for each in (_keep_house, _probe, deliver)]
    try:
        await intake.run(ports, stop, ready)
    finally:
        await cancelled(keeping)
        if telling is not None:
            await telling
        rules.close()
        bells.close()


class SeatMinder:
    """Every quarter of a minute the leader looks at each duty seat and counts how long nobody sat there."""

    def __init__(self, room: Room) -> None:
        self._room, self._due = room, now()

    def __call__(self, at: datetime) -> bool:
        """Mind the seats when it is time. Blocking."""
        if at >= self._due:
            self._due = at + SEATS_EVERY
            accounts = self._room.directory.accounts()
            areas = {each.area for each in accounts if each.role is Role.DUTY and not each.disabled}
            self._room.shifts.watch_seats(sorted(areas), at)
        return False


class SearchKeeper:
    """The leader indexes the words of what came in; a search meanwhile reads what is left by itself."""

    def __init__(self, engine: Engine) -> None:
        self._tail = TailKeeper(engine)

    def __call__(self, _at: datetime) -> bool:
        """Index a little; whether more waits. Blocking."""
        return not self._tail.follow(A_LITTLE_S)


class FigureKeeper:
    """The leader brings the kept figures up to the record; a reader adds what they have not reached."""

    def __init__(self, engine: Engine) -> None:
        self._aggregates = Aggregates(engine)

    def __call__(self, _at: datetime) -> bool:
        """Follow the events a little; whether there are more. Blocking."""
        return not self._aggregates.follow(A_LITTLE_S)


def _inbox(room: Room, desk: Desk) -> CapInbox:
    """The folder of other systems' warnings; made where it is ours to make."""
    folder = room.settings.cap_folder
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return CapInbox(folder, CapClerk(desk, room.grids, now))


def _follow_calendar(room: Room, desk: Desk) -> None:
    """Give open cases the due times of the calendar and limits as they are at this start; each change is an event."""
    with suppress(StoreUnavailable):
        if room.leases.hold("recompute", room.settings.intake_name, now(), HOUSEKEEPING_S):
            moved = desk.recompute_clocks(now())
            if moved:
                log.warning("calendar or limits changed: %d open cases have a new due time", moved)


async def _keep_house(room: Room) -> None:
    """Now and then, one intake forgets the tracks and sessions that have had their time, and renews the paper list."""
    while True:
        with suppress(StoreUnavailable):
            await asyncio.to_thread(_forget_old, room)
        await asyncio.sleep(HOUSEKEEPING_S)


async def _probe(room: Room) -> None:
    """One of the intakes lets an exercise report go the whole way, again and again."""
    every_s = room.settings.probe_s
    if every_s <= 0:
        return
    inside = room.grids.grids(len(room.grids.levels()) - 1)[0].geometry.representative_point()
    gateway = f"ws://{_reachable(room.settings.host)}:{room.settings.gateway_port}/v1/feed"
    probe = SelfProbe(gateway, (inside.x, inside.y), room.directory.put_device, now)
    owner = f"intake-{os.getpid()}"
    async with writer(room.redis_url) as signs:
        await asyncio.sleep(PROBE_AFTER_S)  # all roles start at once: give the gateway time to listen
        await probe.run(signs, lambda: room.leases.hold("self-probe", owner, now(), 1.5 * every_s), every_s)


def _reachable(host: str) -> str:
    """Where a process on this machine reaches what listens on `host`."""
    found = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 — read, not bound
    return f"[{found}]" if ":" in found and not found.startswith("[") else found


def _forget_old(room: Room) -> None:
    at = now()
    if room.leases.hold("housekeeping", room.settings.intake_name, at, HOUSEKEEPING_S):
        room.positions.forget_tracks(at - timedelta(days=room.settings.track_days))
        room.accounts.forget_ended(at)
        keep_paper(room, at)
        keep_reports(room, at)


def _tell_past(room: Room, desk: Desk, stopped: Callable[[], bool]) -> None:
    """Backfill once, newest week first; a broken-off telling finds its receipts and goes on at the next start."""
    done = room.settings.data_dir / "demo-past.done"
    weeks = room.settings.demo_weeks
    if done.exists() or not weeks:
        return
    began, told = time.monotonic(), 0
    story = Story(read_town(room.settings.grids, room.grids))
    for chunk in demo.chunks(past(demo.first_start(room.settings, now()), story, room.grids, room.calendar, weeks)):
        if stopped() or not _backfilled(partial(replace(desk, scheme=DEFAULT).backfill, chunk), stopped):
            return
        told += len(chunk)
        time.sleep(BREATH_S)
    done.touch()
    log.info("eight past weeks: %d cases in %.0f s", told, time.monotonic() - began)


def _backfilled(write: Callable[[], None], stopped: Callable[[], bool]) -> bool:
    """Write one chunk, waiting out a store that is away; False when told to stop meanwhile."""
    while not stopped():
        try:
            write()
        except StoreUnavailable as problem:
            log.warning("the past waits for the store: %s", problem)
            time.sleep(1)
        else:
            return True
    return False
