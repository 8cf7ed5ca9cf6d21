"""Two cells side by side: the same span, the same axis, each number with its base."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.happenings import SMALL_BASE, waits
from cases.indicators import Narrowing
from dashboard.cells import CellPast
from dashboard.components import chart
from dashboard.components.words import span_words


def layout(one: CellPast, other: CellPast) -> Component:
    """Weeks as lines on one axis, and a table of what can be set against each other."""
    rows = [
        ("受理（件）", *(chart.number(p.base, p.rows()) for p in (one, other))),
        ("最多的类别", *(_first_kind(p) for p in (one, other))),
        ("反复的地址（个）", *(str(len(p.repeats)) for p in (one, other))),
        *(
            (f"到{a.stage}中位", _wait(a), _wait(b))
            for a, b in zip(waits(one.happenings), waits(other.happenings), strict=True)
        ),
    ]
    table = chart.table(("", one.cell.name, other.cell.name), rows, "两个网格对比")
    away = html.P(html.A("结束对比", href=f"/grid/{one.cell.code}?weeks={len(one.starts)}"))
    drawn = chart.graph(
        _figure(one, other), f"{one.base} 件对 {other.base} 件", f"{one.cell.name}-对比-{other.cell.name}"
    )
    return chart.panel(
        f"对比：{one.cell.name} 与 {other.cell.name}", one, [drawn, table, away], base=one.base + other.base
    )


def _first_kind(past: CellPast) -> object:
    if not past.mix.kinds:
        return "—"
    code, count = past.mix.kinds[0]
    return html.Span([f"{category_of(code).name}（", chart.number(count, past.rows(Narrowing(category=code))), " 件）"])


def _wait(row: object) -> str:
    median, base = row.median, row.base  # type: ignore[attr-defined]
    if median is None:
        return "—"
    return f"{span_words(median)}（{base} 件{'，小' if base < SMALL_BASE else ''}）"


def _figure(one: CellPast, other: CellPast) -> go.Figure:
    labels = [start.astimezone(LOCAL).strftime("%m-%d") for start in one.starts]
    figure = go.Figure()
    for past, dash in ((one, "solid"), (other, "dash")):
        links = [past.week_rows(number) for number in range(len(labels))]
        line = {"width": 2, "dash": dash}
        figure.add_scatter(
            x=labels, y=list(past.weekly), name=past.cell.name, mode="lines+markers", line=line, customdata=links
        )
    figure.update_xaxes(type="category", nticks=9)
    return figure
