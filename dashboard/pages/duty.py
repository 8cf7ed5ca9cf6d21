"""The duty desk: what came in, what is or soon will be late; the map; the chosen case and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.indicators import REGISTER, Period, link_of
from cases.model import Case, Role, Scope, Stage, Standing, State
from cases.ports import CaseFilter, Page
from dashboard.components import case_rows, menu
from dashboard.offloop import off_loop
from dashboard.panels import (
    alarm_call,
    alert_list,
    bulk_tray,
    calendar_notice,
    case_detail,
    command_line,
    desk_board,
    first_contact,
    inbox,
    incident_map,
    key_sheet,
    meeting_tasks,
    situation,
    taking_call,
)
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/duty", "值班台"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)
LATE = incident_map.LATE


async def layout(services: Services, **asked: str) -> Component:
    """Inbox, middle (map, board, or the rows behind a number), case pane.

    `list` names the rows wanted, `view=board` the board; both stand in the address, so that a reload keeps them.
    """
    seen, is_board = visit(), asked.get("view") == "board"
    rows = await off_loop(rows_of, asked.get("list", ""), services, seen)
    board = await off_loop(desk_board.layout, services) if is_board else None
    middle = rows or board or incident_map.layout(services.grids, seen.scope.area)
    tray = await off_loop(bulk_tray.layout, services)
    left = await off_loop(_left, services, seen)
    return html.Main(
        [
            menu.bar(NAME, seen.account, situation.layout()),
            html.Div([_views(is_board), *left], className="desk-left", **{"data-pickable": ""}),
            html.Div([middle, alarm_call.layout(), tray], className="desk-middle"),
            html.Div(case_detail.layout(), className="desk-right"),
            command_line.layout(),
            key_sheet.layout(),
        ],
        className="desk duty boarded" if is_board else "desk duty",
    )


def _views(is_board: bool) -> Component:
    """Map or board in the middle; the one that is not shown has the key."""
    views = (("地图", PATH, False), ("看板", f"{PATH}?view=board", True))
    links = [
        html.A(
            [*([html.Kbd("F2")] if of_board is not is_board else []), words],
            href=href,
            className="view here" if of_board is is_board else "view",
            **({"data-key": "F2"} if of_board is not is_board else {}),
        )
        for words, href, of_board in views
    ]
    return html.Nav(links, className="views", **{"aria-label": "地图或看板"})


def _left(services: Services, seen: Visit) -> list[Component]:
    """Inbox and alerts; for who may take calls also the form, which N puts over them, and what one tracks. Blocking."""
    lists = [calendar_notice.layout(), inbox.layout(), alert_list.layout()]
    paper = html.A(
        [html.Kbd("P"), "纸面清单"], href="/print/open", target="_blank", className="paper", **{"data-key": "p"}
    )
    if seen.account.role not in taking_call.TAKERS:
        tasks = meeting_tasks.layout(meeting_tasks.content_of(services, seen))
        return [html.Div([paper], className="left-head"), tasks, *lists]
    take = html.Button([html.Kbd("N"), "登记来电"], className="take", **{"data-take": "", "data-key": "n"})
    sound = html.Button(
        "试音", className="sound", **{"data-sound": "blocked", "title": "新报告和红色预警响铃；点一下试音"}
    )
    tracked = first_contact.layout(first_contact.content_of(services, seen))
    head = html.Div([take, sound, paper], className="left-head")
    tasks = meeting_tasks.layout(meeting_tasks.content_of(services, seen))
    return [head, *lists, tracked, tasks, taking_call.layout(seen.account.name)]


def _today(now: datetime) -> datetime:
    return now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


Rows = Callable[[Services, Scope, datetime], Page]
LISTED, LOOKED_AT, MOST_OPEN = 100, 500, 20_000


def _filtered(**which: object) -> Rows:
    def rows(services: Services, scope: Scope, now: datetime) -> Page:
        return services.views.cases(scope, CaseFilter(**which), size=LISTED)  # type: ignore[arg-type]

    return rows


def _open(fits: Callable[[Case], bool] = lambda _: True) -> Rows:
    """Of the open cases those that fit, as the room's figures count them."""
    return lambda services, scope, _: _page(c for c in services.views.board(scope, MOST_OPEN) if _counts(c) and fits(c))


def _reported_today(services: Services, scope: Scope, now: datetime) -> Page:
    came = services.views.cases(scope, CaseFilter(since=_today(now)), size=LOOKED_AT).items
    return _page(case for case in came if _counts(case))


def _closed_today(services: Services, scope: Scope, now: datetime) -> Page:
    """Closed since midnight, whenever reported; looked for among the newest of each closed stage."""
    stages = (Stage.CLOSED, Stage.EVALUATED)
    newest = [c for s in stages for c in services.views.cases(scope, CaseFilter(stage=s), size=LOOKED_AT).items]
    return _page(case for case in newest if case.closed_at and case.closed_at >= _today(now) and _counts(case))


def _counts(case: Case) -> bool:
    """Whether a case is in the room's figures: no exercise, nobody's sub-task, neither void nor merged."""
    return not case.exercise and case.parent is None and case.state not in (State.VOID, State.MERGED)


def _page(cases: Iterable[Case]) -> Page:
    found = tuple(cases)
    return Page(found[:LISTED], 1, len(found))


LISTS: Mapping[str, tuple[str, Rows]] = {
    "today": ("今日受理", _reported_today),
    "done": ("今日办结", _closed_today),
    "open": ("在办", _open()),
    "overdue": ("超时未结", _open(lambda case: case.standing is Standing.OVERDUE)),
    "at_risk": ("将超时", _open(lambda case: case.standing is Standing.AT_RISK)),
    "unplaced": ("待定", _open(lambda case: not case.grids)),
    **{stage.value: (words, _filtered(open_only=True, stage=stage)) for stage, words in inbox.WAITING_NAMES.items()},
}
"""The numbers of the wall and the rows behind each."""

INDICATORS: Mapping[str, str] = {
    "today": "received",
    "done": "closed",
    "open": "now_open",
    "overdue": "now_overdue",
    "at_risk": "now_at_risk",
    "unplaced": "now_unplaced",
}
"""The figure of the register that each of them is: its definition, its history and its export stand there."""


def rows_of(name: str, services: Services, seen: Visit) -> Component | None:
    """The rows behind a number, newest first; None when no list was asked for. Blocking."""
    if name not in LISTS:
        return None
    title, rows = LISTS[name]
    now = services.clock()
    table = case_rows.table(title, rows(services, seen.scope, now), case_rows.names_of(services, seen), now)
    return html.Div([table, *_defined(name, seen.scope.area, now)], className="listed")


def _defined(name: str, area: str, now: datetime) -> list[Component]:
    """The way to the figure of the register that a list is counted by."""
    if name not in INDICATORS:
        return []
    today = now.astimezone(LOCAL).date()
    indicator = REGISTER[INDICATORS[name]]
    href = link_of(indicator.id, area, Period(today, today))
    return [html.P(html.A(f"指标“{indicator.name}”：口径、其他时段、导出", href=href), className="panel-foot")]


def register(app: Dash, services: Services) -> None:
    """The desk has no callback of its own: its panels come over /live, its pane has its own."""
