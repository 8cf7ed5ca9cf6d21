"""The duty desk: what came in, what is or soon will be late; the map; the chosen case and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.model import Role, Stage
from cases.ports import CaseFilter
from dashboard.components import case_rows, menu
from dashboard.offloop import off_loop
from dashboard.panels import alert_list, case_detail, inbox, incident_map, situation
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/duty", "值班台"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)


async def layout(services: Services, **asked: str) -> Component:
    """Inbox, middle (map, or the rows behind a number), case pane. `list` names the rows wanted."""
    seen = visit()
    rows = await off_loop(rows_of, asked.get("list", ""), services, seen)
    middle = rows or incident_map.layout(services.grids, seen.scope.area)
    return html.Main(
        [
            menu.bar(NAME, seen.account, situation.layout()),
            html.Div([inbox.layout(), alert_list.layout()], className="desk-left", **{"data-pickable": ""}),
            html.Div(middle, className="desk-middle"),
            html.Div(case_detail.layout(), className="desk-right"),
        ],
        className="desk duty",
    )


def _today(now: datetime) -> datetime:
    return now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


Which = Callable[[datetime], CaseFilter]

LISTS: Mapping[str, tuple[str, Which]] = {
    "today": ("今日受理", lambda now: CaseFilter(since=_today(now))),
    "closed": ("今日受理中已结案", lambda now: CaseFilter(since=_today(now), stage=Stage.CLOSED)),
    "open": ("在办", lambda now: CaseFilter(open_only=True)),
    "overdue": ("超时未结", lambda now: CaseFilter(open_only=True, standing="overdue")),
    "at_risk": ("将超时", lambda now: CaseFilter(open_only=True, standing="at_risk")),
    "unplaced": ("待定", lambda now: CaseFilter(open_only=True, grid="")),
    **{
        stage.value: (words, lambda now, stage=stage: CaseFilter(open_only=True, stage=stage))
        for stage, words in inbox.WAITING_NAMES.items()
    },
}
"""The numbers of the wall and the rows behind each."""


def rows_of(name: str, services: Services, seen: Visit) -> Component | None:
    """The rows behind a number, newest first; None when no list was asked for. Blocking."""
    if name not in LISTS:
        return None
    title, which = LISTS[name]
    now = services.clock()
    page = services.views.cases(seen.scope, which(now), size=100)
    return case_rows.table(title, page, case_rows.names_of(services, seen), now)


def register(app: Dash, services: Services) -> None:
    """The desk has no callback of its own: its panels come over /live, its pane has its own."""
