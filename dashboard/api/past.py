"""`/past` and `/past/next`: the room at a past moment, and when the next thing worth seeing came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from cases.errors import TooLongAgo
from cases.past import Landmark
from dashboard import past
from dashboard.api.parameters import Refused
from dashboard.offloop import off_loop
from dashboard.past import BadMoment
from dashboard.picture import Audience
from dashboard.readings import Panel
from dashboard.rights import audience_of
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json, instant

_MS = timedelta(milliseconds=1)


def add(router: APIRouter, services: Services, panels: Sequence[Panel]) -> None:
    """Register the routes."""

    @router.get("/past")
    async def moment(at: str) -> Response:
        try:
            told = await off_loop(_frame, services, audience_of(visit().account), at, panels)
        except (BadMoment, TooLongAgo) as problem:
            raise Refused(422, problem.code, problem.msg, "at") from None
        return Response(told, media_type="application/json")

    @router.get("/past/next")
    async def landmark(after: str, kind: Landmark) -> Json:
        try:
            begin = past.moment_of(after, services.clock())
        except BadMoment as problem:
            raise Refused(422, problem.code, problem.msg, "after") from None
        found = await off_loop(services.registry.past.next, visit().scope, begin, kind)
        return {"at": instant(found + _MS if found else None)}  # the wire's milliseconds must not cut it off


def _frame(services: Services, audience: Audience, at: str, panels: Sequence[Panel]) -> str:
    return past.frame(past.look_back(services, audience, past.moment_of(at, services.clock())), panels)
