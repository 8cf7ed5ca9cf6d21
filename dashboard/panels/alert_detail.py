"""One alert, or the alerts of one matter: what, where, everything that happened to it, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases import alerts
from cases.alerts import ACTION_NAMES, ANSWERERS, LEVEL_WORDS, MOST_REASON, AlertAction, AlertEvent, is_waiting
from cases.model import Alert, AlertNo, AlertState
from dashboard.components.signs import LEVEL_NAMES
from dashboard.components.words import moment_words, where_words
from dashboard.offloop import off_loop
from dashboard.people import account_names
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "alert-detail"
CHOSEN, REASON = f"{ID}-chosen", f"{ID}-reason"
MINUTES = (5, 15, 30, 60)
MOST = 20

Found = tuple[Alert, Sequence[AlertEvent]]


def layout() -> Component:
    """The pane's place, empty until an alert is chosen (assets/operator_alerts.js)."""
    return html.Div([dcc.Store(id=CHOSEN), html.Aside(id=ID, className="alert-pane", **{"aria-label": "预警经过"})])


def register(app: Dash, services: Services) -> None:
    """Show the chosen alerts."""

    @app.callback(Output(ID, "children"), Input(CHOSEN, "data"), prevent_initial_call=True)
    async def show(chosen: Mapping[str, object] | None) -> list[Component]:
        numbers = str((chosen or {}).get("alert") or "").split()[:MOST]
        return await off_loop(pane_of, numbers, services, visit())


def pane_of(numbers: Sequence[str], services: Services, seen: Visit) -> list[Component]:
    """The pane of alerts that are one matter, within the visit's scope; nothing for none. Blocking."""
    found = [each for each in (services.views.alert(AlertNo(no), seen.scope) for no in numbers) if each is not None]
    if not found:
        return [html.P("没有这个预警，或不在您的辖区")] if numbers else []
    names = {code: services.grids.grid(code).name for alert, _ in found for code in alert.place.grids}
    may = seen.account.role in ANSWERERS
    people = account_names(services, {name for _, events in found for each in events for name in (each.by, *each.told)})
    return pane(found, names, may, services.clock(), people)


def pane(
    found: Sequence[Found], names: Mapping[str, str], may_act: bool, now: datetime, people: Mapping[str, str]
) -> list[Component]:
    """Head, what can be done, and each alert's steps, oldest first."""
    first = found[0][0]
    several = f" · 同源 {len(found)} 起" if len(found) > 1 else ""
    head = html.Header(
        [
            html.Button("×", className="close", title="关闭（Esc）", **{"data-alert-close": "", "aria-label": "关闭"}),
            html.H2(f"{'演练 · ' if first.exercise else ''}{first.kind}{several}"),
            html.P(f"{LEVEL_NAMES[first.level]}预警 · {where_words(first, names, 3)}"),
            *([html.P(first.text)] if first.text else []),
        ]
    )
    ways = [_ways(found, now)] if may_act else []
    stories = [_story(alert, events, now, people) for alert, events in found]
    return [html.Div([head, *ways, *stories], className="alert-card", **{"data-alert-shown": _numbers(found)})]


def _numbers(found: Sequence[Found]) -> str:
    return " ".join(alert.no for alert, _ in found)


def _ways(found: Sequence[Found], now: datetime) -> Component:
    """Confirm, put aside for some minutes with a reason, bring back; one press is for all alerts of the matter."""
    state, numbers = found[0][0].state, _numbers(found)
    rows: list[Component] = []
    if is_waiting(found[0][0], now):
        rows.append(html.Div([_button("确认", AlertAction.ACKNOWLEDGE, numbers)]))
    if state is AlertState.SHELVED:
        rows.append(html.Div([_button("取消静默", AlertAction.UNSHELVE, numbers)]))
    if state not in (AlertState.RAISED, AlertState.WITHDRAWN):
        kept = {"persistence": numbers, "persistence_type": "session"}  # a reload forgets no half-written reason
        field = {"placeholder": "静默理由（必填）", "maxLength": MOST_REASON, "autoComplete": "off"}
        reason = dcc.Input(id=REASON, **field, **kept)
        aside = [_button(f"{minutes} 分", AlertAction.SHELVE, numbers, minutes) for minutes in MINUTES]
        rows.append(html.Div([reason, html.Span("静默", className="note"), *aside]))
        rows.append(html.Div([_button("立为案件", AlertAction.RAISE_CASE, _unfiled(found))]))
    return html.Div(rows, className="alert-ways")


def _unfiled(found: Sequence[Found]) -> str:
    """One matter becomes one case: that of its first alert."""
    return found[0][0].no


def _button(words: str, action: AlertAction, numbers: str, minutes: int = 0) -> Component:
    given = {"data-alert-act": action.value, "data-alerts": numbers}
    return html.Button(words, **(given | ({"data-minutes": str(minutes)} if minutes else {})))


def _story(alert: Alert, events: Sequence[AlertEvent], now: datetime, people: Mapping[str, str]) -> Component:
    lines = [
        html.Li(
            [
                html.Time(moment_words(alert.received_at, now)),
                html.B("收到"),
                html.Span(_origin(alert) + _until(alert, now)),
            ]
        )
    ]
    lines += [_line(event, now, people) for event in events]
    into = [html.A(f"案件 {alert.case}", href=f"/case/{alert.case}")] if alert.case else []
    return html.Section([html.H3([alert.no, *into]), html.Ol(lines)], className="alert-story")


def _origin(alert: Alert) -> str:
    """Where it is from: a source of its own, or a rule of ours, by its name in the file of rules."""
    return f"来源 {alert.origin} {alert.rule}".rstrip()


def _until(alert: Alert, now: datetime) -> str:
    """Until when its issuer says that it holds."""
    return f" · 有效至 {moment_words(alert.expires_at, now)}" if alert.expires_at else ""


def _line(event: AlertEvent, now: datetime, people: Mapping[str, str]) -> Component:
    who = "系统" if event.by == alerts.SYSTEM.name else people.get(event.by, event.by)
    what = LEVEL_WORDS[event.level] if event.action is AlertAction.ESCALATE else ACTION_NAMES[event.action]
    names = "、".join(people.get(name, name) for name in event.told)
    told = f"告知 {names or '（无此级账号，请电话报告）'}" if event.action is AlertAction.ESCALATE else ""
    words = " · ".join(each for each in (who, event.why, told) if each)
    return html.Li([html.Time(moment_words(event.at, now)), html.B(what), html.Span(words)])
