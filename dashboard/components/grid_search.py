"""A field that goes to a grid by its name, its code or the first letters of its pinyin (assets/grid_search.js)."""

from __future__ import annotations

from collections.abc import Iterable

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.grid_finder import initials
from geo.grids import Grid

NAMES = "grid-search-names"
MOST = 3_000  # beyond it a page would carry more names than picture


def field(grids: Iterable[Grid], weeks: int) -> Component:
    """The field with all it may complete; the outer grids come first."""
    shown = [f"{grid.name} {initials(grid.name)} {grid.code}" for grid in grids][:MOST]
    words = dcc.Input(
        placeholder="网格名、首字母或编码", list=NAMES, maxLength=60, autoComplete="off", className="grid-search"
    )
    names = html.Datalist([html.Option(value=each) for each in shown], id=NAMES)
    return html.Span([words, names], **{"data-grid-search": str(weeks), "title": "回车前往"})
