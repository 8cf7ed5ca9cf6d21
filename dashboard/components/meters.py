"""Bars and small series without a chart library; a series is a canvas drawn by assets/series.js."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component


def meter(label: str, value: int, most: int, tone: str = "", unit: str = "", href: str = "") -> Component:
    """One row: label, bar (its share of `most`), number; with `href` the row opens what it counts."""
    share = 0 if most <= 0 else round(100 * value / most)
    cells = [
        html.Span(label, className="meter-label"),
        html.Span(html.I(style={"width": f"{share}%"}), className="meter-bar"),
        html.Span([str(value), html.Small(unit)] if unit else str(value), className="meter-value"),
    ]
    name = f"meter {tone}".strip()
    return html.A(cells, href=href, className=name) if href else html.Div(cells, className=name)


def series(
    values: Sequence[float],
    usual: Sequence[float],
    says: str,
    *,
    count: int = 24,
    names: Sequence[str] = ("0 时", "6 时", "12 时", "18 时"),
) -> Component:
    """A small series over `count` steps: bars of `values`, a dashed line of `usual`, `names` below at equal distances.

    `says` is the same in words, for assistive tools and tests.
    """
    attributes = {
        "data-series": "steps",
        "data-count": str(count),
        "data-names": ",".join(names),
        "data-values": ",".join(f"{value:g}" for value in values),
        "data-usual": ",".join(f"{value:.4g}" for value in usual),
        "aria-label": says,
    }
    return html.Div(className="series", role="img", **attributes)
