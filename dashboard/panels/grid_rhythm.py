"""When it happens: hour of the day by day of the week, as numbers on shades of one colour."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from dash.development.base_component import Component

from cases.indicators import DAYS, Narrowing
from dashboard.cells import CellPast
from dashboard.components import chart

TICKS = ("0", "6", "12", "18")


def layout(past: CellPast) -> Component:
    """168 counts; each opens its rows."""
    counts = past.mix.hours
    most = max((count, day, hour) for day, row in enumerate(counts) for hour, count in enumerate(row))
    says = f"最多在{DAYS[most[1]]} {most[2]} 时，{most[0]} 件" if past.base else "没有案件"
    return chart.panel(
        "时段 × 星期", past, [chart.graph(_figure(past, counts), says, f"{past.cell.name}-时段", 250)], note=says
    )


def _figure(past: CellPast, counts: Sequence[Sequence[int]]) -> go.Figure:
    links = [[past.rows(Narrowing(weekday=day, hour=hour)) for hour in range(24)] for day in range(7)]
    shown = [[str(count) if count else "" for count in row] for row in counts]
    cells = go.Heatmap(
        z=counts, x=[str(hour) for hour in range(24)], y=DAYS, text=shown, texttemplate="%{text}", customdata=links,
        colorscale=chart.BLUES, zmin=0, zmax=max(1, *(max(row) for row in counts)), showscale=False, xgap=1, ygap=1,
        hovertemplate="%{y} %{x} 时：%{z} 件<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(type="category", tickvals=TICKS, ticktext=[f"{hour} 时" for hour in TICKS])
    return figure
