"""Whose wall this is: the centre, the area that the session may see, and the grids' counts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.picture import Picture

ID = "room-title"


def layout() -> Component:
    """The left end of the head line."""
    return html.Div(id=ID, className="room-title")


def render(picture: Picture) -> dict[str, object]:
    """Centre › area."""
    return {
        "children": [html.B(picture.title), html.Span(f"› {picture.area_name if picture.audience.area else '全域'}")]
    }
