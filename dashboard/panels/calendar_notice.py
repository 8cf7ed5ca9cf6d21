"""工作日历未公布: a warning while due times on the screen lie in a year whose official calendar is not in."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.picture import Picture

ID = "calendar-notice"
WHY = "这些年份的放假调休安排尚未录入，时限暂按周一至周五推算；官方安排录入后自动重算。"


def layout() -> Component:
    """Its place in a head line; empty while every year is known."""
    return html.Div(id=ID, className="calendar-notice", role="status", title=WHY)


def render(picture: Picture) -> dict[str, object]:
    """Which years are guessed."""
    years = "、".join(str(year) for year in picture.guessed_years)
    return {"children": [html.Span(f"⚠ {years} 年工作日历未公布，时限暂按周一至周五推算")] if years else []}
