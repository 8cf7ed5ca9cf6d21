"""预警: what waits for a person, gravest and oldest first, who was told of it, and who answered the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.alerts import LEVEL_WORDS, AlertAction, Group, Level, grouped, is_waiting
from cases.errors import CaseError
from cases.model import Alert, AlertLevel, AlertNo, AlertState
from dashboard.components import frame
from dashboard.components.signs import LEVEL_NAMES, counting, hazard
from dashboard.components.words import moment_words, where_words
from dashboard.offloop import off_loop
from dashboard.panels import alert_detail
from dashboard.picture import Picture
from dashboard.services import Services
from dashboard.session import visit

ID, TITLE, SOURCE = "alert-list", "预警", "预警记录"
COMMAND, ANSWER = f"{ID}-command", f"{ID}-answer"
SHOWN, MOST = 6, 500  # rows; alerts that one press answers

NEW = timedelta(seconds=10)

STATE_NAMES = {
    AlertState.ACKNOWLEDGED: "确认",
    AlertState.SHELVED: "静默",
    AlertState.RAISED: "已立案",
    AlertState.WITHDRAWN: "已解除",
}


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
    """Rows of alerts; blue ones that wait are one row that counts them; an empty list says that nothing waits."""
    waiting = [alert for alert in picture.alerts if is_waiting(alert, picture.as_of)]
    blue = [alert for alert in waiting if alert.level is AlertLevel.BLUE]
    groups = grouped([each for each in picture.alerts if each not in blue], picture.as_of, picture.patience)
    first = next((group.first.no for group in groups if is_waiting(group.first, picture.as_of)), None)
    rows = [row(group, picture, group.first.no == first) for group in groups[:SHOWN]]
    counted = [blue_row(blue, picture)] if blue else []
    body = html.Ul([*rows, *counted], className="rows") if rows or blue else frame.nothing("近 24 小时没有预警")
    left = _left_words([alert for group in groups[SHOWN:] for alert in group.alerts], picture)
    more = [html.P(left, className="more")] if left else []
    return frame.filled(picture, TITLE, _note(waiting, picture), SOURCE, [body, *more])


def _note(waiting: Sequence[Alert], picture: Picture) -> str:
    resting = sum(alert.state is AlertState.SHELVED and alert not in waiting for alert in picture.alerts)
    risen = sum(alert.risen > Level.SEAT for alert in waiting)
    told = [f"未确认 {len(waiting)}{f'（升级 {risen}）' if risen else ''}"]
    told += [f"静默 {resting}"] if resting else []
    return " · ".join([*told, f"近 24 小时 {len(picture.alerts)}"])


def _left_words(left: Sequence[Alert], picture: Picture) -> str:
    """What the list has no room for: those that wait by level, then those that somebody answered."""
    waiting = Counter(alert.level for alert in left if is_waiting(alert, picture.as_of))
    told = [f"{LEVEL_NAMES[level]} {waiting[level]} 件未确认" for level in AlertLevel if waiting[level]]
    answered = len(left) - waiting.total()
    told += [f"已处置 {answered} 件"] if answered else []
    return f"另有 {'、'.join(told)}" if told else ""


def blue_row(blue: Sequence[Alert], picture: Picture) -> Component:
    """Blue ones are only counted; one press answers them all, a click tells of the first twenty."""
    oldest = min(alert.received_at for alert in blue)
    numbers = " ".join(alert.no for alert in blue)
    press = html.Button("确认", className="acknowledge", **{"data-acknowledge": numbers})
    story = {"data-alert-story": " ".join(alert.no for alert in blue[:20]), "role": "button", "tabIndex": "0"}
    kinds = "、".join(dict.fromkeys(alert.kind for alert in blue))
    return html.Li(
        [
            hazard(AlertLevel.BLUE, answered=False),
            html.Div([html.B(f"蓝色 {len(blue)} 件"), html.Span(kinds)], className="words", **story),
            html.Div([html.B(counting(oldest, picture.as_of)), *([] if picture.replay else [press])], className="end"),
        ],
        className="alert blue open",
        **{"data-level": "blue", "data-counted": str(len(blue))},
    )


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
        html.Span(f"{LEVEL_NAMES[alert.level]} · {where_words(alert, picture.grid_names)}"),
    ]
    told = [html.Span(risen, className="risen", title=risen)] if risen else []
    told += [html.Span(over, className="risen cleared")] if (over := cleared_words(group.alerts, picture)) else []
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
            **({"data-new": ""} if is_new(alert, picture) else {}),
        },
    )


def is_new(alert: Alert, picture: Picture) -> bool:
    """Whether it came within the last seconds: the page then makes its row flash three times, once."""
    return picture.as_of - alert.received_at < NEW and is_waiting(alert, picture.as_of)


def risen_words(alert: Alert, picture: Picture) -> str:
    """Who was told of an alert that nobody answered, and when; "" while it is the seat's own business."""
    if not alert.risen:
        return ""
    when = f" {moment_words(alert.risen_at, picture.as_of)}" if alert.risen_at else ""
    told = "、".join(picture.people.get(name, name) for name in alert.told)
    return f"{LEVEL_WORDS[Level(alert.risen)]}{when} · {told or '无此级账号，请电话报告'}"


def cleared_words(alerts: Sequence[Alert], picture: Picture) -> str:
    """When what a rule watched was over, of all of a matter's alerts; "" while any of them goes on."""
    over = [alert.cleared_at for alert in alerts if alert.cleared_at is not None]
    if len(over) < len(alerts):
        return ""
    asks = "，待确认" if is_waiting(alerts[0], picture.as_of) else ""
    return f"已恢复 {moment_words(max(over), picture.as_of)}{asks}"


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
    ways = [] if picture.replay else [html.Span([press, aside], className="ways")]  # nobody answers in the past
    return [html.B(counting(group.first.at, picture.as_of)), *ways]


def _answered(alert: Alert, picture: Picture) -> list[Component]:
    at = moment_words(alert.acted_at, picture.as_of) if alert.acted_at else ""
    until = f"至 {moment_words(alert.shelved_until, picture.as_of)}" if alert.shelved_until else ""
    return [
        html.B(picture.people.get(alert.by or "", alert.by or "")),
        html.Span(f"{at} {STATE_NAMES[alert.state]}{until}", title=alert.why),
    ]


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
