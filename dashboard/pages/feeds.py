"""数据接入: rates, lag, refusals by code and device, dead letters; for the whole room only."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import menu
from dashboard.panels import feed_watch
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/feeds", "接入"
ROLES = frozenset({Role.ADMIN, Role.DUTY, Role.LEADER})
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **_: str) -> Component:
    """The panel with its state now."""
    body = feed_watch.layout(await feed_watch.state_of(services))
    return html.Main([menu.bar(NAME, visit().account), body], className="desk one-list")


def register(app: Dash, services: Services) -> None:
    """The panel has the page's callbacks."""
