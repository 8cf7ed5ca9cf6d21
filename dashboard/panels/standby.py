"""The standby scene of a wall at rest: the time, who is on duty, and in one line that all is calm."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.panels.situation import situation
from dashboard.picture import Picture

ID = "standby"
TIME, DAY = {"data-clock": "time"}, {"data-clock": "day"}


def layout() -> Component:
    """The scene's place; assets/kiosk.js shows it in its turn."""
    return html.Section(
        [
            html.Div(
                [html.Time(**{"data-clock": "time"}), html.Span(**{"data-clock": "day"})], className="standby-clock"
            ),
            html.Div(id=ID, className="standby-duty"),
        ],
        className="scene-standby",
        **{"aria-label": "值守"},
    )


def render(picture: Picture) -> dict[str, object]:
    """Posts with names, the situation sentence, the day's two counts."""
    posts = [html.Li([html.Span(each.post), html.B(each.name)]) for each in picture.duty]
    roster = html.Ul(posts, className="standby-posts") if posts else html.P("未录入值班表", className="nothing")
    figures = picture.figures
    line = f"今日受理 {figures.reported_today} 件 · 办结 {figures.closed_today} 件 · 在办 {figures.open} 件"
    return {
        "children": [html.H2(picture.title), html.P(situation(picture).words, className="lead"), roster, html.P(line)]
    }
