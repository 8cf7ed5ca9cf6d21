"""`/map`: grid geometry, sent once and cached by its hash, and heat as a picture of one's own area."""

from __future__ import annotations

from typing import Annotated

import shapely
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from starlette.datastructures import Headers
from starlette.responses import Response

from dashboard.api.parameters import Refused, only_known
from dashboard.compress import ASK, FOREVER
from dashboard.heat import Heats
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from geo.density import Bounds
from geo.features import GridFeatures

HEAT_DAYS = 30
MARGIN = 0.02  # of the area's width: smoothing must not end at the picture's edge


def add(server: FastAPI, services: Services) -> None:
    """Register the routes."""
    router = APIRouter(prefix="/map", dependencies=[Depends(only_known)], include_in_schema=False)
    features: list[GridFeatures] = []  # made at the first request: label points of a big book take a while
    heat = Heats(services.views, lambda area: bounds_of(services, area))

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

    @router.get("/heat.png")
    async def heat_picture(
        request: Request, days: Annotated[int, Query(ge=1, le=366)] = HEAT_DAYS, v: str = ""
    ) -> Response:
        picture, etag = await off_loop(heat.picture, visit().scope, days, services.clock())
        headers = {"ETag": etag, "Cache-Control": ASK, "Vary": "Cookie, Authorization"}
        if _is_known(request.headers, etag):
            return Response(status_code=304, headers=headers)
        return Response(picture, 200, headers, "image/png")

    @router.get("/heat.json")
    async def heat_bounds() -> dict[str, list[list[float]]]:
        """Where the picture lies, as Leaflet wants it: [[south, west], [north, east]]."""
        bounds = bounds_of(services, visit().scope.area)
        return {"bounds": [[bounds.south, bounds.west], [bounds.north, bounds.east]]}

    server.include_router(router)


def bounds_of(services: Services, area: str) -> Bounds:
    """The picture's edges for an area: its box and a margin, WGS-84 degrees."""
    grids = services.grids.grids(0) if area == "" else (services.grids.grid(area),)
    west, south, east, north = shapely.total_bounds([grid.geometry for grid in grids])
    margin = MARGIN * (east - west)
    return Bounds(west - margin, south - margin, east + margin, north + margin)


def _is_known(headers: Headers, etag: str) -> bool:
    return etag in [each.strip() for each in headers.get("if-none-match", "").split(",")]
