"""One grid: where it hangs in the tree, who is responsible, what is open, and which of its children have the most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dash import Dash, html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.masking import masked_name, masked_phone
from cases.model import GridWorker, Role, Scope
from cases.ports import CaseFilter, Figures, GridCount, Page
from dashboard.components import case_rows, frame, menu
from dashboard.components.meters import meter, series
from dashboard.components.words import clock_words
from dashboard.offloop import off_loop
from dashboard.panels import incident_map
from dashboard.services import Services
from dashboard.session import Visit, visit
from geo.grids import Grid, GridBook

PATH, NAME = "/grid/<code>", "网格"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)
LATE = incident_map.LATE


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says about one grid, read in one go within the visit's scope."""

    grid: Grid
    figures: Figures
    open_cases: Page
    workers: list[GridWorker]
    names: case_rows.Names
    reveal: bool
    now: datetime


async def layout(services: Services, **asked: str) -> Component:
    """Breadcrumb, figures and people on the left, the grid on the map, its open cases below."""
    seen, code, book = visit(), asked["code"], services.grids
    if code not in book or not book.within(code, seen.scope.area):
        return html.Main(
            [menu.bar(NAME, seen.account), frame.nothing("没有这个网格，或它不在您的辖区")], className="desk"
        )
    report = await off_loop(read, code, services, seen)
    return html.Main(
        [
            menu.bar(NAME, seen.account, breadcrumb(book, code, seen.scope.area)),
            html.Div([_figures(report), _children(report, book), _people(report)], className="desk-left"),
            html.Div(incident_map.layout(book, code, is_focus=True), className="desk-middle"),
            html.Div([_trends(report), _cases(report)], className="desk-right wide"),
        ],
        className="desk grid-page",
    )


def read(code: str, services: Services, seen: Visit) -> Report:
    """All about one grid; the scope is the visit's, narrowed to the grid. Blocking."""
    scope: Scope = replace(seen.scope, area=code)
    now = services.clock()
    return Report(
        services.grids.grid(code),
        services.views.figures(scope, now),
        services.views.cases(scope, CaseFilter(open_only=True, grid=code), size=50),
        services.directory.workers(scope),
        case_rows.names_of(services, seen),
        seen.scope.reveal,
        now,
    )


def breadcrumb(book: GridBook, code: str, area: str) -> Component:
    """The grids above this one, as links where the visit may go there."""
    steps: list[Component] = [html.A("全域", href="/")] if not area else []
    for each in book.ancestors(code):
        name = book.grid(each).name
        here = each == code or not book.within(each, area)
        steps.append(html.B(name) if here else html.A(name, href=f"/grid/{each}"))
    return html.Nav(steps, className="breadcrumb", **{"aria-label": "所在层级"})


def _head(title: str, report: Report, note: str = "") -> Component:
    source = html.Span(f"案件库 · 截至 {clock_words(report.now)}", className="source")
    return html.Header([html.H2(title), html.Span(note), source], className="panel-head")


def _figures(report: Report) -> Component:
    figures = report.figures
    told = (
        ("在办", figures.open, ""),
        ("超时未结", figures.overdue, "late" if figures.overdue else ""),
        ("将超时", figures.at_risk, "near" if figures.at_risk else ""),
        ("今日受理", figures.reported_today, ""),
    )
    tiles = [
        html.Div(
            [html.Span(name, className="kpi-label"), html.Span([str(value), html.Small("件")], className="kpi-value")],
            className=f"kpi {tone}",
        )
        for name, value, tone in told
    ]
    return html.Section([_head("此刻", report), html.Div(tiles, className="kpi-tiles")], className="panel")


def _children(report: Report, book: GridBook) -> Component:
    """The next level down, most open first; each opens."""
    children = book.children(report.grid.code)
    if not children:
        return html.Section([_head("下级网格", report), frame.nothing("已是最小一级网格")], className="panel")
    counts = {child.code: report.figures.grids.get(child.code, GridCount()) for child in children}
    ranked = sorted(children, key=lambda child: (-counts[child.code].open, child.code))
    most = max(count.open for count in counts.values())
    rows = [meter(child.name, counts[child.code].open, most, unit="件", href=f"/grid/{child.code}") for child in ranked]
    return html.Section([_head("下级网格在办", report, f"{len(children)} 个"), *rows], className="panel wide-labels")


def _people(report: Report) -> Component:
    """Who is responsible: the grid workers of this grid and below."""
    if not report.workers:
        return html.Section([_head("责任人", report), frame.nothing("没有登记网格员")], className="panel")
    lines = [
        html.Li(
            [
                html.B(_name(worker, report)),
                html.Span(_phone(worker, report)),
                html.Small(report.names.grids.get(worker.grid, "")),
            ]
        )
        for worker in report.workers[:12]
    ]
    return html.Section(
        [_head("责任人", report, f"{len(report.workers)} 人"), html.Ul(lines, className="people")], className="panel"
    )


def _name(worker: GridWorker, report: Report) -> str:
    return worker.name if report.reveal else masked_name(worker.name)


def _phone(worker: GridWorker, report: Report) -> str:
    return worker.phone if report.reveal else masked_phone(worker.phone)


def _trends(report: Report) -> Component:
    figures = report.figures
    hour = report.now.astimezone(LOCAL).hour
    today = series(figures.hours[: hour + 1], figures.hours_usual, f"今日 {sum(figures.hours)} 件")
    days = [(report.now - timedelta(days=back)).astimezone(LOCAL).strftime("%m-%d") for back in range(6, -1, -1)]
    week = series(figures.days, figures.days_usual, f"近七日 {sum(figures.days)} 件", count=7, names=days)
    return html.Section(
        [
            _head("今日每小时受理", report, f"{sum(figures.hours)} 件 · 线：近四周同日"),
            today,
            _head("近七日受理", report, f"{sum(figures.days)} 件 · 线：近四周同日"),
            week,
        ],
        className="panel trends",
    )


def _cases(report: Report) -> Component:
    return case_rows.table("在办", report.open_cases, report.names, report.now)


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened; its map is live."""
