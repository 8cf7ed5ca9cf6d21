"""Two moments side by side: two walls of the past, each with its own time bar."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.past import BadMoment, moment_of
from dashboard.services import Services

PATH, NAME = "/moments", ""
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **asked: str) -> Component:
    """`left` and `right` name the moments; without them an hour ago and now."""
    now = services.clock()
    before = (now - timedelta(hours=1)).isoformat(timespec="seconds")
    left, right = asked.get("left") or before, asked.get("right") or now.isoformat(timespec="seconds")
    try:
        sides = [(moment_of(each, now), words) for each, words in ((left, "左：一个时刻"), (right, "右：另一个时刻"))]
    except BadMoment as problem:
        return html.Main([html.H1(problem.msg), html.A("回到现在", href="/")], className="refusal")
    frames = [html.Iframe(src=f"/?at={quote(at.isoformat())}&framed=1", title=words) for at, words in sides]
    return html.Main([*frames, html.A("回到现在", href="/", className="moments-back")], className="moments")


def register(app: Dash, services: Services) -> None:
    """The page has no callback of its own."""
