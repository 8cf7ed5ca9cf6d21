"""会议任务: what meetings told this unit or area to do; its own people say that it is done, the seat verifies it.

The panel is one account's: it is asked for when the page opens and again at the bells of meetings (assets/meeting.js).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.decisions import Decision, answers_for
from cases.errors import CaseError
from cases.model import Account, Role
from dashboard.components import frame
from dashboard.offloop import off_loop
from dashboard.panels.meeting_floor import door, promise
from dashboard.services import Services
from dashboard.session import Visit, visit

ID, ASK, TITLE = "meeting-tasks", "meeting-tasks-ask", "会议任务"
FIELD = f"{ID}-words"
SHOWN = 20
JUDGES = frozenset({Role.LEADER, Role.DUTY, Role.VERIFIER})


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return html.Section(
        [html.Div(list(content), id=ID), dcc.Store(id=ASK)], className="panel meeting-tasks", **{"aria-label": TITLE}
    )


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""

    @app.callback(Output(ID, "children"), Input(ASK, "data"), prevent_initial_call=True)
    async def renew(ask: Mapping[str, object] | None) -> list[Component]:
        return await off_loop(carry_out, ask or {}, services, visit())


def carry_out(ask: Mapping[str, object], services: Services, seen: Visit) -> list[Component]:
    """Finish, verify or send back a task; the panel afterwards, with a refusal's words above it. Blocking."""
    act = _DO.get(str(ask.get("do")))
    said: list[Component] = []
    if act is not None:
        try:
            act(str(ask.get("no") or ""), str(ask.get("words") or ""), services, seen)
        except CaseError as problem:
            said = [html.P(f"未记录：{problem.msg}", className="refused", role="alert")]
    return [*said, *content_of(services, seen)]


def _finish(no: str, words: str, services: Services, seen: Visit) -> None:
    door(services).finish(no, seen.account, words, services.clock())


def _verify(no: str, words: str, services: Services, seen: Visit) -> None:
    door(services).verify(no, seen.account, services.clock())


def _send_back(no: str, words: str, services: Services, seen: Visit) -> None:
    door(services).send_back(no, seen.account, services.clock())


_DO: Mapping[str, Callable[[str, str, Services, Visit], None]] = {
    "finish": _finish,
    "verify": _verify,
    "send_back": _send_back,
}


def content_of(services: Services, seen: Visit) -> list[Component]:
    """The panel for a visit: a unit's own tasks, an area's own, and for who judges all that wait. Blocking."""
    kept, account = services.registry.meetings, seen.account
    if account.role is Role.UNIT:
        found = kept.decisions_for(account.unit or "-", "")
    else:
        found = [one for one in kept.decisions(seen.scope) if one.verified_at is None]
        found.sort(key=lambda one: (one.is_open, one.due_at))
    return content(found, account, services.clock())


def content(found: Sequence[Decision], account: Account, now: datetime) -> list[Component]:
    """One row a task: its light, what and by when, and what this account may do."""
    late = sum(one.is_open and now > one.due_at for one in found)
    note = f"{len(found)} 项" + (f" · 超时 {late} 项" if late else "") if found else ""
    head = html.Header([html.H2(TITLE), html.Span(note, className="note")], className="panel-head")
    if not found:
        return [head, frame.nothing("没有会议任务")]
    rows = [
        html.Li([*promise(one, now), *_about(one), *_ways(one, account)], **{"data-decision": one.no})
        for one in found[:SHOWN]
    ]
    more = [html.P(f"另有 {len(found) - SHOWN} 项未列出", className="more")] if len(found) > SHOWN else []
    return [head, html.Ol(rows, className="promises"), *more]


def _about(one: Decision) -> list[Component]:
    return (
        [html.A(one.case, href=f"/case/{one.case}", className="about", **{"data-case": one.case})] if one.case else []
    )


def _ways(one: Decision, account: Account) -> list[Component]:
    if one.is_open and answers_for(one, account):
        words = dcc.Input(
            id={"type": FIELD, "no": one.no}, placeholder="办理结果，一句话", maxLength=200, autoComplete="off"
        )
        return [html.Div([words, _button("报办结", "finish", one)], className="ways")]
    if not one.is_open and account.role in JUDGES and account.name != one.done_by:
        return [html.Div([_button("核实", "verify", one), _button("退回", "send_back", one)], className="ways")]
    return []


def _button(words: str, do: str, one: Decision) -> Component:
    return html.Button(words, className="order", **{"data-task": json.dumps({"do": do, "no": one.no})})
