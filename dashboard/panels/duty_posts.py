"""Who is on duty now, by post."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.picture import Picture

ID = "duty-posts"


def layout() -> Component:
    """The right end of the head line, before the clock."""
    return html.Div(id=ID, className="duty-posts")


def render(picture: Picture) -> dict[str, object]:
    """Post and name, or that no roster was entered."""
    if not picture.duty:
        return {"children": html.Span("未录入值班表", className="note")}
    return {"children": [html.Span([html.Small(post.post), post.name]) for post in picture.duty[:4]]}
