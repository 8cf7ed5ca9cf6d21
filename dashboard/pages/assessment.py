"""月考评 of units, never of persons: `?month=2026-10`, by default the newest month that is over."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.assessment import Month
from cases.assessment_desk import last_month
from cases.errors import BadAction
from cases.model import Role
from dashboard.components import frame, menu
from dashboard.offloop import off_loop
from dashboard.panels import assessment_table
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/assessment", "考评"
ROLES = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST})
LIBRARIES: tuple[str, ...] = ()
MONTHS = 12


async def layout(services: Services, **asked: str) -> Component:
    """A month's table with the way to the others."""
    seen, newest = visit(), last_month(services.clock())
    try:
        month = Month.read(asked["month"]) if asked.get("month") else newest
    except BadAction as problem:
        return html.Main([menu.bar(NAME, seen.account), frame.nothing(problem.msg)], className="desk")
    content = await off_loop(assessment_table.content_of, services, seen, month)
    body = html.Div([_months(newest, month), assessment_table.layout(content)], className="forms-page")
    return html.Main([menu.bar(NAME, seen.account), body], className="desk")


def _months(newest: Month, here: Month) -> Component:
    """The running month and the twelve before it."""
    months = [Month(newest.year + newest.month // 12, newest.month % 12 + 1), newest]
    while len(months) <= MONTHS:
        months.append(months[-1].before)
    links = [
        html.A(str(each), href=f"{PATH}?month={each}", className="here" if each == here else "") for each in months
    ]
    return html.Nav(links, className="spans", **{"aria-label": "月份"})


def register(app: Dash, services: Services) -> None:
    """The panel has the page's only callback."""
