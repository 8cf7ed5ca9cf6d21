"""`/grids/{code}/rows.csv`: the cases behind a number of a cell as a file that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.happenings import Happening
from dashboard import cells
from dashboard.api.parameters import Refused
from dashboard.cells import BadCell
from dashboard.offloop import off_loop
from dashboard.pages import grid_rows
from dashboard.services import Services
from dashboard.session import visit

HEADS = ("案件", "上报时间", "类别", "地址", "经度", "纬度", "受理时间", "派遣时间", "办结时间", "结案时间")


def add(router: APIRouter, services: Services) -> None:
    """Register the route."""

    @router.get("/grids/{code}/rows.csv")
    async def rows_as_file(
        code: str,
        since: str,
        until: str,
        category: str | None = None,
        weekday: Annotated[str | None, Query(pattern="^[0-6]$")] = None,
        hour: Annotated[str | None, Query(pattern="^([01]?[0-9]|2[0-3])$")] = None,
        address: str | None = None,
        shape: str | None = None,
    ) -> Response:
        given = {"category": category, "weekday": weekday, "hour": hour, "address": address, "shape": shape}
        asked = {"code": code, "since": since, "until": until} | {k: v for k, v in given.items() if v is not None}
        seen = visit()
        try:
            cell, which = grid_rows.asked_cell(asked, services, seen), grid_rows.asked_selection(asked)
        except BadCell as problem:
            raise Refused(422, "BAD_VALUE", str(problem)) from problem
        now = services.clock()
        await off_loop(services.registry.disclosures.record, seen.account.name, "export", cell.code, now)
        found = await off_loop(cells.selected, cell, which, services, seen)
        body = as_csv([("# " + cell.name, grid_rows.words_of(which), f"截至 {now.astimezone(LOCAL):%F %T}")], found)
        name = {"Content-Disposition": f'attachment; filename="rows-{cell.code or "area"}.csv"'}
        return Response(body, media_type="text/csv; charset=utf-8", headers=name)


def as_csv(above: Sequence[Sequence[str]], found: Sequence[Happening]) -> bytes:
    """UTF-8 with a mark for spreadsheets; what a text begins with is never a formula there."""
    told = io.StringIO(newline="")
    write = csv.writer(told)
    write.writerows(above)
    write.writerow(HEADS)
    for one in found:
        times = (one.accepted_at, one.dispatched_at, one.handled_at, one.closed_at)
        place = (one.lon, one.lat) if one.lon is not None else ("", "")
        write.writerow(
            (
                one.no,
                f"{one.reported_at.astimezone(LOCAL):%F %T}",
                category_of(one.category).name,
                _plain(one.address),
                *place,
                *("" if at is None else f"{at.astimezone(LOCAL):%F %T}" for at in times),
            )
        )
    return told.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
