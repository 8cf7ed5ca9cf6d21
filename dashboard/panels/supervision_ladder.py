"""督办: the matters under supervision on their rung, what each role may do with them, and the form for a new one.

The panel is one account's own view; it is read when the page opens and after each press (assets/page_orders.js).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.errors import BadAction
from cases.model import Account, CaseNo, Role
from cases.supervision import REASON_NAMES, RUNG_NAMES, Reason, Step, Supervision, Target, rise_due
from cases.supervision_desk import SupervisionDesk
from dashboard.components import forms, frame
from dashboard.components.forms import Order, said
from dashboard.components.signs import light
from dashboard.components.words import clock_words, moment_words, span_words
from dashboard.panels.meeting_floor import codes_of
from dashboard.services import Services
from dashboard.session import Visit

ID, ORDER, TITLE = "supervision-ladder", "supervision-ladder-order", "督办"
TARGETS = "supervision-targets"
SUPERVISORS = frozenset({Role.LEADER, Role.DUTY})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says beforehand: the case and the reason of a new supervision."""

    case: str = ""
    reason: str = ""
    who: str = ""


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return forms.panel(ID, ORDER, TITLE, content)


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""
    forms.obeys(app, services, ID, ORDER, carry_out)


def door(services: Services) -> SupervisionDesk:
    """The door through which supervision changes."""
    return SupervisionDesk(services.registry.meetings, services.desk.calendar)


def carry_out(order: Order, services: Services, seen: Visit) -> list[Component]:
    """Supervise, answer, close or raise; the panel afterwards, with what came of it above. Blocking."""
    act = _DO.get(said(order, "do"))
    words = [forms.attempt(lambda: act(order, services, seen))] if act else []
    return [*words, *content_of(services, seen)]


# whom it is about -------------------------------------------------------------------------------------------


def names_of(services: Services, seen: Visit) -> Mapping[str, str]:
    """Who may be meant by this visit: units and grids' centres, {name: id}; never a person. Blocking."""
    units = {unit.name: unit.id for unit in services.directory.units()}
    return units | {services.grids.grid(code).name: code for code in codes_of(services, seen)}


def target_of(order: Order, services: Services, seen: Visit) -> Target:
    """Whom an order names, and the case it is about. Raises BadAction."""
    name, number = said(order, "who"), said(order, "case")
    units = {unit.name: unit.id for unit in services.directory.units()}
    grids = {services.grids.grid(code).name: code for code in codes_of(services, seen)}
    if name not in units and name not in grids:
        raise BadAction("没有这个单位或网格，请从名单里选", "who")
    if number and services.views.case(CaseNo(number), seen.scope) is None:
        raise BadAction("没有这个案件，或不在您的辖区内", "case")
    unit = units.get(name)
    grid = "" if unit else grids[name]
    return Target(seen.account.area or grid, unit, grid, name, CaseNo(number) if number else None)


def completions(services: Services, seen: Visit) -> Component:
    """The list that completes a name. Blocking."""
    return html.Datalist([html.Option(value=name) for name in names_of(services, seen)], id=TARGETS)


# what is done -----------------------------------------------------------------------------------------------


def _supervise(order: Order, services: Services, seen: Visit) -> str:
    target = target_of(order, services, seen)
    one = door(services).supervise(target, said(order, "reason"), said(order, "text"), seen.account, services.clock())
    return f"已催办 {one.target.name}（{one.no}），{moment_words(one.due_at, one.opened_at)} 前答复"


def _answer(order: Order, services: Services, seen: Visit) -> str:
    one = door(services).answer(said(order, "no"), seen.account, said(order, "text"), services.clock())
    return f"{one.no} 已答复"


def _close(order: Order, services: Services, seen: Visit) -> str:
    one = door(services).close(said(order, "no"), seen.account, said(order, "text"), services.clock())
    return f"{one.no} 已办结"


def _rise(order: Order, services: Services, seen: Visit) -> str:
    one = door(services).rise(said(order, "no"), seen.account, said(order, "text"), services.clock())
    return f"{one.no} 已升为{RUNG_NAMES[one.rung]}"


_DO: Mapping[str, Callable[[Order, Services, Visit], str]] = {
    "supervise": _supervise,
    "answer": _answer,
    "close": _close,
    "rise": _rise,
}


# what stands there ------------------------------------------------------------------------------------------


def content_of(services: Services, seen: Visit, asked: Asked | None = None) -> list[Component]:
    """The panel for a visit: a unit's own matters, an area's, or the room's. Blocking."""
    kept, account, now = services.registry.meetings, seen.account, services.clock()
    unit = (account.unit or "-") if account.role is Role.UNIT else None
    found = kept.supervisions(seen.scope, unit=unit)
    new = [_new(asked or Asked(), len(found))] if account.role in SUPERVISORS else []
    return [_head(found, now), *new, *content(found, account, now)]


def _head(found: Sequence[Supervision], now: datetime) -> Component:
    waiting = [one for one in found if one.closed_at is None]
    due = sum(rise_due(one, now) is not None for one in waiting)
    note = f"在督 {len(waiting)} 件" + (f"，逾期未答复 {due} 件，建议升级" if due else "")
    source = html.Span(f"督办台账 · 截至 {clock_words(now)}", className="source")
    return html.Header([html.H2(TITLE), html.Span(note, className="note"), source], className="panel-head")


def _new(asked: Asked, count: int) -> Component:
    reasons = {str(reason): words for reason, words in REASON_NAMES.items()}
    fields = [
        forms.line("督办对象（单位或网格中心）", "who", asked.who, listed=TARGETS, most=60),
        forms.choice("理由", "reason", reasons, asked.reason or str(Reason.NOT_HANDLED)),
        forms.line("案件编号（可不填）", "case", asked.case, most=40),
        forms.line("事项", "text", hint="什么事、要求什么"),
    ]
    return forms.form(fields, forms.press("催办", "supervise"), key=f"new-{count}")


def content(found: Sequence[Supervision], account: Account, now: datetime) -> list[Component]:
    """One entry a matter: its rung, whom and why, by when, and what this account may do."""
    if not found:
        return [frame.nothing("没有督办事项")]
    return [html.Ol([_matter(one, account, now) for one in found], className="matters")]


def _matter(one: Supervision, account: Account, now: datetime) -> Component:
    head = [
        light(one.standing(now)),
        html.B(RUNG_NAMES[one.rung]),
        html.Span(one.target.name),
        html.Span(REASON_NAMES[one.reason]),
        html.Small(_due(one, now), className=str(one.standing(now)) if not one.closed_at else ""),
        html.A(f"{RUNG_NAMES[one.rung]}单 {one.no}", href=f"/supervision/{one.no}/slip", download=""),
    ]
    about = [html.A(f"案件 {one.target.case}", href=f"/case/{one.target.case}")] if one.target.case else []
    body = [html.P([one.text, " ", *about]), steps(one.steps, now), *_ways(one, account, now)]
    return html.Li([html.Header(head), *body], className="over" if one.closed_at else "", **{"data-matter": one.no})


def _due(one: Supervision, now: datetime) -> str:
    if one.closed_at:
        return f"已办结 {moment_words(one.closed_at, now)}"
    if one.answered_at:
        return f"已答复 {moment_words(one.answered_at, now)}，待认定"
    late = f"逾期 {span_words(now - one.due_at)}，" if now > one.due_at else ""
    return f"{late}{moment_words(one.due_at, now)} 前答复"


def steps(done: Sequence[Step], now: datetime) -> Component:
    """Every step so far, oldest first."""
    rows = [html.Li(f"{moment_words(step.at, now)} {step.what}：{step.words}") for step in done]
    return html.Details([html.Summary(f"过程 {len(done)} 步"), html.Ol(rows)])


def _ways(one: Supervision, account: Account, now: datetime) -> list[Component]:
    if one.closed_at:
        return []
    words = forms.line("说明", "text", hint="一句话")
    if one.answered_at is None and one.target.is_of(account):
        return [forms.form([words], forms.press("答复", "answer", no=one.no))]
    if account.role not in SUPERVISORS:
        return []
    presses = [forms.press("认可并办结", "close", no=one.no)] if one.answered_at else []
    higher = rise_due(one, now)
    if higher is not None:
        presses.append(forms.press(f"升为{RUNG_NAMES[higher]}（逾期未答复）", "rise", no=one.no))
    elif one.answered_at and one.rung != "listed":
        presses.append(forms.press("答复不实，升级", "rise", no=one.no))
    return [forms.form([words], *presses)] if presses else []
