"""The pages, in the order of the menu, and the page of an address.

Each page module has PATH (a template such as `/grid/<code>`), NAME (the menu's word, "" for pages without an entry),
ROLES (who may open it), LIBRARIES (component libraries beside Dash's own) and `async layout(services, **asked)`, where
`asked` holds the parts of the template and the query, plus `register(app, services)`. A page with a map has LATE: what
the map's library loads only when it draws; such a page shows a first picture before Dash stands.
The factory sets `app.layout = shell()` and calls `register(app, services)` here once; nothing is discovered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from urllib.parse import parse_qsl, unquote

from dash import Dash, html
from dash.development.base_component import Component

from cases.errors import StoreUnavailable
from dashboard import panels
from dashboard.pages import (
    assessment,
    case,
    charts,
    devices,
    duty,
    feeds,
    figure,
    grid,
    handover,
    kiosk,
    kiosks,
    lasso,
    meeting,
    moments,
    register_import,
    registers,
    replay,
    supervision,
    wall,
)
from dashboard.panels import exercise_mark
from dashboard.services import Services
from dashboard.session import visit

PAGES: tuple[ModuleType, ...] = (
    wall,
    duty,
    meeting,
    charts,
    handover,
    supervision,
    assessment,
    grid,
    lasso,
    registers,
    register_import,
    figure,
    case,
    moments,
    kiosk,
    kiosks,
    feeds,
    devices,
)

PAGE = "page"


def shell(page: Component | None = None) -> Component:
    """What Dash draws: the page of the address, which comes with the HTML (dashboard/bundle.py)."""
    return html.Div([html.Div(page, id=PAGE, className="page"), exercise_mark.layout()])


def find(path: str) -> tuple[ModuleType, Mapping[str, str]] | None:
    """The page module of an address and the parts of its template; None when there is no such page."""
    for page in PAGES:
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", page.PATH)
        match = re.fullmatch(pattern, unquote(path))
        if match:
            return page, match.groupdict()
    return None


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of every page and of every panel that has one."""
    app.validation_layout = html.Div([shell(), *(panel.layout() for panel in panels.CLICKABLE)])
    for page in PAGES:
        page.register(app, services)
    for panel in panels.CLICKABLE:
        panel.register(app, services)


async def page_at(path: str, search: str, services: Services) -> Component:
    """The page of an address for the running visit, or words that say why not."""
    found = find(path)
    if found is None:
        return _refusal("没有这个页面", path)
    page, parts = found
    if visit().account.role not in page.ROLES:
        return _refusal("您的岗位不能打开这个页面", path)
    try:
        asked = dict(parse_qsl(search.lstrip("?")))
        if asked.get("at") and page is not wall:
            return replay.elsewhere(asked["at"])
        layout = await page.layout(services, **asked, **parts)
        return replay.marked(layout, asked["at"], services.clock()) if page is wall and asked.get("at") else layout
    except StoreUnavailable:
        return _refusal("暂时读不到数据，请稍候刷新", path)


def _refusal(words: str, path: str) -> Component:
    return html.Main([html.H1(words), html.P(path), html.A("回到大屏", href="/")], className="refusal")
