"""How far up matters had to go: settled in the grid, in the street, in the district (微循环 小循环 大循环)."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.model import Loop
from dashboard.components import frame
from dashboard.picture import Picture

ID, TITLE, SOURCE = "loop-bars", "循环", "案件库"

LOOP_NAMES = {Loop.MICRO: "微循环", Loop.SMALL: "小循环", Loop.LARGE: "大循环"}


def layout() -> Component:
    """The row's place."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Open cases by loop."""
    counts = {loop: int(picture.figures.loops.get(loop, 0)) for loop in Loop}
    items = [html.Span([LOOP_NAMES[loop], html.B(str(count)), html.Small("件")]) for loop, count in counts.items()]
    return frame.filled(picture, TITLE, "在办件所在层级", SOURCE, [html.Div(items, className="loops")])
