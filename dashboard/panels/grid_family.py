"""Where a cell stands: its siblings and children with what is open there, each a link that keeps the span of weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from cases.ports import GridCount
from dashboard.components import frame
from dashboard.components.meters import meter
from geo.grids import Grid

FOLDED = 20


def children(grids: Sequence[Grid], counts: Mapping[str, GridCount], weeks: int) -> Component:
    """The next level down, most open first."""
    if not grids:
        return html.Section([_head("下级网格", ""), frame.nothing("已是最小一级网格")], className="panel")
    open_in = {grid.code: counts.get(grid.code, GridCount()).open for grid in grids}
    ranked = sorted(grids, key=lambda grid: (-open_in[grid.code], grid.code))
    most = max(open_in.values())
    rows = [meter(g.name, open_in[g.code], most, unit="件", href=f"/grid/{g.code}?weeks={weeks}") for g in ranked]
    return html.Section([_head("下级网格在办", f"{len(grids)} 个"), *rows], className="panel wide-labels")


def siblings(grids: Sequence[Grid], weeks: int, own: str) -> Component:
    """The other grids beside it; a second link compares."""
    if not grids:
        return html.Section([_head("同级网格", ""), frame.nothing("没有同级网格")], className="panel")
    links = [
        html.Span(
            [
                html.A(grid.name, href=f"/grid/{grid.code}?weeks={weeks}"),
                html.A("比", href=f"/grid/{own}?weeks={weeks}&with={grid.code}", title=f"与{grid.name}比较"),
            ]
        )
        for grid in grids
    ]
    shown = html.P(links, className="grid-links")
    body = shown if len(grids) <= FOLDED else html.Details([html.Summary(f"全部 {len(grids)} 个"), shown])
    return html.Section([_head("同级网格", f"{len(grids)} 个，“比”与本网格比较"), body], className="panel")


def _head(title: str, note: str) -> Component:
    return html.Header([html.H2(title), html.Span(note, className="note")], className="panel-head")
