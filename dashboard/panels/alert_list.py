"""预警: what waits for a person, gravest and oldest first, who was told of it, and who answered the others."""

from __future__ import annotations

from collections.abc import Mapping

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.alerts import LEVEL_WORDS, AlertAction, Group, Level, grouped, is_waiting
from cases.errors import CaseError
from cases.model import Alert, AlertNo, AlertState
from dashboard.components import frame
from dashboard.components.signs import LEVEL_NAMES, counting, hazard
from dashboard.components.words import moment_words, place_words
from dashboard.offloop import off_loop
from dashboard.panels import alert_detail
from dashboard.picture import Picture
from dashboard.services import Services
from dashboard.session import visit

ID, TITLE, SOURCE = "alert-list", "预警", "预警记录"
COMMAND, ANSWER = f"{ID}-command", f"{ID}-answer"
SHOWN, MOST = 6, 50

STATE_NAMES = {AlertState.ACKNOWLEDGED: "确认", AlertState.SHELVED: "静默", AlertState.RAISED: "已立案"}


def layout() -> Component:
    """The list's place; a click or a key (A confirms, F4 puts aside) becomes a command in the store (assets)."""
    return html.Div(
        [
            frame.place(ID, TITLE, SOURCE),
            dcc.Store(id=COMMAND),
            html.P(id=ANSWER, className="answer", role="status"),
            alert_detail.layout(),
        ],
        className="alert-list-place",
    )


def render(picture: Picture) -> dict[str, object]:
    """Rows of alerts; the empty list says that nothing waits, not that nothing was read."""
    waiting = [alert for alert in picture.alerts if is_waiting(alert, picture.as_of)]
    resting = sum(alert.state is AlertState.SHELVED for alert in picture.alerts)
    risen = sum(alert.risen > Level.SEAT for alert in waiting)
    counts = [f"未确认 {len(waiting)}{f'（升级 {risen}）' if risen else ''}", f"近 24 小时 {len(picture.alerts)}"]
    note = " · ".join([*counts[:1], *([f"静默 {resting}"] if resting else []), *counts[1:]])
    groups = grouped(picture.alerts, picture.as_of, picture.patience)
    first = next((group.first.no for group in groups if is_waiting(group.first, picture.as_of)), None)
    rows = [row(group, picture, group.first.no == first) for group in groups[:SHOWN]]
    body = html.Ul(rows, className="rows") if rows else frame.nothing("近 24 小时没有预警")
    left = sum(len(group.alerts) for group in groups[SHOWN:])
    more = [html.P(f"另有 {left} 件未列出", className="more")] if left else []
    return frame.filled(picture, TITLE, note, SOURCE, [body, *more])


def row(group: Group, picture: Picture, is_first: bool) -> Component:
    """One alert, or several of one source: triangle, words and place, and how long it waits or who answered when.

    A answers the first row, all its alerts at once; F4 opens it to put it aside; a click on the words tells its story.
    """
    alert = group.first
    answered = not is_waiting(alert, picture.as_of)
    several = f" · 同源 {len(group.alerts)} 起" if len(group.alerts) > 1 else ""
    risen = "" if answered else risen_words(alert, picture)
    words = [
        html.B([*_drill(alert), f"{alert.kind}{several}"]),
        html.Span(f"{LEVEL_NAMES[alert.level]} · {place_words(alert.place.grids, picture.grid_names)}"),
    ]
    told = [html.Span(risen, className="risen", title=risen)] if risen else []
    end = _answered(alert, picture) if answered else _asking(group, picture, is_first)
    story = {"data-alert-story": _numbers(group), "role": "button", "tabIndex": "0", "title": "看经过"}
    return html.Li(
        [
            hazard(alert.level, answered),
            html.Div(words, className="words", **story),
            html.Div(end, className="end"),
            *told,
        ],
        className=f"alert {alert.level} {'answered' if answered else 'open'}",
        **{
            "data-alert": alert.no,
            "data-state": alert.state,
            "data-level": alert.level,
            "data-risen": str(alert.risen),
        },
    )


def risen_words(alert: Alert, picture: Picture) -> str:
    """Who was told of an alert that nobody answered, and when; "" while it is the seat's own business."""
    if not alert.risen:
        return ""
    when = f" {moment_words(alert.risen_at, picture.as_of)}" if alert.risen_at else ""
    return f"{LEVEL_WORDS[Level(alert.risen)]}{when} · {'、'.join(alert.told) or '无此级账号，请电话报告'}"


def _numbers(group: Group) -> str:
    return " ".join(each.no for each in group.alerts)


def _drill(alert: Alert) -> list[Component]:
    return [html.Em("演练")] if alert.exercise else []


def _asking(group: Group, picture: Picture, is_first: bool) -> list[Component]:
    numbers = _numbers(group)
    press = html.Button(
        ["按 ", html.Kbd("A"), " 确认"] if is_first else "确认",
        className="acknowledge",
        **{"data-acknowledge": numbers},
    )
    aside = html.Button(
        [html.Kbd("F4"), " 静默"] if is_first else "静默",
        className="shelve",
        **{"data-alert-story": numbers, **({"data-key": "F4"} if is_first else {})},
    )
    return [html.B(counting(group.first.at, picture.as_of)), html.Span([press, aside], className="ways")]


def _answered(alert: Alert, picture: Picture) -> list[Component]:
    at = moment_words(alert.acted_at, picture.as_of) if alert.acted_at else ""
    until = f"至 {moment_words(alert.shelved_until, picture.as_of)}" if alert.shelved_until else ""
    return [html.B(alert.by or ""), html.Span(f"{at} {STATE_NAMES[alert.state]}{until}", title=alert.why)]


def register(app: Dash, services: Services) -> None:
    """Carry a person's answer to an alert to the desk; show an alert's story."""
    alert_detail.register(app, services)

    @app.callback(Output(ANSWER, "children"), Input(COMMAND, "data"), prevent_initial_call=True)
    async def answer(command: Mapping[str, object] | None) -> str:
        return await off_loop(carry_out, command or {}, services)


def carry_out(command: Mapping[str, object], services: Services) -> str:
    """Take one step on alerts (numbers with spaces between) for the running visit; words for the foot, or none.

    A command without an action acknowledges. Blocking.
    """
    seen = visit()
    action = str(command.get("action") or AlertAction.ACKNOWLEDGE)
    details = {name: command[name] for name in ("minutes", "reason") if name in command}
    try:
        for each in str(command.get("alert", "")).split()[:MOST]:
            services.desk.act_on_alert(AlertNo(each), action, details, seen.actor, seen.scope, services.clock())
    except CaseError as problem:
        return f"未办理：{problem.msg}"
    return ""
