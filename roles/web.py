"""The web role: pages, REST and live screens on one port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import uvloop

from classify.model import shipped
from dashboard.base_map import base_map_of
from dashboard.factory import create_app, serve
from dashboard.looks import Sight
from dashboard.services import DutyPost, Services
from feeds import health, streams
from feeds.bells import Bells
from feeds.cap.clerk import CapClerk
from feeds.cap.door import CapDoor
from feeds.feed_book import RedisFeedBook
from feeds.filing import Clerk
from feeds.http_door import HttpDoor
from feeds.loops import cancelled
from feeds.picture import RedisLiveFeed
from feeds.tallies import Paced
from geo.landmarks import read_landmarks
from reporting import maker_of, outbox_of, papers_of
from roles.gateway import rates_of
from room import Room, now
from storage.register_reading import RegisterReader
from storage.sources import SqlSources
from storage.webhooks import SqlWebhooks

LOOP = uvloop.new_event_loop  # a hundred screens are mostly timers and small writes: it does them in C


async def run(room: Room, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve people until stopped."""
    bells = Bells(room.redis_url)
    live = RedisLiveFeed(room.redis_url, room.positions, now, room.settings.report_streams)
    door = HttpDoor(Clerk(room.desk(bells), room.grids, now), room.directory, now, rates_of(room.settings))
    services = services_of(room, bells, live, door)

    async def up() -> None:
        ready()

    async with streams.writer(room.redis_url) as signs:
        refusals = door.refusals
        figures = Paced(lambda: {"refused": float(refusals.total)}, ("refused",), time.monotonic)
        living = [
            asyncio.create_task(health.write_signs(signs, "web", now, figures)),
            asyncio.create_task(refusals.keep(signs, now)),
        ]
        try:
            await serve(create_app(services), room.settings.host, room.settings.port, stop, up)
        finally:
            await cancelled(living)
            await live.close()
            bells.close()


def services_of(room: Room, bells: Bells, live: RedisLiveFeed, door: HttpDoor) -> Services:
    """What the dashboard is handed, from the room's parts."""
    s = room.settings
    desk = room.desk(bells)
    return Services(
        desk=desk,
        views=room.views,
        directory=room.directory,
        positions=room.positions,
        accounts=room.accounts,
        registry=room.registry,
        live=live,
        intake=door,
        feeds=RedisFeedBook(room.redis_url, Clerk(desk, room.grids, now)),
        sources=SqlSources(room.engine),
        warnings=CapDoor(CapClerk(desk, room.grids, now), door),
        cap_sender=s.cap_name,
        webhooks=SqlWebhooks(room.engine),
        metrics_token=s.metrics_token,
        grids=room.grids,
        landmarks=read_landmarks(s.grids),
        clock=now,
        title=room.title,
        duty=lambda: [DutyPost(post, name) for post, name in room.duty(now())],
        guessed_years=room.calendar.guessed_years,
        demo=s.demo,
        secure_cookies=s.secure_cookies,
        origins=tuple(origin.strip() for origin in s.origins.split(",") if origin.strip()),
        public_url=s.public_address,
        behind_proxy=s.behind_proxy,
        screens_per_account=s.screens_per_account,
        register_files=RegisterReader(room.grids),
        uploads=str(s.data_dir.resolve() / "uploads"),
        reports=maker_of(room),
        papers=papers_of(room, apart=True),
        outbox=str(outbox_of(s).folder),
        classifier=shipped(),
        least_confidence=s.least_confidence,
        sight=Sight(s.wall_distance_m, s.wall_height_m, s.wall_seams),
        base_map=base_map_of(s.base_map, s.base_map_datum, s.base_map_note),
    )
