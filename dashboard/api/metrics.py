"""`GET /metrics` for Prometheus: behind a bearer token of its own, and not there at all without that setting."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from fastapi import FastAPI, Request
from starlette.responses import Response

from cases.errors import StoreUnavailable
from cases.feed_ports import RefusalCount
from dashboard import answers
from dashboard.live import Hub
from dashboard.metrics import CONTENT_TYPE, exposition
from dashboard.offloop import off_loop
from dashboard.panels import webhook_watch
from dashboard.services import Services


def add(server: FastAPI, services: Services, hub: Hub) -> None:
    """Register the route."""
    if not services.metrics_token:
        return

    @server.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(token.strip().encode(), services.metrics_token.encode())
        if scheme.lower() != "bearer" or not right:
            return answers.refuse(401, "CREDENTIALS", "需要指标令牌")
        webhooks = await off_loop(webhook_watch.read, services) or ()
        told = exposition(hub.health, await off_loop(_refusals, services), len(hub.screens), webhooks)
        return Response(told, media_type=CONTENT_TYPE)


def _refusals(services: Services) -> Sequence[RefusalCount]:
    """Today's; none while they cannot be read, which room_role_up of redis says. Blocking."""
    try:
        return services.feeds.refusals(services.clock()) if services.feeds else ()
    except StoreUnavailable:
        return ()
