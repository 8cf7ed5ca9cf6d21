"""`/alerts`: who waits for an answer, what happened to one, and answering."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Body

from cases.alerts import ANSWERERS, BY_HAND
from cases.errors import NotAllowed, UnknownAlert
from cases.model import Alert, AlertNo
from dashboard.api.parameters import PAGE_SIZE, PageNo, Refused
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json, alert_event_row, alert_row

ACTIONS = tuple(action.value for action in BY_HAND)
TAKEN = frozenset({"minutes", "reason", "category", "title"})


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""

    @router.get("/alerts")
    async def list_alerts(page: PageNo = 1) -> Json:
        found = await off_loop(services.views.alert_page, visit().scope, page, PAGE_SIZE)
        return {"items": [alert_row(alert) for alert in found.items], "page": found.page, "total": found.total}

    @router.get("/alerts/{no}")
    async def one_alert(no: str) -> Json:
        found = await off_loop(services.views.alert, AlertNo(no), visit().scope)
        if found is None:
            raise UnknownAlert(no)
        alert, steps = found
        return alert_row(alert) | {"events": [alert_event_row(step) for step in steps]}

    @router.post("/alerts/{no}/actions")
    async def act_on_alert(no: str, body: dict[str, Any] = Body()) -> Json:  # noqa: B008 — FastAPI's way
        after = await off_loop(act, services, AlertNo(no), body)
        return {"ok": True} | alert_row(after)


def act(services: Services, no: AlertNo, body: Json) -> Alert:
    """Take one step on an alert: 404 before 403 before 422 before 409. Blocking."""
    action, who = body.get("action"), visit()
    details = {key: value for key, value in body.items() if key not in ("action", "seen")}
    strange = sorted(set(details) - TAKEN)
    if action not in ACTIONS or strange:
        if services.views.alert(no, who.scope) is None:
            raise UnknownAlert(no)
        if who.account.role not in ANSWERERS:
            raise NotAllowed("您的岗位不能处理预警")
        if action not in ACTIONS:
            raise Refused(422, "UNKNOWN_ACTION", f"不认识的动作；可用：{'、'.join(ACTIONS)}", "action")
        raise Refused(422, "UNKNOWN_FIELD", f"预警的动作只接受 {'、'.join(sorted(TAKEN))}", strange[0][:40])
    return services.desk.act_on_alert(no, str(action), details, who.actor, who.scope, services.clock())
