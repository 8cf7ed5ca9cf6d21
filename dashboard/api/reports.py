"""`POST /reports`: the gateway's door over HTTP, with a device key instead of a session."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from dashboard.services import Services


def add(router: APIRouter, services: Services) -> None:
    """Register the route."""

    @router.post("/reports")
    async def report(request: Request) -> Response:
        body = await request.body()
        status, answer = await services.intake.take(body, request.headers.get("authorization", ""))
        retry = answer.get("retry_after_s")
        return JSONResponse(dict(answer), status, {"Retry-After": str(retry)} if retry else None)
