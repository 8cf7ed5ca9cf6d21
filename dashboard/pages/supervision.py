"""督办与整改: the ladder 催办 → 督办 → 挂牌督办, and the ledger 立号 → 整改 → 复核 → 销号 with its 回头看.

`?case=` and `?reason=` fill the form of a new supervision beforehand.
"""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import CaseNo, Role
from dashboard.components import menu
from dashboard.offloop import off_loop
from dashboard.panels import rectification_ledger, supervision_ladder
from dashboard.panels.supervision_ladder import Asked
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/supervision", "督办"
ROLES = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST, Role.UNIT, Role.VERIFIER})
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **asked: str) -> Component:
    """Both panels for the visit's area, or a unit's own matters."""
    seen = visit()
    body = await off_loop(_read, services, seen, asked)
    return html.Main([menu.bar(NAME, seen.account), html.Div(body, className="forms-page")], className="desk")


def _read(services: Services, seen: Visit, asked: dict[str, str]) -> list[Component]:
    case = services.views.case(CaseNo(asked["case"]), seen.scope) if asked.get("case") else None
    names = {unit.id: unit.name for unit in services.directory.units()}
    begun = Asked(case.no, asked.get("reason", ""), names.get(case.unit or "", "")) if case else Asked()
    return [
        supervision_ladder.layout(supervision_ladder.content_of(services, seen, begun)),
        rectification_ledger.layout(rectification_ledger.content_of(services, seen)),
        supervision_ladder.completions(services, seen),
    ]


def register(app: Dash, services: Services) -> None:
    """The panels have the page's callbacks."""
