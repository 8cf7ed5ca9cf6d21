"""Coverage: where nobody has been and nothing is reported, apart from where nothing happens."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.cells import CellPast
from dashboard.components import chart, frame
from geo.grids import Grid

DAYS = 7
SHOWN = 30


def layout(past: CellPast, grids: Sequence[Grid], been: Collection[str], told: Collection[str], days: int) -> Component:
    """`been` and `told`: codes where a kept fix lies, and where a case was reported, in the last `days` days."""
    blind = [grid for grid in grids if grid.code not in been and grid.code not in told]
    unseen = [grid for grid in grids if grid.code not in been and grid.code in told]
    calm = [grid for grid in grids if grid.code in been and grid.code not in told]
    busy = len(grids) - len(blind) - len(unseen) - len(calm)
    body = [
        _group("盲区：无人到过，也没有上报", blind, "near"),
        _group("有上报，但无人到过", unseen, ""),
        _group("有人到过，没有事", calm, ""),
        html.P(f"有人到过且有上报：{busy} 个"),
    ]
    return html.Section(
        [chart.head("覆盖", f"近 {days} 天 · 基数 {len(grids)} 个最小网格 · 依据留存轨迹与上报", past.now), *body],
        className="panel analysis",
    )


def _group(words: str, grids: Sequence[Grid], tone: str) -> Component:
    if not grids:
        return html.P(f"{words}：0 个")
    links = [html.A(grid.name, href=f"/grid/{grid.code}") for grid in grids[:SHOWN]]
    more = [html.Span(f"等 {len(grids)} 个")] if len(grids) > SHOWN else []
    return html.Details(
        [html.Summary(f"{words}：{len(grids)} 个", className=tone), html.P([*links, *more], className="grid-links")],
        open=tone != "",
    )


def none_yet(past: CellPast) -> Component:
    """For a cell that is not a grid."""
    return frame.nothing("圈定范围不作覆盖分析")
