"""整改台账: problems from 立号 to 销号, and 回头看 on a sample that anybody can draw again by its seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time

from dash import Dash, html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.errors import BadAction
from cases.model import Account, Role
from cases.supervision import RECTIFYING_NAMES, LookBack, Rectification, Rectifying
from dashboard.components import forms, frame
from dashboard.components.forms import Order, said
from dashboard.components.signs import light
from dashboard.components.words import clock_words, moment_words
from dashboard.panels.supervision_ladder import SUPERVISORS, TARGETS, door, steps, target_of
from dashboard.services import Services
from dashboard.session import Visit

ID, ORDER, TITLE = "rectification-ledger", "rectification-ledger-order", "整改台账"
CHECKERS = SUPERVISORS | {Role.VERIFIER}
DAY_ENDS = time(23, 59, 59)


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return forms.panel(ID, ORDER, TITLE, content)


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""
    forms.obeys(app, services, ID, ORDER, carry_out)


def carry_out(order: Order, services: Services, seen: Visit) -> list[Component]:
    """Take a step in the ledger; the panel afterwards, with what came of it above. Blocking."""
    act = _DO.get(said(order, "do"))
    words = [forms.attempt(lambda: act(order, services, seen))] if act else []
    return [*words, *content_of(services, seen)]


# what is done -----------------------------------------------------------------------------------------------


def _enter(order: Order, services: Services, seen: Visit) -> str:
    target, due = target_of(order, services, seen), _day_end(said(order, "due"))
    words = said(order, "problem"), said(order, "measure")
    one = door(services).enter(target, *words, due, seen.account, services.clock())
    return f"已立号 {one.no}"


def _day_end(written: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(written), DAY_ENDS, LOCAL)
    except ValueError:
        raise BadAction("时限请写成 2026-12-01", "due") from None


def _rectify(order: Order, services: Services, seen: Visit) -> str:
    return _now_at(door(services).rectify(said(order, "no"), seen.account, said(order, "text"), services.clock()))


def _recheck(order: Order, services: Services, seen: Visit) -> str:
    is_right, words = order.get("right") is True, said(order, "text")
    return _now_at(door(services).recheck(said(order, "no"), seen.account, is_right, words, services.clock()))


def _strike(order: Order, services: Services, seen: Visit) -> str:
    return _now_at(door(services).strike(said(order, "no"), seen.account, said(order, "text"), services.clock()))


def _look_back(order: Order, services: Services, seen: Visit) -> str:
    is_kept, words = order.get("kept") is True, said(order, "text")
    return _now_at(door(services).look_back(said(order, "no"), seen.account, is_kept, words, services.clock()))


def _draw(order: Order, services: Services, seen: Visit) -> str:
    written = said(order, "count")
    if not written.isdigit():
        raise BadAction("抽查件数请写数字", "count")
    drawn = door(services).draw(int(written), seen.account, services.clock())
    return f"{drawn.no}：从 {len(drawn.drawn_from)} 件已销号中抽中 {'、'.join(drawn.drawn)}（种子 {drawn.seed}）"


def _now_at(one: Rectification) -> str:
    return f"{one.no} 现在是“{RECTIFYING_NAMES[one.stage]}”"


_DO: Mapping[str, Callable[[Order, Services, Visit], str]] = {
    "enter": _enter,
    "rectify": _rectify,
    "recheck": _recheck,
    "strike": _strike,
    "look_back": _look_back,
    "draw": _draw,
}


# what stands there ------------------------------------------------------------------------------------------


def content_of(services: Services, seen: Visit) -> list[Component]:
    """The panel for a visit: a unit's own entries, an area's, or the room's. Blocking."""
    kept, account, now = services.registry.meetings, seen.account, services.clock()
    unit = (account.unit or "-") if account.role is Role.UNIT else None
    found = kept.rectifications(seen.scope, unit=unit)
    drawings = [] if unit else kept.look_backs(seen.scope)
    drawn = {no for one in drawings for no in one.drawn}
    new = [_new(len(found))] if account.role in SUPERVISORS else []
    back = [_backs(drawings, found, account, now)] if account.role in CHECKERS else []
    return [_head(found, now), *new, *content(found, drawn, account, now), *back]


def _head(found: Sequence[Rectification], now: datetime) -> Component:
    at = {stage: sum(one.stage is stage for one in found) for stage in Rectifying}
    late = sum(one.standing(now) == "overdue" for one in found)
    note = " · ".join(f"{RECTIFYING_NAMES[stage]} {count}" for stage, count in at.items())
    source = html.Span(f"整改台账 · 截至 {clock_words(now)}", className="source")
    said_late = f" · 逾期未整改 {late}" if late else ""
    return html.Header([html.H2(TITLE), html.Span(note + said_late, className="note"), source], className="panel-head")


def _new(count: int) -> Component:
    fields = [
        forms.line("责任单位或网格中心", "who", listed=TARGETS, most=60),
        forms.line("问题", "problem"),
        forms.line("整改措施", "measure"),
        forms.line("时限", "due", hint="2026-12-01", most=10),
    ]
    return forms.form(fields, forms.press("立号", "enter"), key=f"new-{count}")


def content(found: Sequence[Rectification], drawn: set[str], account: Account, now: datetime) -> list[Component]:
    """One entry a problem: how far it is, whose, by what measure, by when, and what this account may do."""
    if not found:
        return [frame.nothing("整改台账里没有问题")]
    return [html.Ol([_entry(one, one.no in drawn, account, now) for one in found], className="matters")]


def _entry(one: Rectification, is_drawn: bool, account: Account, now: datetime) -> Component:
    standing = one.standing(now)
    due = f"{one.due_at.astimezone(LOCAL):%Y-%m-%d} 前" + ("，逾期未整改" if standing == "overdue" else "")
    back = [html.Small(f"反弹 {one.relapses} 次", className="overdue")] if one.relapses else []
    head = [
        light(standing),
        html.B(RECTIFYING_NAMES[one.stage]),
        html.Span(one.target.name),
        html.Small(due, className=str(standing)),
        *back,
        html.A(f"整改函 {one.no}", href=f"/rectification/{one.no}/letter", download=""),
    ]
    body = [html.P(f"{one.problem} —— 措施：{one.measure}"), steps(one.steps, now), *_ways(one, is_drawn, account)]
    over = "over" if one.stage is Rectifying.STRUCK and not is_drawn else ""
    return html.Li([html.Header(head), *body], className=over, **{"data-matter": one.no})


def _ways(one: Rectification, is_drawn: bool, account: Account) -> list[Component]:
    presses: list[Component] = []
    if one.stage is Rectifying.ENTERED and one.target.is_of(account):
        presses = [forms.press("报整改完成", "rectify", no=one.no)]
    elif one.stage is Rectifying.RECTIFIED and account.role in CHECKERS:
        yes, no = (forms.press(words, "recheck", no=one.no, right=right) for words, right in _RECHECKS)
        presses = [yes, no]
    elif one.stage is Rectifying.RECHECKED and account.role is Role.LEADER:
        presses = [forms.press("销号", "strike", no=one.no)]
    elif one.stage is Rectifying.STRUCK and is_drawn and account.role in CHECKERS:
        presses = [forms.press(words, "look_back", no=one.no, kept=kept) for words, kept in _LOOKS]
    return [forms.form([forms.line("说明", "text", hint="一句话")], *presses)] if presses else []


_RECHECKS = (("复核通过", True), ("复核退回", False))
_LOOKS = (("回头看：未反弹", True), ("回头看：反弹，重新立号", False))


def _backs(drawings: Sequence[LookBack], found: Sequence[Rectification], account: Account, now: datetime) -> Component:
    struck = sum(one.stage is Rectifying.STRUCK for one in found)
    rows = [
        html.Li(
            f"{moment_words(one.at, now)} {one.no}：从 {len(one.drawn_from)} 件中抽 {len(one.drawn)} 件"
            f"（{'、'.join(one.drawn)}；种子 {one.seed}，可复算）"
        )
        for one in drawings
    ]
    form = forms.form([forms.line("抽查件数", "count", "1", most=3)], forms.press("随机抽取", "draw"))
    listed = html.Ul(rows, className="matters") if rows else frame.nothing("还没有回头看")
    ask = form if struck else frame.nothing("没有已销号的问题可以回头看")
    return html.Div([html.H3(f"回头看 · 已销号 {struck} 件"), ask, listed])
