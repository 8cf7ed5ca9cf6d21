"""What the cases of an area are about: the most frequent kinds as bars, all of them as numbers."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from dashboard.area_charts import AreaCharts
from dashboard.components import chart, frame
from dashboard.components.words import clock_words

TITLE, SHOWN = "类别构成", 8


def layout(charts: AreaCharts) -> Component:
    """Counts and shares; each opens its rows."""
    kinds, base = charts.mix.kinds, charts.mix.base
    told, as_of = f"{charts.period.words} · 基数 {base} 件（按受理日归期）", clock_words(charts.now)
    if not kinds:
        return frame.analysis(TITLE, told, as_of, [frame.nothing("这段时间没有案件")])
    says = "；".join(f"{_name(code)} {count} 件" for code, count in kinds[:SHOWN])
    rows = [
        (_name(code), chart.number(count, charts.rows(category=code)), f"{count / base:.1%}") for code, count in kinds
    ]
    numbers = chart.behind(f"数表：{len(kinds)} 类", chart.table(("类别", "件", "占比"), rows, TITLE))
    return frame.analysis(
        TITLE, told, as_of, [chart.graph(_figure(charts), says, "类别构成", None), *_rest(charts), numbers]
    )


def _name(code: str) -> str:
    return category_of(code).name


def _rest(charts: AreaCharts) -> list[Component]:
    rest = charts.mix.kinds[SHOWN:]
    many = sum(count for _, count in rest)
    return [html.P(f"其余 {len(rest)} 类共 {many} 件，见数表", className="note")] if rest else []


def _figure(charts: AreaCharts) -> go.Figure:
    shown, base = charts.mix.kinds[:SHOWN], charts.mix.base
    counts = [count for _, count in shown]
    bars = go.Bar(
        x=counts, y=[_name(code) for code, _ in shown], orientation="h", marker_color=chart.MAIN,
        text=[f"{count} · {count / base:.0%}" for count in counts], textposition="outside", cliponaxis=False,
        constraintext="none", customdata=[charts.rows(category=code) for code, _ in shown],
        hovertemplate="%{y}：%{x} 件<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bars)
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
    figure.update_xaxes(range=[0, 1.3 * max(counts)], nticks=5)
    return figure
