"""The head line of every desk page: where one is, where one can go, who one is."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.model import Account, Role
from cases.register_imports import IMPORTERS

ENTRIES = (
    ("/", "大屏"),
    ("/duty", "值班台"),
    ("/meeting", "调度会"),
    ("/charts", "图表"),
    ("/supervision", "督办"),
    ("/assessment", "考评"),
    ("/reports", "报告"),
    ("/registers", "底数"),
    ("/registers/import", "导入"),
    ("/handover", "交接班"),
    ("/feeds", "接入"),
    ("/devices", "设备"),
    ("/kiosks", "终端"),
)
_HANDS = frozenset({Role.UNIT, Role.VERIFIER})
_NOT_ADMIN = frozenset(Role) - {Role.ADMIN}
NOT_FOR = {
    "/meeting": _HANDS,
    "/assessment": _HANDS,
    "/registers/import": frozenset(Role) - IMPORTERS,
    "/reports": _HANDS,
    "/handover": _HANDS | {Role.ANALYST},
    "/feeds": _HANDS | {Role.ANALYST},
    "/devices": _NOT_ADMIN,
    "/kiosks": _NOT_ADMIN,
}
"""Entries that some roles may not open, and so do not see."""

SEAT = "seat-state"

ROLE_NAMES = {
    Role.DUTY: "值班员",
    Role.LEADER: "指挥长",
    Role.ANALYST: "分析员",
    Role.ADMIN: "管理员",
    Role.UNIT: "承办单位",
    Role.VERIFIER: "核查员",
    Role.WORKER: "网格员",
    Role.SYSTEM: "系统",
    Role.KIOSK: "大屏",
}


def entries(role: Role) -> list[tuple[str, str]]:
    """Address and name of each page that a role may open."""
    return [(href, name) for href, name in ENTRIES if role not in NOT_FOR.get(href, ())]


def bar(here: str, account: Account, middle: Component | None = None) -> Component:
    """Links, what the page puts in the middle, link state and time, the account and the way out."""
    links = [html.A(n, href=href, className="here" if n == here else "") for href, n in entries(account.role)]
    seat = html.Div(id=SEAT, role="status")  # filled by the panel of that name
    out = html.Button("退出", className="sign-out", **{"data-sign-out": ""})
    who = html.Span(f"{account.display or account.name} · {ROLE_NAMES[account.role]}", className="who")
    clock = html.Span([html.Span(className="link-state"), html.Time(**{"data-clock": "time"})], className="bar-clock")
    return html.Header([html.Nav(links), middle or html.Span(), seat, clock, who, theme(), out], className="desk-head")


def theme() -> Component:
    """The next of the themes, by key or click; assets/theme.js remembers it for this browser."""
    return html.Button([html.Kbd("F8"), "明暗"], className="next-theme", **{"data-next-theme": "", "data-key": "F8"})
