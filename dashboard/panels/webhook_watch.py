"""对外推送: who is told what happens, when last, what waits, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from cases.errors import StoreUnavailable
from cases.webhooks import SubscriptionState
from dashboard.components import frame
from dashboard.components.words import moment_words
from dashboard.services import Services

HEADS = ("订阅", "事件与辖区", "情况", "最近送达", "已送", "积压", "未能送达")
UNREAD = "订阅暂时读不到"


def draw(states: Sequence[SubscriptionState] | None, now: datetime) -> Component:
    """One row a subscription; never its secret or its whole address. None while they cannot be read."""
    if states is None:
        return html.P(UNREAD, className="failed", role="alert")
    if not states:
        return frame.nothing("没有订阅（python app.py webhook add）")
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in HEADS]))
    return html.Table([head, html.Tbody([_row(each, now) for each in states])], className="feed-table")


def _row(state: SubscriptionState, now: datetime) -> Component:
    each = state.subscription
    words, kind = _how(state)
    last = moment_words(each.last_at, now) if each.last_at else "尚未"
    return html.Tr(
        [
            html.Th(each.name, scope="row"),
            html.Td(f"{'、'.join(each.events)} · {each.area or '全域'}"),
            html.Td(words, className=f"feed {kind}"),
            html.Td(last),
            *(html.Td(str(count)) for count in (each.delivered, state.behind, state.dead)),
        ]
    )


def _how(state: SubscriptionState) -> tuple[str, str]:
    each = state.subscription
    if each.paused:
        return "已暂停", "late"
    if each.tries:
        return f"第 {each.tries} 次重试：{each.last_error}", "down"
    return ("有未能送达的", "late") if state.dead else ("正常", "ok")


def read(services: Services) -> Sequence[SubscriptionState] | None:
    """The subscriptions now. Blocking; None while they cannot be read."""
    try:
        return services.webhooks.states() if services.webhooks else ()
    except StoreUnavailable:
        return None
