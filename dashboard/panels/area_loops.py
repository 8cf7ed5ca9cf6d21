"""How far up the settled matters of an area had to go: the share of each loop, and what each settled by itself."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.indicators import Figure
from dashboard.area_charts import LOOPS, AreaCharts
from dashboard.components import chart, frame

TITLE = "循环占比"
COLOURS = (chart.MAIN, chart.PAST, chart.REST)


def layout(charts: AreaCharts) -> Component:
    """One bar of a hundred per cent; each part opens its figure with its rows."""
    settled = charts.figures["settled"]
    told = f"{charts.period.words} · 已化解 {settled.base} 件"
    if not settled.base:
        return frame.analysis(
            TITLE, told, charts.as_of, [frame.nothing("这段时间受理的案件尚无化解"), _numbers(charts)]
        )
    says = "；".join(f"{name} {charts.figures[f'share_{loop}'].words}" for loop, name in LOOPS)
    return frame.analysis(
        TITLE, told, charts.as_of, [chart.graph(_figure(charts), says, "循环占比", None), _numbers(charts)]
    )


def _figure(charts: AreaCharts) -> go.Figure:
    figure = go.Figure([_part(charts, *each) for each in zip(*zip(*LOOPS, strict=True), COLOURS, strict=True)])
    figure.update_layout(barmode="stack", showlegend=True, margin={"l": 12})
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(visible=False)
    return figure


def _part(charts: AreaCharts, loop: str, name: str, colour: str) -> go.Bar:
    found = charts.figures[f"share_{loop}"]
    share = found.value or 0
    return go.Bar(
        x=[share], y=[""], orientation="h", name=name, marker_color=colour, customdata=[found.link],
        text=[f"{share:.1%}" if share else ""], textposition="inside", insidetextanchor="middle", width=0.5,
        hovertemplate=f"{name}：{found.words}<extra></extra>",
    )  # fmt: skip


def _numbers(charts: AreaCharts) -> Component:
    rows = [
        (name, *(html.A(each.words, href=each.link, className="number") for each in _both(charts, loop)))
        for loop, name in LOOPS
    ]
    return chart.behind("数表", chart.table(("循环", "占化解总数", "本级化解率"), rows, TITLE))


def _both(charts: AreaCharts, loop: str) -> list[Figure]:
    return [charts.figures[f"{share}_{loop}"] for share in ("share", "resolved")]
