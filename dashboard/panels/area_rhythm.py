"""When the cases of an area come: hour of the day by day of the week, as numbers on shades of one colour."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboard.area_charts import AreaCharts
from dashboard.components import chart, frame
from dashboard.components.words import clock_words
from dashboard.panels.grid_rhythm import DAYS

TITLE = "时段 × 星期"
TICKS = ("0", "6", "12", "18")


def layout(charts: AreaCharts) -> Component:
    """168 counts; each opens its rows."""
    hours = charts.mix.hours
    most, day, hour = max((count, day, hour) for day, row in enumerate(hours) for hour, count in enumerate(row))
    says = f"最多在{DAYS[day]} {hour} 时，{most} 件" if most else "没有案件"
    told = f"{charts.period.words} · 基数 {charts.mix.base} 件（按上报时间）"
    drawn = [chart.graph(_figure(charts), says, "时段", None), html.P(says, className="note")]
    return frame.analysis(TITLE, told, clock_words(charts.now), drawn)


def _figure(charts: AreaCharts) -> go.Figure:
    hours = charts.mix.hours
    links = [[charts.rows(weekday=day, hour=hour) for hour in range(24)] for day in range(7)]
    cells = go.Heatmap(
        z=hours, x=[str(hour) for hour in range(24)], y=DAYS, customdata=links, showscale=False, xgap=1, ygap=1,
        text=[[str(count) if count else "" for count in row] for row in hours], texttemplate="%{text}",
        colorscale=chart.BLUES, zmin=0, zmax=max(1, *(max(row) for row in hours)),
        hovertemplate="%{y} %{x} 时：%{z} 件<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(type="category", tickvals=TICKS, ticktext=[f"{hour} 时" for hour in TICKS])
    return figure
