"""`GET /healthz`, open to whoever watches the room from outside: which roles live, nothing else."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import JSONResponse

from dashboard.live import Hub

NEEDED = ("redis", "gateway", "intake", "web")


def add(server: FastAPI, hub: Hub) -> None:
    """Register the route."""

    @server.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        roles = {role: health.state for role, health in hub.health.items()} | {"web": "ok"}
        ok = all(roles.get(role, "down") != "down" for role in NEEDED)
        return JSONResponse({"ok": ok, "roles": roles}, 200 if ok else 503)
