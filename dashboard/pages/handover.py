"""交接班: what the watch leaves to the next, signed by both; `?no=` shows a past handover as it was signed."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.components import frame, menu
from dashboard.offloop import off_loop
from dashboard.panels import handover
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/handover", "交接班"
ROLES = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN})
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **asked: str) -> Component:
    """The digest as it is now with its signatures, or one handover of the visit's own area."""
    seen, now = visit(), services.clock()
    if asked.get("no"):
        shift = await off_loop(services.registry.shifts.shift, asked["no"], seen.scope.area)
        body = handover.record(shift, now) if shift else [frame.nothing("没有这次交接，或不在您的辖区")]
    else:
        body = handover.content(await off_loop(handover.read, services, seen), seen.account, now)
    return html.Main([menu.bar(NAME, seen.account), handover.layout(body)], className="desk handover")


def register(app: Dash, services: Services) -> None:
    """The panel has the page's only callback."""
