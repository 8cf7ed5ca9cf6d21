"""`GET /healthz`, open to whoever watches the room from outside: which roles live and how late they are."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import JSONResponse

from dashboard.live import Hub

NEEDED = ("redis", "gateway", "intake", "web")


def add(server: FastAPI, hub: Hub) -> None:
    """Register the route."""

    @server.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        known = dict(hub.health)
        roles = {role: health.state for role, health in known.items()} | {"web": "ok"}
        age_s = {role: health.age_s for role, health in known.items()} | {"web": 0.0}
        lag_s = known["redis"].figures.get("lag_s") if "redis" in known else None
        ok = all(roles.get(role, "down") != "down" for role in NEEDED)
        said = {"ok": ok, "roles": roles, "age_s": age_s, "lag_s": lag_s}
        return JSONResponse(said, 200 if ok else 503)
