"""`/kpi`, `/figures` and `/workers`: the figures of a grid, those of the register, and the people of an area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cases.errors import TooLongAgo
from cases.indicators import REGISTER, Indicator
from cases.model import Fix, Scope
from dashboard import figure_asking
from dashboard.api.parameters import PAGE_SIZE, PageNo, Refused, grid_in_scope, span
from dashboard.figure_asking import MOST_EXPORTED, BadQuestion, Question
from dashboard.figure_export import as_csv, as_xlsx
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit
from dashboard.shapes import Json, case_row, figure_row, figures_row, grid_counts, instant, worker_row

DayFrom = Annotated[str, Query(alias="from", max_length=10)]
DayTo = Annotated[str, Query(alias="to", max_length=10)]


def _asked_part(
    category: Annotated[str, Query(max_length=60)] = "",
    weekday: Annotated[str, Query(pattern="^[0-6]?$")] = "",
    hour: Annotated[str, Query(pattern="^([01]?[0-9]|2[0-3])?$")] = "",
    address: Annotated[str, Query(max_length=200)] = "",
    ring: Annotated[str, Query(max_length=10_000)] = "",
) -> Mapping[str, str]:
    """Which part of a figure's cases is asked for."""
    return {"category": category, "weekday": weekday, "hour": hour, "address": address, "ring": ring}


PartOf = Annotated[Mapping[str, str], Depends(_asked_part)]
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTS = {"csv": ("text/csv; charset=utf-8", as_csv), "xlsx": (_SHEET, as_xlsx)}


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""
    _now(router, services)
    _people(router, services)
    _figures(router, services)


def _now(router: APIRouter, services: Services) -> None:
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


def _people(router: APIRouter, services: Services) -> None:
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


def _figures(router: APIRouter, services: Services) -> None:
    @router.get("/figures")
    async def register() -> Json:
        return {"items": [_indicator(each) for each in REGISTER.indicators.values()]}

    @router.get("/figures/{id_}")
    async def one_figure(id_: str, part: PartOf, grid: str = "", since: DayFrom = "", until: DayTo = "") -> Json:
        asked = _question(services, id_, grid, since, until, part)
        return figure_row(await off_loop(figure_asking.figure, services, visit().scope, asked))

    @router.get("/figures/{id_}/rows")
    async def figure_rows(
        id_: str, part: PartOf, grid: str = "", since: DayFrom = "", until: DayTo = "", page: PageNo = 1
    ) -> Json:
        asked = _question(services, id_, grid, since, until, part)
        found = await off_loop(figure_asking.rows, services, visit().scope, asked, page, PAGE_SIZE)
        items = [case_row(case) | {"sets": list(sets)} for case, sets in zip(found.items, found.sets, strict=True)]
        return {"items": items, "page": found.page, "total": found.total, "not_cases": found.not_cases}

    @router.get("/figures/{id_}/export.{kind}")
    async def export(
        id_: str, kind: str, part: PartOf, grid: str = "", since: DayFrom = "", until: DayTo = ""
    ) -> Response:
        asked = _question(services, id_, grid, since, until, part)
        if kind not in EXPORTS:
            raise Refused(404, "NOT_FOUND", "可导出 csv 或 xlsx", "kind")
        content = await off_loop(_exported, services, visit(), asked, kind)
        name = f"{asked.id}-{asked.period.first:%Y%m%d}-{asked.period.last:%Y%m%d}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return Response(content, media_type=EXPORTS[kind][0], headers=headers)


def _question(services: Services, id_: str, grid: str, since: str, until: str, part: Mapping[str, str]) -> Question:
    """What an address asks; Refused in the words of the question's own check."""
    try:
        return figure_asking.question(services, visit().scope, id_, grid, since, until, part)
    except BadQuestion as problem:
        status, code = (404, "NOT_FOUND") if problem.is_absent else (422, "BAD_VALUE")
        raise Refused(status, code, problem.msg, problem.field) from None


def _exported(services: Services, seen: Visit, asked: Question, kind: str) -> bytes:
    """The file, once it is on record who took it. Blocking."""
    found = figure_asking.rows(services, seen.scope, asked, 1, MOST_EXPORTED)
    figure = figure_asking.figure(services, seen.scope, asked)
    area = asked.grid or seen.scope.area
    services.registry.disclosures.record(seen.account.name, "export", area, services.clock())
    return EXPORTS[kind][1](figure, found, figure_asking.place_name(services, seen.scope, asked.grid))


def _indicator(indicator: Indicator) -> Json:
    """A row of the register."""
    told = ("id", "name", "kind", "unit", "direction", "group", "source", "target")
    return {name: getattr(indicator, name) for name in told} | {"definition": REGISTER.definition(indicator)}


def _reported(services: Services, scope: Scope, begin: datetime, end: datetime) -> Json:
    """How many cases were reported in [from, to), exercises left out as in every figure. Blocking."""
    reported = len(services.views.ticks(scope, begin, end))
    return {"from": instant(begin), "to": instant(end), "reported": reported}


def _place(fix: Fix | None) -> Json:
    """The newest kept fix; none for somebody off duty or never heard of."""
    if fix is None or fix.status == "off_duty":
        return {"status": "off_duty" if fix else None, "lon": None, "lat": None, "at": None}
    return {"status": fix.status.value, "lon": fix.lon, "lat": fix.lat, "at": instant(fix.at)}
