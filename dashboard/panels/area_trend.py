"""Received week by week against the same weeks of the year before, as the register counts them."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.indicators import REGISTER, Figure
from dashboard.area_charts import AreaCharts
from dashboard.components import chart, frame

TITLE = "每周受理与去年同期（件）"


def layout(charts: AreaCharts) -> Component:
    """Bars for this year, a dashed line for the year before; each point opens its figure with its rows."""
    told = f"{charts.period.words} · 共 {_total(charts)} 件 · 末周未满，去年同期取同样天数"
    says = _says(charts)
    notes = [html.P(words, className="note") for words in _missing(charts)]
    body = [chart.graph(_figure(charts), says, "每周受理", None), *notes, _numbers(charts, says)]
    return frame.analysis(TITLE, told, charts.as_of, body)


def _missing(charts: AreaCharts) -> list[str]:
    """What cannot be drawn, in words."""
    known = sum(each is not None for each in charts.year_ago)
    lacking = len(charts.year_ago) - known
    late = [f"记录自 {charts.since} 起"] if charts.since is not None and charts.since > charts.period.first else []
    if not known:
        return ["；".join([*late, "去年同期没有记录，不作比较"])]
    return ["；".join([*late, f"去年同期有 {lacking} 周没有记录，不画"])] if lacking else []


def _is_known(charts: AreaCharts, week: Figure) -> bool:
    return charts.since is not None and week.period.last >= charts.since


def _total(charts: AreaCharts) -> int:
    return sum(each.base for each in charts.weekly)


def _says(charts: AreaCharts) -> str:
    pairs = [(now, ago) for now, ago in zip(charts.weekly, charts.year_ago, strict=True) if ago is not None]
    told = f"{len(charts.weekly)} 周受理 {_total(charts)} 件"
    if not pairs:
        return told
    mine, other = sum(now.base for now, _ in pairs), sum(ago.base for _, ago in pairs)
    return f"{told}；可比 {len(pairs)} 周 {mine} 件，去年同期 {other} 件"


def _labels(charts: AreaCharts) -> list[str]:
    return [f"{each.period.first:%m-%d}" for each in charts.weekly]


def _figure(charts: AreaCharts) -> go.Figure:
    labels = _labels(charts)
    bars = go.Bar(
        x=labels, y=[each.base if _is_known(charts, each) else None for each in charts.weekly], name="本期",
        marker_color=chart.MAIN, customdata=[each.link for each in charts.weekly],
        hovertemplate="%{x} 起一周：%{y} 件<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bars)
    if any(each is not None for each in charts.year_ago):
        figure.add_scatter(
            x=labels, y=[None if each is None else each.base for each in charts.year_ago], name="去年同期",
            mode="lines+markers", line={"color": chart.PAST, "dash": "dash", "width": 2},
            customdata=[None if each is None else each.link for each in charts.year_ago],
            hovertemplate="去年同期：%{y} 件<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="category", nticks=9)
    figure.update_layout(showlegend=True)
    return figure


def _numbers(charts: AreaCharts, says: str) -> Component:
    rows = [
        (
            label,
            chart.number(now.base, now.link) if _is_known(charts, now) else "无记录",
            "无记录" if ago is None else chart.number(ago.base, ago.link),
        )
        for label, now, ago in zip(_labels(charts), charts.weekly, charts.year_ago, strict=True)
    ]
    heads = ("周起", REGISTER["received"].unit, "去年同期")
    return chart.behind(f"数表：{says}", chart.table(heads, rows, TITLE))
