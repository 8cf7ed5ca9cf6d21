"""One case on a page of its own: the pane of the desk in full width, kept current by hints."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import menu
from dashboard.panels import case_detail
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/case/<no>", "案件"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **asked: str) -> Component:
    """The pane with the case of the address already in it."""
    number, seen = asked["no"], visit()
    pane = await case_detail.pane_of(number, services, seen)
    return html.Main(
        [
            menu.bar(NAME, seen.account),
            html.Div(case_detail.layout(number, pane), className="case-page", **{"data-shown-case": number}),
        ],
        className="desk one-case",
    )


def register(app: Dash, services: Services) -> None:
    """The pane has its own callbacks."""
