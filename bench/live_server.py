"""The servers of `bench live`, each a process: `python -m bench.live_server KIND PORT COUNT FOLDER`."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path
from typing import Any

import dash_leaflet as dl
import uvicorn
import uvloop
from dash import Dash, Input, Output, ctx, dcc, html, set_props

import redis_server
from bench.live_crowd import EAST, NORTH, SOUTH, TICK_S, WEST, Crowd
from bench.live_walk import now
from cases.model import Account, Device, Role
from dashboard.factory import create_app, serve
from dashboard.services import Services
from feeds.bells import Bells
from feeds.filing import Clerk
from feeds.http_door import HttpDoor
from feeds.picture import RedisLiveFeed
from room import open_room, seed_directory
from settings import Settings

NAME, PASSWORD, DEVICE_KEY = "bench", "only for this bench", "bench.only for this bench"


def ours(port: int, count: int, folder: Path) -> None:
    """The web process as it is, its Redis beside it in the folder; guard, sessions and audiences included."""
    room = open_room(Settings(data_dir=folder, demo=True))
    seed_directory(room)
    room.directory.put_account(Account(NAME, Role.DUTY, "", "测"), PASSWORD)
    room.directory.put_device(Device(NAME, "hotline", "*"), DEVICE_KEY)
    desk = room.desk(Bells(redis_server.url(folder)))
    services = Services(
        desk=desk,
        views=room.views,
        directory=room.directory,
        positions=room.positions,
        accounts=room.accounts,
        registry=room.registry,
        live=RedisLiveFeed(redis_server.url(folder), room.positions, now),
        intake=HttpDoor(Clerk(desk, room.grids, now), room.directory, now),
        grids=room.grids,
        clock=now,
        title="测",
        screens_per_account=2000,
        uploads=str(folder),
    )
    uvloop.run(serve(create_app(services), "127.0.0.1", port, asyncio.Event()))


def peer_page(**more: Any) -> Dash:
    """A Dash page as its users write it: a Leaflet map with everybody as canvas circle markers."""
    return Dash(__name__, backend="fastapi", assets_folder=str(Path(__file__).parent / "peer_assets"), **more)


def peer_map(crowd: Crowd) -> dl.Map:
    """The map over the town."""
    layer = dl.GeoJSON(id="layer", data=crowd.geojson(0), pointToLayer={"variable": "bench.circle"})
    return dl.Map(layer, bounds=[[SOUTH, WEST], [NORTH, EAST]], preferCanvas=True, style={"height": "100vh"})


def socket(port: int, count: int, folder: Path) -> None:
    """The whole GeoJSON over Dash's own persistent WebSocket callback."""
    app, crowd = peer_page(websocket_callbacks=True), Crowd(count)
    app.layout = html.Div(peer_map(crowd))

    @app.callback(websocket=True, persistent=True)
    async def stream() -> None:
        due, link = time.monotonic(), ctx.websocket
        while not link.is_shutdown:  # as the documentation asks; else it runs on for pages long closed
            due += TICK_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            crowd.step()
            set_props("layer", {"data": crowd.geojson(time.time() * 1000)})

    uvicorn.run(app.server, host="127.0.0.1", port=port, log_level="warning")


def interval(port: int, count: int, folder: Path) -> None:
    """The classic page: `dcc.Interval` every half second fetches the whole GeoJSON."""
    app, crowd = peer_page(), Crowd(count)
    app.layout = html.Div([dcc.Interval(id="tick", interval=int(TICK_S * 1000)), peer_map(crowd)])
    changed = [time.time() * 1000]

    def walk() -> None:
        while True:
            time.sleep(TICK_S)
            crowd.step()
            changed[0] = time.time() * 1000

    threading.Thread(target=walk, daemon=True).start()

    @app.callback(Output("layer", "data"), Input("tick", "n_intervals"))
    def poll(_: int | None) -> dict[str, object]:
        return crowd.geojson(changed[0])

    uvicorn.run(app.server, host="127.0.0.1", port=port, log_level="warning")


def bokeh(port: int, count: int, folder: Path) -> None:
    """A Bokeh server; the other peers do not load it."""
    from bench.live_bokeh import serve_bokeh  # noqa: PLC0415 — a tool of this peer alone

    serve_bokeh(port, count)


KINDS = {"ours": ours, "socket": socket, "bokeh": bokeh, "interval": interval}

if __name__ == "__main__":
    KINDS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
