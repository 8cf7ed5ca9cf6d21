"""How long each step is waited for in an area: median and P90, those that still wait with their time so far."""

from __future__ import annotations

import math

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.indicators import Figure
from dashboard.area_charts import STEPS, AreaCharts
from dashboard.components import chart, frame

TITLE = "各环节用时"
KINDS = (("median", "中位数", chart.MAIN), ("p90", "P90", chart.PAST))
DRAWN = (("p90", "P90（十件中九件在此以内）", chart.PAST, 0.8), ("median", "中位数", chart.MAIN, 0.4))
"""The wider bar first: the median lies within it, and one line of words at its end tells both."""
TICKS = ((1, "1 分"), (10, "10 分"), (60, "1 小时"), (600, "10 小时"), (4320, "3 天"), (43200, "30 天"))


def layout(charts: AreaCharts) -> Component:
    """Two bars a step, one within the other, on a logarithmic axis; each opens its figure with its rows."""
    waiting = charts.figures["open"].base
    told = f"{charts.period.words} · 未结 {waiting} 件按已等时间计入"
    says = "；".join(f"{name} {_short(charts, step)}" for step, name in STEPS)
    body = [chart.graph(_figure(charts), says, "各环节用时", None), _numbers(charts)]
    return frame.analysis(TITLE, told, charts.as_of, body)


def _short(charts: AreaCharts, step: str) -> str:
    return " / ".join(_words(charts.figures[f"{step}_{kind}"]) for kind, _, _ in KINDS)


def _words(figure: Figure) -> str:
    """The time alone; its base stands beside it in the table."""
    return figure.words.partition("（")[0]


def _figure(charts: AreaCharts) -> go.Figure:
    figure = go.Figure([_bars(charts, *kind) for kind in DRAWN])
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
    ticks = {"tickvals": [minutes for minutes, _ in TICKS], "ticktext": [words for _, words in TICKS]}
    longest = max((each.value or 1 for each in charts.figures.values() if each.unit == "分钟"), default=1)
    figure.update_xaxes(type="log", range=[0, math.log10(max(longest, 60)) + 1.6], tickangle=0, **ticks)
    figure.update_layout(showlegend=True, barmode="overlay")
    return figure


def _bars(charts: AreaCharts, kind: str, name: str, colour: str, width: float) -> go.Bar:
    found = [charts.figures[f"{step}_{kind}"] for step, _ in STEPS]
    return go.Bar(
        x=[None if each.value is None else max(each.value, 1) for each in found],  # a logarithm has no zero
        y=[name for _, name in STEPS], orientation="h", name=name, marker_color=colour, width=width,
        text=[_short(charts, step) for step, _ in STEPS] if kind == "p90" else None,
        textposition="outside", cliponaxis=False, constraintext="none",
        customdata=[each.link for each in found], hovertext=[_words(each) for each in found],
        hovertemplate="%{y}：%{hovertext}<extra></extra>",
    )  # fmt: skip


def _numbers(charts: AreaCharts) -> Component:
    rows = [
        (
            charts.figures[f"{step}_median"].name.removesuffix("中位数"),
            *(html.A(_words(found), href=found.link, className="number") for found in _both(charts, step)),
            f"{_both(charts, step)[0].base}{'（小）' if _both(charts, step)[0].is_small else ''}",
        )
        for step, _ in STEPS
    ]
    return chart.behind("数表", chart.table(("环节", "中位数", "P90", "基数（件）"), rows, TITLE))


def _both(charts: AreaCharts, step: str) -> list[Figure]:
    return [charts.figures[f"{step}_{kind}"] for kind, _, _ in KINDS]
