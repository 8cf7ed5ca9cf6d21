"""预警: what waits for a person, gravest and oldest first, and who answered the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.errors import CaseError
from cases.model import Alert, AlertNo, AlertState
from dashboard.components import frame
from dashboard.components.signs import LEVEL_NAMES, counting, hazard
from dashboard.components.words import moment_words, place_words
from dashboard.escalation import LEVEL_WORDS, Group, Level, grouped, is_waiting, level_of
from dashboard.picture import Picture
from dashboard.services import Services
from dashboard.session import visit

ID, TITLE, SOURCE = "alert-list", "预警", "预警记录"
COMMAND, ANSWER = f"{ID}-command", f"{ID}-answer"
SHOWN, MOST = 6, 50

STATE_NAMES = {AlertState.ACKNOWLEDGED: "确认", AlertState.SHELVED: "静默", AlertState.RAISED: "已立案"}


def layout() -> Component:
    """The list's place; a click or the key A becomes a command in the store (assets/keys.js)."""
    return html.Div(
        [frame.place(ID, TITLE, SOURCE), dcc.Store(id=COMMAND), html.P(id=ANSWER, className="answer", role="status")],
        className="alert-list-place",
    )


def render(picture: Picture) -> dict[str, object]:
    """Rows of alerts; the empty list says that nothing waits, not that nothing was read."""
    waiting = sum(is_waiting(alert, picture.as_of) for alert in picture.alerts)
    risen = sum(level_of(alert, picture.as_of) > Level.SEAT for alert in picture.alerts)
    note = f"未确认 {waiting}{f'（升级 {risen}）' if risen else ''} · 近 24 小时 {len(picture.alerts)}"
    groups = grouped(picture.alerts, picture.as_of)
    first = next((group.first.no for group in groups if is_waiting(group.first, picture.as_of)), None)
    rows = [row(group, picture, group.first.no == first) for group in groups[:SHOWN]]
    body = html.Ul(rows, className="rows") if rows else frame.nothing("近 24 小时没有预警")
    left = sum(len(group.alerts) for group in groups[SHOWN:])
    more = [html.P(f"另有 {left} 件未列出", className="more")] if left else []
    return frame.filled(picture, TITLE, note, SOURCE, [body, *more])


def row(group: Group, picture: Picture, is_first: bool) -> Component:
    """One alert, or several of one source: triangle, words and place, and how long it waits or who answered when.

    A answers the first row, all alerts of it at once.
    """
    alert = group.first
    answered = not is_waiting(alert, picture.as_of)
    several = f" · 同源 {len(group.alerts)} 起" if len(group.alerts) > 1 else ""
    risen = LEVEL_WORDS[level_of(alert, picture.as_of)]
    words = [
        html.B([*_drill(alert), f"{alert.kind}{several}"]),
        html.Span(f"{LEVEL_NAMES[alert.level]} · {place_words(alert.place.grids, picture.grid_names)}"),
        *([html.Span(risen, className="risen")] if risen else []),
    ]
    end = _answered(alert, picture) if answered else _asking(group, picture, is_first)
    return html.Li(
        [hazard(alert.level, answered), html.Div(words, className="words"), html.Div(end, className="end")],
        className=f"alert {alert.level} {'answered' if answered else 'open'}",
        **{"data-alert": alert.no, "data-state": alert.state, "data-level": alert.level},
    )


def _drill(alert: Alert) -> list[Component]:
    return [html.Em("演练")] if alert.exercise else []


def _asking(group: Group, picture: Picture, is_first: bool) -> list[Component]:
    alert, numbers = group.first, " ".join(each.no for each in group.alerts)
    press = html.Button(
        ["按 ", html.Kbd("A"), " 确认"] if is_first else "确认",
        className="acknowledge",
        **{"data-acknowledge": numbers},
    )
    return [html.B(counting(alert.at, picture.as_of)), press]


def _answered(alert: Alert, picture: Picture) -> list[Component]:
    at = moment_words(alert.acted_at, picture.as_of) if alert.acted_at else ""
    until = f"至 {moment_words(alert.shelved_until, picture.as_of)}" if alert.shelved_until else ""
    return [html.B(alert.by or ""), html.Span(f"{at} {STATE_NAMES[alert.state]}{until}", title=alert.why)]


def register(app: Dash, services: Services) -> None:
    """Carry a person's answer to an alert to the desk."""

    @app.callback(Output(ANSWER, "children"), Input(COMMAND, "data"), prevent_initial_call=True)
    async def answer(command: Mapping[str, object] | None) -> str:
        return await acknowledge(str((command or {}).get("alert", "")), services)


async def acknowledge(number: str, services: Services) -> str:
    """Acknowledge alerts (numbers with spaces between) for the running visit; words for the list's foot, or none."""
    seen = visit()
    try:
        for each in number.split()[:MOST]:
            await asyncio.to_thread(
                services.desk.act_on_alert, AlertNo(each), "acknowledge", {}, seen.actor, seen.scope, services.clock()
            )
    except CaseError as problem:
        return f"未能确认：{problem.msg}"
    return ""
