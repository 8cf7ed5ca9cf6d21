"""月考评: the places of an area's units with what each is made of, what the rules propose, and a person's word on it.

Every number of a place opens its cases; units only, never persons. The panel is read when the page opens and after
each press (assets/page_orders.js).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash import Dash, html
from dash.development.base_component import Component

from cases.assessment import MEASURE_NAMES, RULES, RULES_OF, Month, Objection, Place, Point, Proposal, Score
from cases.assessment_desk import Assessed, AssessmentDesk, founded_of
from cases.calendar import LOCAL
from cases.errors import BadAction, NotAllowed
from cases.indicators import REGISTER
from cases.model import Account, CaseNo, Role
from dashboard.components import chart, forms, frame
from dashboard.components.forms import Order, said
from dashboard.components.words import clock_words, moment_words
from dashboard.services import Services
from dashboard.session import Visit

ID, ORDER, TITLE = "assessment-table", "assessment-table-order", "月考评"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month as one visit may read it: of an area, of which units, and whose own line is shown (all for "")."""

    found: Assessed
    own: str
    names: Mapping[str, str]


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return forms.panel(ID, ORDER, TITLE, content)


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""
    forms.obeys(app, services, ID, ORDER, carry_out)


def door(services: Services) -> AssessmentDesk:
    """The door of the assessment; since when a centre is there stands in the list of units. Blocking."""
    founded = founded_of(services.directory.units())
    return AssessmentDesk(services.registry.meetings, services.registry.figures, founded=founded)


# what is read -----------------------------------------------------------------------------------------------


def read(services: Services, area: str, month: Month, own: str = "") -> Sheet | None:
    """A month of the units right under an area ("": the first level); None where there are none. Blocking.

    With `own` the sheet is for that unit: its line alone, though its place is among all.
    """
    book, now = services.grids, services.clock()
    units = [grid.code for grid in (book.children(area) if area else book.grids(0))]
    if not units:
        return None
    names = {code: book.grid(code).name for code in units}
    return Sheet(door(services).read(area, units, month, now), own, names)


def above(services: Services, area: str) -> str | None:
    """The area that assesses an area; None where it is the whole room itself."""
    if not area:
        return None
    ancestors = services.grids.ancestors(area)
    return ancestors[-2] if len(ancestors) > 1 else ""


def sheets(services: Services, seen: Visit, month: Month) -> list[Sheet]:
    """The visit's own line in the assessment above it, and the assessment of its own units. Blocking."""
    area, upper = seen.scope.area, above(services, seen.scope.area)
    own = read(services, upper, month, area) if upper is not None else None
    return [each for each in (own, read(services, area, month)) if each is not None]


def carry_out(order: Order, services: Services, seen: Visit) -> list[Component]:
    """Sign, refuse, object or judge; the panel afterwards, with what came of it above. Blocking."""
    act = _DO.get(said(order, "do"))
    words = [forms.attempt(lambda: act(order, services, seen))] if act else []
    return [*words, *content_of(services, seen, Month.read(said(order, "month")))]


def _rule(order: Order, services: Services, seen: Visit) -> str:
    sheet = read(services, seen.scope.area, Month.read(said(order, "month")))
    if sheet is None:
        raise BadAction("没有可考评的单位", "month")
    signed = order.get("signed") is True
    door(services).rule(sheet.found, said(order, "key"), signed, seen.account, said(order, "why"), services.clock())
    return "已签署" if signed else "已记录：不予采纳"


def _object(order: Order, services: Services, seen: Visit) -> str:
    month, area = Month.read(said(order, "month")), seen.scope.area
    upper = above(services, area)
    case = CaseNo(said(order, "case"))
    if upper is None:
        raise NotAllowed("异议由被考评单位自己提出")
    if services.views.case(case, seen.scope) is None:
        raise BadAction("没有这个案件，或不在您的辖区内", "case")
    door(services).object(upper, month, area, case, seen.account, said(order, "why"), services.clock())
    return f"异议已提交：案件 {case}"


def _judge(order: Order, services: Services, seen: Visit) -> str:
    month, area = Month.read(said(order, "month")), seen.scope.area
    waiting = services.registry.meetings.objections(area, str(month))
    one = next((x for x in waiting if (x.unit, x.case) == (said(order, "unit"), said(order, "case"))), None)
    if one is None:
        raise BadAction("没有这条异议", "case")
    upheld = order.get("upheld") is True
    door(services).judge(one, upheld, seen.account, said(order, "why"), area, services.clock())
    return "异议成立，该案不计入当月" if upheld else "异议不成立"


_DO: Mapping[str, Callable[[Order, Services, Visit], str]] = {"rule": _rule, "object": _object, "judge": _judge}


# what stands there ------------------------------------------------------------------------------------------


def content_of(services: Services, seen: Visit, month: Month) -> list[Component]:
    """Everything of a month for a visit. Blocking."""
    shown = sheets(services, seen, month)
    if not shown:
        return [frame.nothing("您的辖区里没有可考评的单位")]
    return [part for sheet in shown for part in content(sheet, services, seen.account)]


def content(sheet: Sheet, services: Services, account: Account) -> list[Component]:
    """Head, places, what is proposed, objections."""
    if sheet.found.counting is not None:
        parts = [_head(sheet), _counting(sheet.found.counting)]
    else:
        parts = [_head(sheet), _places(sheet)]
    if not sheet.own and sheet.found.counting is None:
        parts += [html.H3("规则建议（由领导签署或不予采纳）"), _proposals(sheet, account)]
    parts += [html.H3("异议与剔除"), *_objections(sheet, account, services)]
    return parts


def _head(sheet: Sheet) -> Component:
    found = sheet.found
    title = f"{found.month.words}考评" + ("：本单位在上级考评中的位次" if sheet.own else "")
    over = "" if found.is_over else "当月未完，仅供参考，不能签署 · "
    weights = "、".join(f"{REGISTER[each.indicator].name} {each.points} 分" for each in RULES.weights)
    note = html.Span(f"{over}权重：{weights} · 红色：列后 {RULES.last} 位（并列的都算）", className="note")
    source = html.Span(f"按指标登记册计算 · 截至 {clock_words(found.as_of)}", className="source")
    return html.Header([html.H2(title), note, source], className="panel-head")


def _counting(share: float) -> Component:
    """In the place of the table: nothing is ranked by figures that lack a part of the record."""
    told = f"指标正在统计，已计入 {share:.0%}；全部计入前不排位次、不提建议。"
    bar = html.Progress(value=f"{share:.2f}", max="1", **{"aria-label": "统计进度"})
    again = html.A("重新读取", href="")
    return html.Div([html.P([told, " ", again]), bar], className="counting", **{"data-counting": f"{share:.2f}"})


def _weights(found: Assessed) -> Sequence[Point]:
    return next((score.points for score in found.scores.values()), ())


def _places(sheet: Sheet) -> Component:
    """Best first; a unit without a place comes last with the reason. Each share opens its cases."""
    found = sheet.found
    units = [sheet.own] if sheet.own else sorted(found.places, key=lambda unit: _order(found.places[unit], unit))
    heads = ("单位", "位次", "得分", *(point.name for point in _weights(found)), "剔除")
    rows = [_row(found.places[unit], found.scores[unit], sheet.names[unit]) for unit in units]
    return html.Div(chart.table(heads, rows, TITLE), className="places")


def _order(place: Place, unit: str) -> tuple[bool, int, str]:
    return (place.rank is None, place.rank or 0, unit)


def _row(place: Place, score: Score, name: str) -> list[object]:
    standing = html.Span(place.words, className="overdue" if place.is_last else "")
    value = "—" if score.value is None else f"{score.value:.2f}"
    shares = [html.A(_share(point), href=point.link, className="number") for point in score.points]
    return [name, standing, value, *shares, f"{score.excluded} 件" if score.excluded else "—"]


def _share(point: Point) -> str:
    """`92.3%（12/13）` as the indicator says it, with its base; a small base says so."""
    if not point.base:
        return "无基数，权重分给其他"
    small = "，基数小" if point.is_small else ""
    return f"{point.numerator / point.base * 100:.1f}%（{point.numerator}/{point.base}{small}）"


# the proposals ----------------------------------------------------------------------------------------------


def _proposals(sheet: Sheet, account: Account) -> Component:
    found = sheet.found
    if not found.proposals:
        ranked = sum(place.rank is not None for place in found.places.values())
        few = f"（参加排名 {ranked} 个，少于 {RULES.least_ranked} 个不提建议）" if ranked < RULES.least_ranked else ""
        return frame.nothing(f"本月规则没有建议{few}")
    rows = [_proposal(each, sheet, account) for each in found.proposals]
    return html.Ol(rows, className="matters")


def _proposal(each: Proposal, sheet: Sheet, account: Account) -> Component:
    """The measure and its evidence: the places it is made of, and the cases behind them."""
    found, ruling = sheet.found, sheet.found.ruling(each)
    head = [
        html.B(MEASURE_NAMES[each.measure]),
        html.Span(sheet.names[each.unit]),
        html.Small(f"规则 {RULES_OF[each.measure]}"),
    ]
    evidence = [html.Li(f"{month.words}：{place.words}，得分 {place.value:.2f}") for month, place in each.evidence]
    why = [
        html.Li([f"{point.name} ", html.A(_share(point), href=point.link)]) for point in found.scores[each.unit].points
    ]
    told = html.Details(
        [html.Summary("依据"), html.Ol(evidence), html.P("为什么在后面？打开各项的案件："), html.Ol(why)]
    )
    return html.Li(
        [html.Header(head), html.P(each.words), told, *_word(each, sheet, account)],
        className="over" if ruling else "",
        **{"data-proposal": each.key},
    )


def _word(each: Proposal, sheet: Sheet, account: Account) -> list[Component]:
    """What a person said to it, or the way to say it."""
    found, ruling = sheet.found, sheet.found.ruling(each)
    if ruling is not None:
        said_so = "已签署" if ruling.is_signed else "不予采纳"
        words = f"{said_so} · {ruling.at.astimezone(LOCAL):%Y-%m-%d %H:%M} · {ruling.why}"
        letter = [html.A("文书 DOCX", href=f"/assessment/letter/{each.key.replace('/', '.')}", download="")]
        return [html.P([words, " ", *(letter if ruling.is_signed else [])])]
    if account.role is not Role.LEADER or account.area != found.area or not found.is_over:
        return []
    asked = {"key": each.key, "month": str(found.month)}
    presses = [
        forms.press("签署", "rule", signed=True, **asked),
        forms.press("不予采纳", "rule", signed=False, **asked),
    ]
    return [forms.form([forms.line("理由", "why", hint="必填")], *presses)]


# the objections ---------------------------------------------------------------------------------------------


def _objections(sheet: Sheet, account: Account, services: Services) -> list[Component]:
    found, now = sheet.found, services.clock()
    mine = [each for each in found.objections if not sheet.own or each.unit == sheet.own]
    rows = [_objection(each, sheet, account, moment_words(each.at, now)) for each in mine]
    listed = html.Ol(rows, className="matters") if rows else frame.nothing("没有异议")
    if not sheet.own or account.role not in (Role.LEADER, Role.DUTY):
        return [listed]
    fields = [forms.line("案件编号", "case", most=40), forms.line("理由", "why", hint="为什么不应计入本单位")]
    press = forms.press("提出异议", "object", month=str(found.month))
    return [listed, forms.form(fields, press, key=f"object-{len(mine)}")]


def _objection(each: Objection, sheet: Sheet, account: Account, at: str) -> Component:
    head = [html.B(sheet.names[each.unit]), html.A(f"案件 {each.case}", href=f"/case/{each.case}"), html.Small(at)]
    parts: list[Component] = [html.Header(head), html.P(each.why)]
    if each.upheld is not None:
        parts.append(html.P(f"{'成立，已剔除' if each.upheld else '不成立'}：{each.ruled_why}"))
    elif account.role is Role.LEADER and account.area == sheet.found.area:
        asked = {"month": str(each.month), "unit": each.unit, "case": each.case}
        yes = forms.press("异议成立，剔除", "judge", upheld=True, **asked)
        no = forms.press("异议不成立", "judge", upheld=False, **asked)
        parts.append(forms.form([forms.line("理由", "why", hint="必填")], yes, no))
    else:
        parts.append(html.P("待处理", className="note"))
    return html.Li(parts, **{"data-objection": each.case})
