"""What all routes ask of their parameters: known names, sane pages, spans of time that end after they begin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from dashboard import answers
from dashboard.services import Services
from dashboard.session import visit

PAGE_SIZE = 50
WIDEST = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 1900, 2200  # far from the ends of the calendar, where a zone carries an instant out of it
PageNo = Annotated[int, Query(ge=1, le=100_000)]


class Refused(Exception):
    """A request that is refused as it stands."""

    def __init__(self, status: int, code: str, msg: str, field: str | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.msg, self.field = status, code, msg, field

    def response(self) -> Response:
        """The refusal as the wire has it."""
        return answers.refuse(self.status, self.code, self.msg, self.field)


def only_known(request: Request) -> None:
    """Refuse query parameters that the route does not declare: a misspelt filter must not show everything."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    parts = (route.dependant, *route.dependant.dependencies)
    known = {each.alias for part in parts for each in part.query_params}
    unknown = set(request.query_params) - known
    if unknown:
        msg = f"不支持的参数；可用：{'、'.join(sorted(known)) or '无'}"
        raise Refused(422, "UNKNOWN_PARAMETER", msg, sorted(unknown)[0][:40])


def instant_of(value: datetime | None, field: str) -> datetime | None:
    """An instant with its zone, without which it would be a guess, in years that the record can hold."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise Refused(422, "BAD_TIME", "时间缺少时区，请写成 2026-11-21T08:00:00+08:00", field)
    if not FIRST_YEAR <= value.year < LAST_YEAR:
        raise Refused(422, "BAD_TIME", f"时间须在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间", field)
    return value


def span(
    since: datetime | None, until: datetime | None, names: tuple[str, str] = ("since", "until")
) -> tuple[datetime | None, datetime | None]:
    """A span that goes forward and is not wider than a year; `names` are the parameters as the caller writes them."""
    begin, end = instant_of(since, names[0]), instant_of(until, names[1])
    if begin is not None and end is not None:
        if begin > end:
            raise Refused(422, "BAD_ORDER", "起始时间晚于结束时间", names[0])
        if end - begin > WIDEST:
            raise Refused(422, "RANGE_TOO_WIDE", "时间跨度最多一年", names[1])
    return begin, end


def grid_in_scope(services: Services, code: str | None) -> str | None:
    """A grid the visit may ask about; absent and not-yours are the same 404."""
    if code in (None, ""):
        return None
    if code not in services.grids or not services.grids.within(str(code), visit().scope.area):
        raise Refused(404, "NOT_FOUND", "没有这个网格，或不在您的辖区内", "grid")
    return code
