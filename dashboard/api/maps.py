"""`/map`: grid geometry sent once and cached by its hash, heat as a picture, and what a hand on the map asks for."""

from __future__ import annotations

from typing import Annotated, Literal

import shapely
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from starlette.datastructures import Headers
from starlette.responses import Response

from cases.model import WorkerId
from dashboard import drawn
from dashboard.api.parameters import Refused, only_known
from dashboard.compress import ASK, FOREVER
from dashboard.heat import HeatAsk, Heats, HeatShown
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json
from geo.density import LESS, MORE, SCALE, Bounds
from geo.features import GridFeatures

HEAT_DAYS = 30
HeatKind = Literal["count", "overdue", "repeat", "change"]
Metres = Annotated[int, Query(ge=50, le=2000)]
Days = Annotated[int, Query(ge=1, le=366)]
Zoom = Annotated[int, Path(ge=0, le=24)]
TileAt = Annotated[int, Path(ge=0, lt=1 << 24)]
TILE_KEPT = "private, max-age=86400"
MARGIN = 0.02  # of the area's width: smoothing must not end at the picture's edge


def add(server: FastAPI, services: Services) -> None:
    """Register the routes."""
    router = APIRouter(prefix="/map", dependencies=[Depends(only_known)], include_in_schema=False)
    features: list[GridFeatures] = []  # made at the first request: label points of a big book take a while

    @router.get("/grids/{level}.geojson")
    async def grids(
        request: Request,
        level: Annotated[int, Path(ge=0, le=15)],
        zoom: Annotated[float, Query(ge=0, le=24)] = 13,
        v: str = "",
    ) -> Response:
        if level >= len(services.grids.levels()):
            raise Refused(404, "NOT_FOUND", "没有这一级网格", "level")
        if not features:
            features.append(await off_loop(GridFeatures, services.grids))
        payload = await off_loop(features[0].payload, level, round(zoom))
        packed = "gzip" in request.headers.get("accept-encoding", "")
        etag = payload.gzip_etag if packed else payload.etag
        headers = {"ETag": etag, "Vary": "Accept-Encoding", "Cache-Control": FOREVER if v else ASK}
        if _is_known(request.headers, etag):
            return Response(status_code=304, headers=headers)
        if packed:
            return Response(payload.gzip, 200, headers | {"Content-Encoding": "gzip"}, "application/geo+json")
        return Response(payload.body, 200, headers, "application/geo+json")

    add_heat(router, services)
    add_asked(router, services)
    add_base(router, services)
    server.include_router(router)


def add_heat(router: APIRouter, services: Services) -> None:
    """Heat as a picture, and what its legend must say."""
    heats = Heats(services.views, lambda area: bounds_of(services, area))

    async def shown(of: str, metres: int, days: int) -> HeatShown:
        return await off_loop(heats.shown, visit().scope, HeatAsk(of, metres, days), services.clock())

    @router.get("/heat.png")
    async def heat_picture(
        request: Request, of: HeatKind = "count", metres: Metres = 150, days: Days = HEAT_DAYS, v: str = ""
    ) -> Response:
        heat = await shown(of, metres, days)
        headers = {"ETag": heat.etag, "Cache-Control": ASK, "Vary": "Cookie, Authorization"}
        if _is_known(request.headers, heat.etag):
            return Response(status_code=304, headers=headers)
        return Response(heat.png, 200, headers, "image/png")

    @router.get("/heat.json")
    async def heat_legend(of: HeatKind = "count", metres: Metres = 150, days: Days = HEAT_DAYS) -> Json:
        """Where the picture lies, as Leaflet wants it: [[south, west], [north, east]]; its peak, scale and numbers."""
        bounds = bounds_of(services, visit().scope.area)
        heat = await shown(of, metres, days)
        return {
            "bounds": [[bounds.south, bounds.west], [bounds.north, bounds.east]],
            "peak_per_km2": round(heat.peak_per_km2, 3),
            "count": heat.count,
            "count_before": heat.count_before,
            "scale": scale_words(LESS, (0, 0, 0, 0), MORE) if of == "change" else scale_words(*SCALE),
        }


def add_base(router: APIRouter, services: Services) -> None:
    """The ground map: what a page must know of it, and the tiles of a local file."""
    base = services.base_map

    @router.get("/base.json")
    async def base_map() -> Json:
        """Template, datum, note and zoom levels; empty where the room has no ground map."""
        return base.told()

    @router.get("/base/{z}/{x}/{y}")
    async def base_tile(z: Zoom, x: TileAt, y: TileAt) -> Response:
        found = await off_loop(base.tiles.tile, z, x, y) if base.tiles and max(x, y) < 1 << z else None
        if base.tiles is None or found is None:
            return Response(status_code=404, headers={"Cache-Control": TILE_KEPT})
        return Response(found, 200, {"Cache-Control": TILE_KEPT}, base.tiles.info.mime)


def scale_words(*colours: tuple[int, ...]) -> list[str]:
    """Colours as CSS writes them."""
    return [
        f"rgba({','.join(map(str, each))})" if len(each) == 4 else f"rgb({','.join(map(str, each))})"
        for each in colours
    ]


def add_asked(router: APIRouter, services: Services) -> None:
    """What a hand on the map asks for: the cases in a ring, a worker's trail, what stands on the ground."""

    @router.get("/cases")
    async def cases_in(ring: Annotated[str, Query(min_length=7, max_length=4096)]) -> Json:
        """Open cases inside a ring `lon,lat;lon,lat;…` (WGS-84), the most urgent first, within one's own area."""
        return await off_loop(drawn.cases_in, services.views, visit().scope, ring_of(ring))

    @router.get("/trail")
    async def trail(
        worker: Annotated[str, Query(min_length=1, max_length=64)],
        minutes: Annotated[int, Query(ge=5, le=drawn.LONGEST_TRAIL_MIN)] = 60,
    ) -> Json:
        """The kept fixes of one worker of one's own area, oldest first; that somebody looked is recorded."""
        if visit().account.role not in drawn.FOLLOWING:
            raise Refused(403, "FORBIDDEN", "只有值班员和指挥长可以查看轨迹")
        return await off_loop(drawn.trail, services, visit(), WorkerId(worker), minutes)

    @router.get("/landmarks.json")
    async def landmarks() -> Json:
        """Cameras and sensitive places of one's own area; rivers and roads of the whole town."""
        return drawn.landmarks(services, visit().scope.area)


def ring_of(text: str) -> drawn.Ring:
    """The ring's places; Refused when it is none."""
    try:
        return drawn.ring_of(text)
    except ValueError as problem:
        raise Refused(422, "BAD_VALUE", "范围须是 3 到 200 个“经度,纬度”，以分号隔开", "ring") from problem


def bounds_of(services: Services, area: str) -> Bounds:
    """The picture's edges for an area: its box and a margin, WGS-84 degrees."""
    grids = services.grids.grids(0) if area == "" else (services.grids.grid(area),)
    west, south, east, north = shapely.total_bounds([grid.geometry for grid in grids])
    margin = MARGIN * (east - west)
    return Bounds(west - margin, south - margin, east + margin, north + margin)


def _is_known(headers: Headers, etag: str) -> bool:
    return etag in [each.strip() for each in headers.get("if-none-match", "").split(",")]
