"""How long the stages are waited for: median and 90th percentile of those past it, those that still wait counted."""

from __future__ import annotations

from datetime import timedelta

from dash.development.base_component import Component

from cases.happenings import SMALL_BASE, waits
from dashboard.cells import CellPast
from dashboard.components import chart
from dashboard.components.words import span_words


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


def _span(span: timedelta | None) -> str:
    return "—" if span is None else span_words(span)
