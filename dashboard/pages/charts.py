"""The charts of an area: weeks against last year, kinds, times, loops, hours; each opens the cases behind it."""

from __future__ import annotations

from types import ModuleType

from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard import area_charts, cells
from dashboard.access import CHARTS
from dashboard.area_charts import AreaCharts
from dashboard.cells import Cell
from dashboard.components import chart, frame, menu
from dashboard.offloop import off_loop
from dashboard.pages import wall
from dashboard.pages.grid import spans
from dashboard.panels import area_kinds, area_loops, area_rhythm, area_trend, area_waits
from dashboard.services import Services
from dashboard.session import Visit, visit
from geo.grids import Grid

PATH, NAME = CHARTS, "图表"
ROLES = wall.ROLES
LIBRARIES: tuple[str, ...] = ()
LATE = (chart.PLOTLY,)

PANELS = (area_trend, area_kinds, area_waits, area_loops, area_rhythm)


async def layout(services: Services, **asked: str) -> Component:
    """All of the visit's scope, or `grid` within it, over `weeks`; `scene=1` is the same without ways, for a wall."""
    seen = visit()
    cell = cell_of(asked.get("grid", ""), services, seen)
    if cell is None:
        refusal = frame.nothing("没有这个网格，或它不在您的辖区")
        return html.Main([menu.bar(NAME, seen.account), refusal], className="desk")
    weeks = cells.weeks_of(asked.get("weeks"))
    charts = await off_loop(area_charts.read, cell, weeks, services, seen)
    is_scene = bool(asked.get("scene"))
    drawn = html.Div([_named(panel, charts, is_scene=is_scene) for panel in PANELS], className="charts")
    if is_scene:
        return html.Main([html.H1(f"{cell.name} · 近 {weeks} 周"), drawn], className="charts-page scene")
    below = [html.A(each.name, href=f"{PATH}?grid={each.code}&weeks={weeks}") for each in _below(cell, services, seen)]
    path = f"{PATH}?grid={cell.code}" if cell.code else PATH
    ways = html.Div([html.H1(cell.name), spans(path, weeks), html.Nav(below, className="grid-links")], className="ways")
    return html.Main([menu.bar(NAME, seen.account), ways, drawn], className="desk charts-page")


def _named(panel: ModuleType, charts: AreaCharts, *, is_scene: bool) -> Component:
    """A chart and its parts under ids of their own, by which a wall gives them new figures (assets/charts_scene.js)."""
    drawn: Component = panel.layout(charts)
    if is_scene:  # nobody can open a table there, and its hundreds of links cost the wall a second each time
        drawn.children = [part for part in drawn.children if not isinstance(part, html.Details)]
    drawn.id = f"chart-{panel.__name__.rpartition('.')[2].replace('_', '-')}"
    for at, part in enumerate(drawn.children):
        graph = getattr(part, "children", None)
        (graph if isinstance(graph, dcc.Graph) else part).id = f"{drawn.id}-{at}"
    return drawn


def cell_of(code: str, services: Services, seen: Visit) -> Cell | None:
    """The grid asked for, else the visit's own area, else everywhere; None for a grid outside the scope."""
    book, wanted = services.grids, code or seen.scope.area
    if not wanted:
        return Cell("", book.scheme.name)
    if wanted not in book or not book.within(wanted, seen.scope.area):
        return None
    return Cell(wanted, book.grid(wanted).name)


def _below(cell: Cell, services: Services, seen: Visit) -> list[Grid]:
    """The grid above, where the visit may go there, and those within."""
    book, top = services.grids, seen.scope.area
    above = [
        book.grid(each) for each in (book.ancestors(cell.code)[:-1] if cell.code else ()) if book.within(each, top)
    ]
    return [*above[-1:], *(book.children(cell.code) if cell.code else book.grids(0))]


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened."""
