"""问卷 on a figure's page: the rounds behind it, a form for one more, and the way to take one out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from dash import Dash, html
from dash.development.base_component import Component

from cases.errors import BadAction, UnknownCase
from cases.indicators import REGISTER
from cases.surveys import KEEPERS, QUESTIONS, Survey, entered
from dashboard.components import forms, frame
from dashboard.components.forms import Order, said
from dashboard.services import Services
from dashboard.session import Visit

ID, ORDER, TITLE = "survey-sheet", "survey-sheet-order", "问卷"


def question_of(id: str) -> str:
    """The question that an indicator of the register counts, "" for one that is of no questionnaire."""
    name = next(iter(REGISTER[id].numerator), "")
    return name.split(".")[1] if name.startswith("survey.") else ""


def layout(content: Sequence[Component] = ()) -> Component:
    """The panel with what stands when the page was made."""
    return forms.panel(ID, ORDER, TITLE, content)


def register(app: Dash, services: Services) -> None:
    """Do what was pressed, and read anew."""
    forms.obeys(app, services, ID, ORDER, carry_out)


def carry_out(order: Order, services: Services, seen: Visit) -> list[Component]:
    """Keep or take out a round; the panel afterwards, with what came of it above. Blocking."""
    question, grid, act = said(order, "question"), said(order, "grid"), _DO.get(said(order, "do"))
    words = [forms.attempt(lambda: act(order, services, seen))] if act else []
    return [*words, *content_of(question, grid, services, seen)]


def content_of(question: str, grid: str, services: Services, seen: Visit) -> list[Component]:
    """The question, the rounds that count and, for who may, the form. Blocking."""
    surveys = services.registry.surveys.listed(question, seen.scope)
    head = html.H2(f"问：{QUESTIONS.get(question, '')}？")
    key = surveys[0].no if surveys else question  # another round empties the form
    may = seen.account.role in KEEPERS
    rows = html.Table([_heads(), html.Tbody([_row(each, services, may, grid) for each in surveys])])
    told = rows if surveys else frame.nothing("还没有登记过问卷")
    return [head, told, *([_form(question, grid, services, key)] if may else [])]


def _heads() -> Component:
    return html.Thead(html.Tr([html.Th(name) for name in ("调查日", "范围", "回答", "答“是”", "怎样调查", "登记", "")]))


def _row(survey: Survey, services: Services, may: bool, grid: str) -> Component:
    share = f"{survey.yes} 人（{survey.yes / survey.asked:.1%}）"
    told = [str(survey.day), _place(survey.grids, services), f"{survey.asked} 人", share, survey.note, survey.by]
    out = forms.press("撤回", "withdraw", no=survey.no, question=survey.question, grid=grid) if may else ""
    return html.Tr([*(html.Td(each) for each in told), html.Td(out)], **{"data-survey": survey.no})


def _place(grids: tuple[str, ...], services: Services) -> str:
    if not grids:
        return "全域"
    return services.grids.grid(grids[-1]).name if grids[-1] in services.grids else grids[-1]


def _form(question: str, grid: str, services: Services, key: str) -> Component:
    where = services.grids.grid(grid).name if grid in services.grids else "全域"
    fields = [
        forms.line("调查日", "day", hint="2026-11-01", most=10),
        forms.line("回答人数", "asked", most=7),
        forms.line("其中答“是”", "yes", most=7),
        forms.line("怎样调查", "note", hint="由谁、电话还是入户、怎样抽样", most=200),
    ]
    return forms.form(fields, forms.press(f"登记（{where}）", "enter", question=question, grid=grid), key=key)


def _enter(order: Order, services: Services, seen: Visit) -> str:
    grid = said(order, "grid") or seen.scope.area
    if grid and (grid not in services.grids or not services.grids.within(grid, seen.scope.area)):
        raise BadAction("没有这个网格，或不在您的辖区内", "grid")
    day, asked, yes = _day(said(order, "day")), _whole(said(order, "asked")), _whole(said(order, "yes"))
    grids = tuple(services.grids.ancestors(grid)) if grid else ()
    told = (day, asked, yes, said(order, "note"), seen.account.name, services.clock())
    survey = entered(Survey(secrets.token_hex(8), said(order, "question"), grids, *told), seen.account)
    services.registry.surveys.add(survey)
    return f"已登记：{survey.yes}/{survey.asked} 人"


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadAction("调查日请写成 2026-11-01", "day") from None


def _whole(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 7):
        raise BadAction("人数请写成整数", "asked")
    return int(written)


def _withdraw(order: Order, services: Services, seen: Visit) -> str:
    if seen.account.role not in KEEPERS:
        raise BadAction("您的岗位不能撤回问卷")
    if not services.registry.surveys.withdraw(said(order, "no"), seen.scope, seen.account.name, services.clock()):
        raise UnknownSurvey(said(order, "no"))
    return "已撤回，不再计入"


class UnknownSurvey(UnknownCase):
    """A round that is absent, withdrawn or not of the visit's area."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.msg = "没有这次问卷，或不在您的辖区内"


_DO = {"enter": _enter, "withdraw": _withdraw}
