"""One cell: where it hangs in the tree, who is responsible, what happened there, and where nobody has been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from dash import Dash, html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.happenings import Happening
from cases.indicators import Figure, Period
from cases.model import Role, Scope
from cases.ports import Figures, Page
from cases.registers import REGISTERS, RegisterState
from dashboard import cells
from dashboard.cells import Cell, CellPast
from dashboard.components import case_rows, chart, frame, grid_search, menu
from dashboard.components.words import clock_words
from dashboard.offloop import off_loop
from dashboard.panels import (
    grid_card,
    grid_compare,
    grid_coverage,
    grid_family,
    grid_hotspots,
    grid_kinds,
    grid_repeats,
    grid_rhythm,
    grid_waits,
    grid_weeks,
    incident_map,
)
from dashboard.services import Services
from dashboard.session import Visit, visit
from geo.grids import Grid, GridBook

PATH, NAME = "/grid/<code>", "网格"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)
LATE = (*incident_map.LATE, chart.PLOTLY)


NOW = (("now_open", "在办", ""), ("now_overdue", "超时未结", "late"), ("now_at_risk", "将超时", "near"))
"""The tiles: indicator, its short name, how it looks where it is not zero."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says about one grid, read in one go within the visit's scope."""

    grid: Grid
    figures: Figures
    open_cases: Page
    posts: Sequence[grid_card.Post]
    registers: Sequence[RegisterState]
    past: CellPast
    other: CellPast | None
    leaves: Sequence[Grid]
    tested: Sequence[Grid]
    in_leaf: Mapping[str, int]
    been: frozenset[str]
    told: frozenset[str]
    indicators: Mapping[str, Figure]
    names: case_rows.Names
    reveal: bool
    now: datetime


async def layout(services: Services, **asked: str) -> Component:
    """Breadcrumb above; card, people and tree on the left; the map and open cases; what happened on the right."""
    seen, code, book = visit(), asked["code"], services.grids
    if code not in book or not book.within(code, seen.scope.area):
        return html.Main(
            [menu.bar(NAME, seen.account), frame.nothing("没有这个网格，或它不在您的辖区")], className="desk"
        )
    weeks = cells.weeks_of(asked.get("weeks"))
    report = await off_loop(read, code, weeks, asked.get("with", ""), services, seen)
    return html.Main(
        [
            menu.bar(NAME, seen.account, _ways(book, code, seen.scope.area, weeks)),
            html.Div(_left(report, book, seen, weeks), className="desk-left"),
            html.Div(incident_map.layout(book, code, is_focus=True), className="desk-middle"),
            html.Div(happened(report, weeks), className="desk-right wide analyses"),
        ],
        className="desk grid-page",
    )


def read(code: str, weeks: int, other: str, services: Services, seen: Visit) -> Report:
    """All about one grid; the scope is the visit's, narrowed to the grid. Blocking."""
    book, now = services.grids, services.clock()
    scope: Scope = replace(seen.scope, area=code)
    grid = book.grid(code)
    past = cells.read(Cell(code, grid.name), weeks, services, seen)
    may_compare = other != code and other in book and book.within(other, seen.scope.area)
    leaves, tested = _leaves(book, code), _leaves(book, seen.scope.area)
    since = now - timedelta(days=grid_coverage.DAYS)
    recent = services.registry.grid_past.cases(scope, since, now, cells.MOST)
    return Report(
        grid,
        services.views.figures(scope, now),
        services.views.cases(scope, case_rows.open_in(code), size=50),
        _posts(services, scope),
        services.registry.registers.states(replace(scope, account=""), now),
        past,
        cells.read(Cell(other, book.grid(other).name), weeks, services, seen) if may_compare else None,
        leaves,
        tested,
        _counts(services, seen, tested, past),
        _leaves_of_points(book, services.registry.grid_past.been(scope, since)),
        frozenset(_by_leaf(book, recent, leaves)),
        _told(services, seen, code, past),
        case_rows.names_of(services, seen),
        seen.scope.reveal,
        now,
    )


def _told(services: Services, seen: Visit, code: str, past: CellPast) -> dict[str, Figure]:
    """The register's figures of the cell: how it stands now, and its waits over the span looked at."""
    days = (each.astimezone(LOCAL).date() for each in (past.starts[0], past.now))
    asked = [*(id_ for id_, _, _ in NOW), grid_card.FRESHNESS, *grid_waits.ASKED]
    found = services.registry.figures.ask_many(asked, [code], Period(*days), seen.scope, past.now)
    return {id_: figure for (id_, _), figure in found.items()}


def _posts(services: Services, scope: Scope) -> list[grid_card.Post]:
    fixes = {fix.worker: fix for fix in services.positions.last(scope)}
    return [grid_card.Post(worker, fixes.get(worker.id)) for worker in services.directory.workers(scope)]


def _leaves(book: GridBook, code: str) -> list[Grid]:
    """The smallest grids within a grid, itself when it is one."""
    return [grid for grid in book.grids(len(book.levels()) - 1) if book.within(grid.code, code)]


def _counts(services: Services, seen: Visit, grids: Sequence[Grid], past: CellPast) -> dict[str, int]:
    """How many cases each of these grids had in the span."""
    weekly = services.registry.grid_past.weekly([grid.code for grid in grids], past.starts, seen.scope)
    return {code: sum(counts) for code, counts in weekly.items()}


def _by_leaf(book: GridBook, happenings: Sequence[Happening], leaves: Sequence[Grid]) -> Counter[str]:
    """How many of the located happenings lie in each of these smallest grids."""
    placed = [each for each in happenings if each.lon is not None]
    codes = _located(book, [each.lon or 0.0 for each in placed], [each.lat or 0.0 for each in placed])
    wanted = {leaf.code for leaf in leaves}
    return Counter(code for code in codes if code in wanted)


def _leaves_of_points(book: GridBook, points: Sequence[tuple[float, float]]) -> frozenset[str]:
    lons, lats = zip(*points, strict=True) if points else ((), ())
    return frozenset(_located(book, lons, lats))


def _located(book: GridBook, lons: Sequence[float], lats: Sequence[float]) -> list[str]:
    """The smallest grid of each WGS-84 point that has one."""
    if not lons:
        return []
    last = len(book.levels()) - 1
    found, codes = np.asarray(book.locate_many(lons, lats)[last]), book.codes(last)
    return [codes[at] for at in found[found >= 0]]


def _ways(book: GridBook, code: str, area: str, weeks: int) -> Component:
    """Where one is, and the field that goes anywhere within the area."""
    inside = (grid for grid in book.grids() if book.within(grid.code, area))
    return html.Div([breadcrumb(book, code, area), grid_search.field(inside, weeks)], className="grid-ways")


def breadcrumb(book: GridBook, code: str, area: str) -> Component:
    """The grids above this one, as links where the visit may go there."""
    steps: list[Component] = [html.A("全域", href="/")] if not area else []
    for each in book.ancestors(code):
        name = book.grid(each).name
        here = each == code or not book.within(each, area)
        steps.append(html.B(name) if here else html.A(name, href=f"/grid/{each}"))
    return html.Nav(steps, className="breadcrumb", **{"aria-label": "所在层级"})


def _left(report: Report, book: GridBook, seen: Visit, weeks: int) -> list[Component]:
    code = report.grid.code
    level = book.levels()[report.grid.level]
    siblings = [book.grid(each) for each in cells.siblings_of(book, code) if book.within(each, seen.scope.area)]
    return [
        _figures(report),
        grid_card.layout(report.grid, level, report.registers, report.indicators[grid_card.FRESHNESS], report.now),
        grid_card.people(report.posts, report.names.grids, report.now, reveal=report.reveal),
        grid_card.registers(report.registers, {k: r.name for k, r in REGISTERS.items()}, code, report.now),
        grid_family.children(book.children(code), report.figures.grids, weeks),
        grid_family.siblings(siblings, weeks, code),
    ]


def _figures(report: Report) -> Component:
    tiles = [_tile(report.indicators[id_], name, tone) for id_, name, tone in NOW]
    source = html.Span(f"案件库 · 截至 {clock_words(report.now)}", className="source")
    head = html.Header([html.H2("此刻"), source], className="panel-head")
    return html.Section([head, html.Div(tiles, className="kpi-tiles")], className="panel")


def _tile(figure: Figure, name: str, tone: str) -> Component:
    """A figure of the register, open to its rows."""
    value = html.Span([str(figure.numerator), html.Small(figure.unit)], className="kpi-value")
    content = [html.Span(name, className="kpi-label"), value]
    return html.A(content, className=f"kpi {tone if figure.numerator else ''}", href=figure.link)


def happened(report: Report, weeks: int) -> list[Component]:
    """The analyst's panels of a grid, the span's choice first."""
    past, other = report.past, report.other
    return [
        spans(f"/grid/{report.grid.code}", weeks, f"&with={other.cell.code}" if other else ""),
        *([grid_compare.layout(past, other)] if other is not None else []),
        *panels_of(past, report.names.grids, grid_waits.of_figures(past, report.indicators)),
        grid_hotspots.layout(past, report.tested, report.in_leaf, {leaf.code for leaf in report.leaves}),
        grid_coverage.layout(past, report.leaves, report.been, report.told, grid_coverage.DAYS),
        html.Div(
            case_rows.table("在办", report.open_cases, report.names, report.now), id="open-cases", className="across"
        ),
    ]


def panels_of(past: CellPast, names: Mapping[str, str], waits: Component | None = None) -> list[Component]:
    """What is said of any cell, grid or drawn by hand; `waits` are the register's, where the cell is a grid."""
    return [
        grid_weeks.layout(past, names),
        grid_rhythm.layout(past),
        grid_kinds.layout(past),
        waits or grid_waits.layout(past),
        grid_repeats.by_address(past),
        grid_repeats.by_nearness(past),
    ]


def spans(path: str, weeks: int, more: str = "") -> Component:
    """The spans one may look back; the one shown is marked."""
    mark = "&" if "?" in path else "?"
    links = [
        html.A(f"{each} 周", href=f"{path}{mark}weeks={each}{more}", className="here" if each == weeks else "")
        for each in cells.WEEKS
    ]
    return html.Nav([html.Span("回看"), *links], className="spans across", **{"aria-label": "回看多久"})


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened; its map is live."""
