"""What it is about: counts by kind, most first."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from dash.development.base_component import Component

from cases.categories import category_of
from cases.indicators import Narrowing
from dashboard.cells import CellPast
from dashboard.components import chart, frame

SHOWN = 10


def layout(past: CellPast) -> Component:
    """The most frequent kinds as bars, all of them as numbers that open their rows."""
    kinds = past.mix.kinds
    if not kinds:
        return chart.panel("类别", past, [frame.nothing("这段时间没有案件")])
    rows = [
        (
            category_of(code).name,
            chart.number(count, past.rows(Narrowing(category=code))),
            f"{count / past.base:.0%}",
        )
        for code, count in kinds
    ]
    all_of_them = chart.behind(f"数表：{len(kinds)} 类", chart.table(("类别", "件", "占比"), rows, "各类件数"))
    says = "；".join(f"{category_of(code).name} {count} 件" for code, count in kinds[:SHOWN])
    drawn = chart.graph(_figure(past, kinds[:SHOWN]), says, f"{past.cell.name}-类别", 60 + 28 * min(SHOWN, len(kinds)))
    return chart.panel("类别", past, [drawn, all_of_them], note=f"前 {min(SHOWN, len(kinds))} 类")


def _figure(past: CellPast, kinds: Sequence[tuple[str, int]]) -> go.Figure:
    links = [past.rows(Narrowing(category=code)) for code, _ in kinds]
    names, counts = [category_of(code).name for code, _ in kinds], [count for _, count in kinds]
    figure = go.Figure(
        go.Bar(x=counts, y=names, orientation="h", text=counts, customdata=links, marker_color=chart.MAIN)
    )
    figure.update_traces(textposition="outside", textangle=0, constraintext="none", cliponaxis=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
