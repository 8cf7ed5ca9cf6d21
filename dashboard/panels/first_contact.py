"""我首问的 (首问负责, domain.md G6): what others did with the cases one took first, until the reporter is answered.

The panel is one person's, not an audience's: it is asked for when the page opens and again after bells (assets).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.lifecycle import ACTION_NAMES, STAGE_NAMES
from cases.model import CHANNELS, Action, Case, Event
from dashboard.components import case_rows
from dashboard.components.case_rows import Names
from dashboard.components.words import STANDING_NAMES, moment_words
from dashboard.offloop import off_loop
from dashboard.people import SYSTEM, account_names
from dashboard.services import Services
from dashboard.session import Visit, visit

ID, TITLE = "first-contact", "我首问的"
ASK = f"{ID}-ask"
MOST, SHOWN = 200, 6


@dataclass(frozen=True, slots=True)
class News:
    """What a tracker has not read yet: the unread events of one case, oldest first, and the case as it stands."""

    case: Case
    events: Sequence[Event]


def layout(content: Component | list[Component] | None = None) -> Component:
    """The panel with what was news when the page was made."""
    return html.Section(
        [html.Div(content, id=ID), dcc.Store(id=ASK)], className="panel first-contact", **{"aria-label": TITLE}
    )


def register(app: Dash, services: Services) -> None:
    """Read anew when the page asks; `read` in the ask is the newest event that the person has seen."""

    @app.callback(Output(ID, "children"), Input(ASK, "data"), prevent_initial_call=True)
    async def renew(ask: Mapping[str, object] | None) -> list[Component]:
        return await off_loop(content_of, services, visit(), (ask or {}).get("read"))


def content_of(services: Services, seen: Visit, read: object = None) -> list[Component]:
    """The panel's content for a visit, once what was read is remembered. Blocking."""
    told = services.registry.told
    if isinstance(read, int) and not isinstance(read, bool):
        told.read(seen.account.name, read)
    found = told.news(seen.account.name, seen.scope, MOST)
    names = case_rows.names_of(services, seen)
    people = account_names(services, {event.by for event, _ in found})
    return content(found, replace(names, workers={**people, **names.workers}), services.clock())


def content(found: Sequence[tuple[Event, Case]], names: Names, now: datetime) -> list[Component]:
    """How much is unread, one row a case, the newest first; one press reads all that was found."""
    if not found:
        return [_head("没有新动态")]
    news = by_case(found)
    count = f"{len(found)}{'+' if len(found) >= MOST else ''} 条新动态 · {len(news)} 件"
    read = html.Button("已阅", className="told-read", **{"data-told-read": str(found[-1][0].seq)})
    left = len(news) - SHOWN
    more = [html.P(f"另有 {left} 件未列出", className="more")] if left > 0 else []
    rows = [_row(each, names, now) for each in news[:SHOWN]]
    return [_head(count, read, unread=len(found)), html.Ul(rows, className="rows"), *more]


def by_case(found: Sequence[tuple[Event, Case]]) -> list[News]:
    """The unread events case by case, the case with the newest first."""
    events: dict[str, list[Event]] = {}
    for event, case in found:
        events.setdefault(case.no, []).append(event)
    cases = {case.no: case for _, case in found}
    return sorted((News(cases[no], some) for no, some in events.items()), key=lambda news: -news.events[-1].seq)


def _head(note: str, *more: Component, unread: int = 0) -> Component:
    return html.Header(
        [html.H2(TITLE), html.Span(note, className="note"), *more],
        className="panel-head",
        **{"data-unread": str(unread)},
    )


def _row(news: News, names: Names, now: datetime) -> Component:
    case, last = news.case, news.events[-1]
    before = f"（另 {len(news.events) - 1} 条）" if len(news.events) > 1 else ""
    who = CHANNELS.get(case.channel, case.channel) if last.action is Action.REPORT else ""
    who = (SYSTEM | dict(names.workers)).get(last.by, who or last.by)
    what = f"{_step(last, names)} · {who} {moment_words(last.at, now)}{before}"
    return html.Li(
        [html.B(case.title), html.Span(what), html.Small(f"现在 {STAGE_NAMES[case.stage]}")],
        className="told-row",
        tabIndex=0,
        **{"data-case": case.no},
    )


def _step(event: Event, names: Names) -> str:
    if event.action is Action.CLOCK:
        return STANDING_NAMES.get(event.changes.get("standing"), ACTION_NAMES[Action.CLOCK])  # type: ignore[call-overload, no-any-return]
    if event.action is Action.EVALUATE:
        return f"评价 {event.changes.get('score', '')} 分"
    unit = names.units.get(str(event.changes.get("unit") or ""), "")
    return ACTION_NAMES[event.action] + (f" → {unit}" if unit else "")
