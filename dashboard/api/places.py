"""`/grids` and `/locate`: the tree, its geometry, and which grids hold a point."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import shapely
from fastapi import APIRouter, Query

from dashboard.api.parameters import Refused, grid_in_scope
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.shapes import Json
from geo import crs as systems
from geo.grids import Grid


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""

    @router.get("/grids")
    async def list_grids(
        level: Annotated[int | None, Query(ge=0, le=15)] = None,
        parent: str | None = None,
        format: Literal["json", "geojson"] = "json",
    ) -> Json:
        if parent is not None and parent not in services.grids:
            raise Refused(404, "NOT_FOUND", "没有这个网格，或不在您的辖区内", "parent")
        if level is not None and level >= len(services.grids.levels()):
            raise Refused(422, "OUT_OF_RANGE", f"级别须在 0 到 {len(services.grids.levels()) - 1} 之间", "level")
        grids = services.grids.grids(level, parent)
        if format == "geojson":
            return await off_loop(_collection, grids)
        return {"items": [_grid(grid) for grid in grids], "page": 1, "total": len(grids)}

    @router.get("/locate")
    async def locate(lon: float, lat: float, crs: str) -> Json:
        if crs not in systems.CRS_NAMES:
            raise Refused(422, "UNKNOWN_CRS", f"坐标系须是 {'、'.join(systems.CRS_NAMES)} 之一", "crs")
        if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise Refused(422, "OUT_OF_RANGE", "经度须在 ±180、纬度须在 ±90 之内", "lon")
        wgs = systems.to_wgs84(lon, lat, crs)
        codes = [code for code in await off_loop(services.grids.locate, *wgs) if code is not None]
        names = [services.grids.grid(code).name for code in codes]
        return {"lon": wgs[0], "lat": wgs[1], "grids": codes, "names": names}

    _ = grid_in_scope


def _grid(grid: Grid) -> Json:
    return {"code": grid.code, "name": grid.name, "level": grid.level, "parent": grid.parent, "kind": grid.kind}


def _collection(grids: tuple[Grid, ...]) -> Json:
    features = [
        {"type": "Feature", "properties": _grid(grid), "geometry": shapely.geometry.mapping(grid.geometry)}
        for grid in grids
    ]
    return {"type": "FeatureCollection", "features": features}
