"""`/registers/import`: a file into a register of 人地物事组织, seen before it is kept; for who may import."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.errors import CaseError
from cases.register_imports import IMPORTERS, check_importer
from dashboard.components import frame, menu
from dashboard.offloop import off_loop
from dashboard.panels import register_intake
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/registers/import", "导入"
ROLES = IMPORTERS
LIBRARIES: tuple[str, ...] = ()


async def layout(services: Services, **asked: str) -> Component:
    """The panel with the account's draft, if it has one."""
    seen = visit()
    bar = menu.bar(NAME, seen.account)
    try:
        check_importer(seen.account)
    except CaseError as problem:
        return html.Main([bar, frame.nothing(problem.msg)], className="desk")
    content = await off_loop(register_intake.content_of, services, seen)
    head = html.H2("导入登记册：选文件、看预览、再入库")
    return html.Main([bar, html.Div([head, register_intake.layout(content)], className="forms-page")], className="desk")


def register(app: Dash, services: Services) -> None:
    """The panel has the page's only callback."""
