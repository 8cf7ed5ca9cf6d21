"""How long the stages are waited for: median and 90th percentile of those past it, those that still wait counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from dash import html
from dash.development.base_component import Component

from cases.happenings import SMALL_BASE, waits
from cases.indicators import Figure
from dashboard.cells import CellPast
from dashboard.components import chart
from dashboard.components.words import span_words

STEPS = (("accept", "立案"), ("dispatch", "派遣"), ("handle", "办理"), ("close", "结案"))
KINDS = ("median", "p90")
ASKED = tuple(f"{step}_{kind}" for step, _ in STEPS for kind in KINDS)


def layout(past: CellPast) -> Component:
    """One row a stage; a small base is marked at the number itself."""
    rows = [
        (
            row.stage,
            _span(row.median),
            _span(row.p90),
            f"{row.base}{'（小）' if row.base < SMALL_BASE else ''}",
            str(row.waiting),
        )
        for row in waits(past.happenings)
    ]
    heads = ("自上报到", "中位", "九成在", "已到（件）", "未到（件）")
    return chart.panel("各阶段用时", past, [chart.table(heads, rows, "各阶段用时")])


def of_figures(past: CellPast, figures: Mapping[str, Figure]) -> Component:
    """The same of a grid, by the register: open cases count with what they have waited; each opens its rows."""
    rows = [(words, *(_figure(figures[f"{step}_{kind}"]) for kind in KINDS)) for step, words in STEPS]
    told = chart.table(("自受理到", "中位", "九成在"), rows, "各阶段用时")
    note = "指标登记册，未到的按已等时间计"
    return chart.panel("各阶段用时", past, [told], base=figures["accept_median"].base, note=note)


def _figure(figure: Figure) -> Component:
    return html.A(figure.words, href=figure.link, className="number", title=figure.definition)


def _span(span: timedelta | None) -> str:
    return "—" if span is None else span_words(span)
