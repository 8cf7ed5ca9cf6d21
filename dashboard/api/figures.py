"""`/kpi` and `/workers`: the figures of a grid, and the people of an area."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from cases.errors import TooLongAgo
from cases.model import Fix, Scope
from dashboard.api.parameters import PAGE_SIZE, PageNo, Refused, grid_in_scope, span
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit
from dashboard.shapes import Json, figures_row, grid_counts, instant, worker_row


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""

    @router.get("/kpi")
    async def kpi(
        grid: str | None = None,
        since: Annotated[datetime | None, Query(alias="from")] = None,
        until: Annotated[datetime | None, Query(alias="to")] = None,
    ) -> Json:
        begin, end = span(since, until, ("from", "to"))
        code, scope = grid_in_scope(services, grid), visit().scope
        narrowed = scope if code is None else replace(scope, area=code)
        now = services.clock()
        if begin is not None and begin > now:
            raise Refused(422, "BAD_ORDER", "起始时间在将来", "from")
        try:
            figures = await off_loop(services.views.figures, narrowed, min(end or now, now))
        except TooLongAgo as problem:
            raise Refused(422, problem.code, problem.msg, "to") from None
        grids = {each: grid_counts(count) for each, count in figures.grids.items()}
        said: Json = {"as_of": instant(figures.as_of), "figures": figures_row(figures), "grids": grids}
        return (
            said if begin is None else said | {"span": await off_loop(_reported, services, narrowed, begin, end or now)}
        )

    @router.get("/workers")
    async def workers(page: PageNo = 1) -> Json:
        scope = visit().scope
        found, fixes = await off_loop(lambda: (services.directory.workers(scope), services.positions.last(scope)))
        first, last = (page - 1) * PAGE_SIZE, {fix.worker: fix for fix in fixes}
        rows = [
            worker_row(worker, scope.reveal) | _place(last.get(worker.id))
            for worker in found[first : first + PAGE_SIZE]
        ]
        return {"items": rows, "page": page, "total": len(found)}


def _reported(services: Services, scope: Scope, begin: datetime, end: datetime) -> Json:
    """How many cases were reported in [from, to), exercises left out as in every figure. Blocking."""
    reported = len(services.views.ticks(scope, begin, end))
    return {"from": instant(begin), "to": instant(end), "reported": reported}


def _place(fix: Fix | None) -> Json:
    """The newest kept fix; none for somebody off duty or never heard of."""
    if fix is None or fix.status == "off_duty":
        return {"status": "off_duty" if fix else None, "lon": None, "lat": None, "at": None}
    return {"status": fix.status.value, "lon": fix.lon, "lat": fix.lat, "at": instant(fix.at)}
