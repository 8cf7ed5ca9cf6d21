"""设备密钥: where an administrator of the whole room gives, changes and ends the keys of devices."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import frame, menu
from dashboard.offloop import off_loop
from dashboard.panels import device_desk
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/devices", "设备"
ROLES = frozenset({Role.ADMIN})
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **_: str) -> Component:
    """The list and its form."""
    seen = visit()
    if seen.scope.area:
        body = frame.nothing("只有全域的管理员可以管理设备")
    else:
        body = device_desk.layout(await off_loop(device_desk.rows_of, services))
    return html.Main([menu.bar(NAME, seen.account), body], className="desk one-list")


def register(app: Dash, services: Services) -> None:
    """The panel has the page's only callback."""
