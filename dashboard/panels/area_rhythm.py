"""When the cases of an area come: hour of the day by day of the week, as shades of one colour with their scale."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.indicators import DAYS
from dashboard.area_charts import AreaCharts
from dashboard.components import chart, frame
from dashboard.components.words import clock_words

TITLE = "时段 × 星期"
TICKS = ("0", "6", "12", "18")


def layout(charts: AreaCharts) -> Component:
    """168 counts; each opens its rows."""
    hours = charts.mix.hours
    most, day, hour = max((count, day, hour) for day, row in enumerate(hours) for hour, count in enumerate(row))
    says = f"最多在{DAYS[day]} {hour} 时，{most} 件" if most else "没有案件"
    told = f"{charts.period.words} · 基数 {charts.mix.base} 件（按受理日归期，时段为上报时刻）"
    drawn = [chart.graph(_figure(charts), says, "时段", None), html.P(says, className="note"), _numbers(charts)]
    return frame.analysis(TITLE, told, clock_words(charts.now), drawn)


def _figure(charts: AreaCharts) -> go.Figure:
    hours = charts.mix.hours
    links = [[charts.rows(weekday=day, hour=hour) for hour in range(24)] for day in range(7)]
    cells = go.Heatmap(
        z=hours, x=[str(hour) for hour in range(24)], y=DAYS, customdata=links, xgap=1, ygap=1,
        colorbar={"title": {"text": "件"}, "thickness": 10, "outlinewidth": 0, "nticks": 4},
        colorscale=chart.BLUES, zmin=0, zmax=max(1, *(max(row) for row in hours)),
        hovertemplate="%{y} %{x} 时：%{z} 件<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(type="category", tickvals=TICKS, ticktext=[f"{hour} 时" for hour in TICKS])
    return figure


def _numbers(charts: AreaCharts) -> Component:
    hours = charts.mix.hours
    rows = [
        (f"{hour} 时", *(chart.number(hours[day][hour], charts.rows(weekday=day, hour=hour)) for day in range(7)))
        for hour in range(24)
    ]
    return chart.behind("数表", chart.table(("时段", *DAYS), rows, TITLE))
