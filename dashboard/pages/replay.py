"""What makes the wall a wall of the past: its mark, its way back to now, and nothing left on it that acts."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from dashboard.past import NOT_THEN, BadMoment, moment_of

ACTS = frozenset(
    {
        "case-detail",
        "alarm-call",
        "alert-detail",
        "alert-detail-chosen",
        "alert-list-command",
        "alert-list-answer",
    }
)
"""What on the wall takes a step, or shows the present beside the past."""


def marked(wall: Component, asked: str, now: datetime) -> Component:
    """The wall of the moment that was asked for (a link's `at`), or words that say why there is none."""
    try:
        at = moment_of(asked, now)
    except BadMoment as problem:
        back = html.A("回到现在", href="/", className="replay-now")
        return html.Main([html.H1(problem.msg), back], className="refusal")
    _strip(wall)
    wall.className = f"{wall.className} past"
    wall.children = [*wall.children, _banner()]
    setattr(wall, "data-past", at.isoformat())
    return wall


def elsewhere(asked: str) -> Component:
    """What a page says that has no past of its own: never the present in its place."""
    there = html.A("到大屏看那一时刻", href=f"/?at={quote(asked)}", className="replay-now")
    return html.Main([html.H1("这个页面只有现在；过去的时刻在大屏上回看"), there], className="refusal")


def _banner() -> Component:
    """Says on every screen that this is the past; the moment is written by assets/replay.js."""
    return html.Div(
        [
            html.B("历史画面"),
            html.Span("正在读取…", id="replay-moment"),
            html.Span("不是现在 · 只可查看", className="replay-note"),
            html.Span(id="replay-trouble", role="alert"),
            html.A([html.Kbd("Q"), "回到现在"], href="/", className="replay-now", **{"data-key": "q"}),
        ],
        id="replay-banner",
        role="status",
    )


def _strip(component: Component) -> None:
    """Take out, wherever they stand, what acts and what is of now only."""
    inside = getattr(component, "children", None)
    if isinstance(inside, Component):
        inside = [inside]
    if not isinstance(inside, list | tuple):
        return
    kept = [each for each in inside if not (isinstance(each, Component) and _is_out(each))]
    for each in kept:
        if isinstance(each, Component):
            _strip(each)
    component.children = kept


def _is_out(component: Component) -> bool:
    """Whether it goes, itself or as the frame around what goes."""
    return getattr(component, "id", None) in ACTS | NOT_THEN
