"""The dispatch meeting: one first-level grid at a time, what is late, hard and silent there, and the decision taken.

`?grid=` looks at one while no meeting is held; `?screen=2` is the second screen, which follows the chair.
"""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import frame, menu
from dashboard.offloop import off_loop
from dashboard.panels import case_detail, meeting_floor, meeting_line, meeting_screen
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/meeting", "调度会"
ROLES = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST})
LIBRARIES: tuple[str, ...] = ()
LIGHT = {"data-theme": "light"}  # a projector in a lit room, whatever the walls' theme


async def layout(services: Services, **asked: str) -> Component:
    """Roll call on the left, what must be spoken of in the middle, the case and its decision on the right."""
    seen = visit()
    floor = await off_loop(meeting_floor.read, services, seen, asked.get("grid", ""))
    if asked.get("screen") == "2":
        return html.Main(meeting_screen.layout(meeting_screen.content(floor)), className="screen-page", **LIGHT)
    if floor is None:
        bar = menu.bar(NAME, seen.account)
        return html.Main([bar, frame.nothing("您的辖区里没有一级网格")], className="desk", **LIGHT)
    return html.Main(
        [
            menu.bar(NAME, seen.account),
            meeting_floor.layout(meeting_floor.content(floor)),
            html.Div([meeting_line.layout(floor), case_detail.layout()], className="desk-right"),
        ],
        className="desk meeting",
        **LIGHT,
    )


def register(app: Dash, services: Services) -> None:
    """The panels have the page's callbacks."""
