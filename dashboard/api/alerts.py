"""`/alerts`: who waits for an answer, and answering."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Body

from cases.model import AlertNo
from dashboard.api.parameters import PAGE_SIZE, PageNo, Refused
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json, alert_row

MOST = 1_000
ACTIONS = ("acknowledge", "shelve", "raise_case")


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""

    @router.get("/alerts")
    async def list_alerts(page: PageNo = 1) -> Json:
        alerts = await off_loop(services.views.alerts, visit().scope, MOST)
        first = (page - 1) * PAGE_SIZE
        shown = alerts[first : first + PAGE_SIZE]
        return {"items": [alert_row(alert) for alert in shown], "page": page, "total": len(alerts)}

    @router.post("/alerts/{no}/actions")
    async def act_on_alert(no: str, body: dict[str, Any] = Body()) -> Json:  # noqa: B008 — FastAPI's way
        action = body.get("action")
        if action not in ACTIONS:
            raise Refused(422, "UNKNOWN_ACTION", f"不认识的动作；可用：{'、'.join(ACTIONS)}", "action")
        details = {key: value for key, value in body.items() if key != "action"}
        who = visit()
        after = await off_loop(
            services.desk.act_on_alert, AlertNo(no), action, details, who.actor, who.scope, services.clock()
        )
        return {"ok": True} | alert_row(after)
