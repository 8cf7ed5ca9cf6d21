"""A chart with its words: Plotly in one template, its period, base and time above, its rows and files below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from cases.happenings import SMALL_BASE
from cases.indicators import Period
from dashboard.cells import CellPast
from dashboard.components.words import clock_words

PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"  # which dcc.Graph waits for

INK, LINE, MAIN, PAST, REST = "#75859f", "#8c9cb533", "#4f8fd6", "#9a8fb8", "#7d8a9c"
"""Middle tones that stand on dark and on light ground alike; assets/grid.css gives text and lines the theme's own."""
BLUES = [(0.0, "rgba(79,143,214,0.06)"), (1.0, "rgba(79,143,214,1)")]

TEMPLATE = go.layout.Template(
    layout=go.Layout(
        font={"family": "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 44, "r": 12, "t": 26, "b": 34},
        colorway=[MAIN, PAST],
        xaxis={"gridcolor": LINE, "zeroline": False, "fixedrange": True},
        yaxis={"gridcolor": LINE, "zeroline": False, "rangemode": "tozero", "fixedrange": True},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left", "traceorder": "normal"},
        bargap=0.15,
        hovermode="closest",
    )
)


def graph(figure: go.Figure, says: str, name: str, height: int | None = 220) -> Component:
    """A Plotly chart whose points open what their `customdata` names (assets/grid_charts.js); `says` is it in words.

    `height` in pixels; None fills the place it is given by the style sheet.
    """
    figure.update_layout(template=TEMPLATE, height=height, autosize=True)
    config = {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        "locale": "zh-CN",
        "responsive": True,
        "scrollZoom": False,
    }
    high = "100%" if height is None else f"{height}px"
    drawn = dcc.Graph(figure=figure, config=config, style={"height": high})
    place = {} if height is None else {"minHeight": high}
    return html.Div(drawn, className="chart", role="figure", style=place, **{"aria-label": says})


def panel(
    title: str, past: CellPast, body: Sequence[Component], *, base: int | None = None, note: str = ""
) -> Component:
    """A panel of the analyst: period, base and as_of over it; its rows and a file of them under it."""
    count = past.base if base is None else base
    small = "，基数小，只供参考" if count < SMALL_BASE else ""
    told = f"{period_words(past.period)} · 基数 {count} 件{small}" + (f" · {note}" if note else "")
    cut = (
        [html.P(f"案件超过一次读取的 {len(past.happenings)} 件，位置检验和近重复只算最新的", className="near")]
        if past.is_cut
        else []
    )
    return html.Section([head(title, told, past.now), *cut, *body, _foot(past)], className="panel analysis")


def head(title: str, told: str, as_of: datetime) -> Component:
    """Name, what it is made of, source and time."""
    source = html.Span(f"案件库 · 截至 {clock_words(as_of)}", className="source")
    return html.Header([html.H2(title), html.Span(told, className="note"), source], className="panel-head")


def _foot(past: CellPast) -> Component:
    rows = html.A("明细", href=past.rows())
    file = html.A("导出明细 CSV", href=past.file, download="")
    return html.P([rows, file], className="panel-foot")


def number(count: int, href: str) -> Component:
    """A number that opens its rows; nothing has no rows."""
    return html.A(str(count), href=href, className="number") if count else html.Span("0", className="number")


def period_words(period: Period) -> str:
    """2026-09-01 至 2026-11-22, both included."""
    return f"{period.first} 至 {period.last}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], says: str) -> Component:
    """A plain table; numbers stand right."""
    top = html.Thead(html.Tr([html.Th(name) for name in heads]))
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    return html.Div(html.Table([top, body], className="plain", **{"aria-label": says}), className="scrolls-x")


def behind(words: str, shown: Component) -> Component:
    """What a chart draws, as numbers that open their rows."""
    return html.Details([html.Summary(words), shown], className="numbers")
