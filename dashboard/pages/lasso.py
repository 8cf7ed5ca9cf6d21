"""An area drawn by hand on the map: the same panels as a grid's, over whatever lies in it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from dash import Dash, html
from dash.development.base_component import Component

from dashboard import cells
from dashboard.cells import BadCell, CellPast
from dashboard.components import frame, menu
from dashboard.components.words import clock_words
from dashboard.offloop import off_loop
from dashboard.pages import grid
from dashboard.services import Services
from dashboard.session import visit
from geo.distance import square_metres

PATH, NAME = "/lasso", "圈定范围"
ROLES = grid.ROLES
LIBRARIES = ("plotly",)


async def layout(services: Services, **asked: str) -> Component:
    """The panels of `?shape=lon,lat;lon,lat;…` (WGS-84) within the visit's area; bad shapes are said."""
    seen, corners = visit(), asked.get("shape", "")
    try:
        cell = cells.drawn(corners, seen.scope.area, services.grids)
    except BadCell as problem:
        return html.Main([menu.bar(NAME, seen.account), frame.nothing(str(problem))], className="desk")
    weeks = cells.weeks_of(asked.get("weeks"))
    past = await off_loop(cells.read, cell, weeks, services, seen)
    area = square_metres([cell.shape])[0] / 1e6
    title = html.H1(f"{cell.name} · {area:.2f} km² · 截至 {clock_words(past.now)}")
    span = grid.spans(f"{PATH}?shape={quote(corners)}", weeks)
    if seen.account.role not in menu.NOT_FOR["/reports"]:
        span.children.append(html.A("写专报", href=_brief(past)))
    names = {each.code: each.name for each in services.grids.grids()}
    return html.Main(
        [
            menu.bar(NAME, seen.account, title),
            html.Div([span, *grid.panels_of(past, names)], className="analyses alone"),
        ],
        className="desk lasso-page",
    )


def _brief(past: CellPast) -> str:
    """The special brief of what lies here, of the same days."""
    days = {"from": past.period.first.isoformat(), "to": past.period.last.isoformat()}
    where = {"grid": past.cell.code} if past.cell.code else {}
    return "/reports/preview?" + urlencode({"kind": "special", "ring": past.cell.corners, **where, **days})


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened."""
