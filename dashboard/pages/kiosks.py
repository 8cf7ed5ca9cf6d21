"""大屏终端: where the administrator opens screens that nobody signs in at, and ends them."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import menu
from dashboard.offloop import off_loop
from dashboard.panels import kiosk_desk
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/kiosks", "终端"
ROLES = frozenset({Role.ADMIN})
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **_: str) -> Component:
    """The list and its form."""
    rows = await off_loop(kiosk_desk.rows_of, services)
    return html.Main([menu.bar(NAME, visit().account), html.Div(kiosk_desk.layout(rows))], className="desk one-list")


def register(app: Dash, services: Services) -> None:
    """The panel has the page's only callback."""
