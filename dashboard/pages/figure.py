"""One figure with everything behind it: what it means, of how many, as of when, its cases, and the file to take along.

Its address is permanent: `/figure/<id>?grid=…&from=…&to=…`, both days included; `/figure/register` lists all figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from dash import Dash, html
from dash.development.base_component import Component

from cases.indicators import REGISTER, Figure, FigureRows, Indicator, Period, link_of
from cases.model import Alert, Role
from cases.ports import Page
from dashboard import figure_asking
from dashboard.components import case_rows, frame, menu
from dashboard.components.words import moment_words, place_words, span_words
from dashboard.figure_asking import BadQuestion, Question
from dashboard.offloop import off_loop
from dashboard.panels import survey_sheet
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/figure/<id>", "指标"
ROLES = frozenset({Role.DUTY, Role.LEADER, Role.ANALYST, Role.ADMIN, Role.VERIFIER, Role.UNIT})
LIBRARIES: tuple[str, ...] = ()
LIST = "register"
PAGE_SIZE = 50
_DIRECTIONS = {"up": "越高越好", "down": "越低越好", "none": "不论高低"}


async def layout(services: Services, **asked: str) -> Component:
    """The register, one figure, or in words why there is none."""
    seen = visit()
    if asked["id"] == LIST:
        return _page(seen, [_register(seen)])
    try:
        question = figure_asking.question(
            services, seen.scope, asked["id"], asked.get("grid", ""), asked.get("from", ""), asked.get("to", ""), asked
        )
    except BadQuestion as problem:
        return _page(seen, [frame.nothing(problem.msg)])
    number = int(asked["page"]) if asked.get("page", "").isdigit() else 1
    return _page(seen, await off_loop(_told, services, seen, question, max(number, 1)))


def _page(seen: Visit, body: list[Component]) -> Component:
    crumb = html.A("指标登记册", href=f"/figure/{LIST}")
    return html.Main([menu.bar(NAME, seen.account, crumb), html.Div(body, className="figure-page")], className="desk")


def _told(services: Services, seen: Visit, asked: Question, number: int) -> list[Component]:
    """The figure and its rows. Blocking."""
    figure = figure_asking.figure(services, seen.scope, asked)
    found = figure_asking.rows(services, seen.scope, asked, number, PAGE_SIZE)
    place = figure_asking.place_name(services, seen.scope, asked.grid)
    now = services.clock()
    as_of = f"截至 {moment_words(figure.as_of, now)}"
    return [
        _head(figure, place, as_of),
        _choices(services, seen, asked),
        *_behind(services, seen, asked, figure, found),
    ]


def _behind(services: Services, seen: Visit, asked: Question, figure: Figure, found: FigureRows) -> list[Component]:
    """What the figure is made of: the rounds of a questionnaire, or cases, page by page. Blocking."""
    question = survey_sheet.question_of(asked.id)
    area = asked.grid or seen.scope.area
    if question:
        return [survey_sheet.layout(survey_sheet.content_of(question, area, services, seen))]
    return [_rows(services, seen, figure, found), _pages(asked, found)]


def _head(figure: Figure, place: str, as_of: str) -> Component:
    indicator = REGISTER[figure.id]
    target = f" · 目标 {indicator.target:.0%}" if indicator.target is not None else ""
    rest = f"{indicator.group} · {_DIRECTIONS[figure.direction]}{target}"
    when = "此刻" if REGISTER.is_timeless(indicator) else figure.period.words
    files = [html.A(name, href=_export(figure, kind), download="") for kind, name in (("csv", "CSV"), ("xlsx", "XLSX"))]
    return html.Section(
        [
            html.Header([html.H1(figure.name), html.Span(f"{place} · {when}"), html.Span(as_of)]),
            html.P(figure.words, className="figure-value", **{"data-value": str(figure.value)}),
            html.P(figure.definition, className="figure-definition"),
            html.P([rest, " · 导出 ", files[0], " ", files[1]], className="figure-source"),
        ],
        className="panel figure-head",
    )


def _export(figure: Figure, kind: str) -> str:
    return f"/api/v1/figures/{figure.id}/export.{kind}?{figure.link.partition('?')[2]}"


def _choices(services: Services, seen: Visit, asked: Question) -> Component:
    """Other periods, and the grids above and below, each the same figure's permanent link."""
    period = asked.period
    periods = [
        ("上一期", period.before),
        ("上年同期", period.year_before),
        ("本月至今", Period.to_date(services.clock())),
    ]
    book, code = services.grids, asked.grid or seen.scope.area
    above = [each for each in book.ancestors(code)[:-1] if book.within(each, seen.scope.area)] if code else []
    below = book.children(code) if code else book.grids(0)
    others = [] if REGISTER.is_timeless(asked.indicator) else periods
    links = [
        html.Nav([html.A(name, href=_link(asked, each)) for name, each in others], **{"aria-label": "其他时段"}),
        html.Nav(
            [html.A(f"↑ {book.grid(each).name}", href=_link(asked, period, each)) for each in above]
            + [html.A(each.name, href=_link(asked, period, each.code)) for each in below],
            **{"aria-label": "上下级网格"},
        ),
    ]
    return html.Section(links, className="panel figure-choices")


def _link(asked: Question, period: Period, grid: str | None = None, **more: str) -> str:
    link = link_of(asked.id, grid or asked.grid or "", period, asked.part)
    return f"{link}&{urlencode(more)}" if more else link


def _rows(services: Services, seen: Visit, figure: Figure, found: FigureRows) -> Component:
    names, now = case_rows.names_of(services, seen), services.clock()
    if found.not_cases:
        return _not_cases(figure, found, names.grids, now)
    return case_rows.table("计入的案件", Page(tuple(found.items), found.page, found.total), names, now)


def _not_cases(figure: Figure, found: FigureRows, names: Mapping[str, str], now: datetime) -> Component:
    """What else is counted: the alerts themselves, or the way to where there is a page of it. Words where neither."""
    if found.alerts:
        return _alerts(found.alerts, names, now)
    words = found.not_cases
    told = frame.nothing(f"这个指标不是由案件计数的：{words}")
    if not any(REGISTER.sets[name].source == "registers" for name in REGISTER[figure.id].sets):
        return told
    return html.Div([told, html.P(html.A("打开登记册", href=f"/registers?{urlencode({'grid': figure.grid})}"))])


def _alerts(alerts: Sequence[Alert], names: Mapping[str, str], now: datetime) -> Component:
    """The alerts that are counted, oldest first."""
    heads = html.Thead(html.Tr([html.Th(name) for name in ("已等", "预警", "网格", "来源", "收到")]))
    rows = [
        html.Tr(
            [
                html.Td(cell)
                for cell in (
                    span_words(now - each.received_at),
                    each.text or each.kind,
                    place_words(each.place.grids, names),
                    each.origin,
                    moment_words(each.received_at, now),
                )
            ],
            **{"data-alert": each.no},
        )
        for each in alerts
    ]
    head = html.Header([html.H2("计入的预警"), html.Span(f"共 {len(alerts)} 条")], className="panel-head")
    return html.Section([head, html.Table([heads, html.Tbody(rows)])], className="panel case-rows")


def _pages(asked: Question, found: FigureRows) -> Component:
    last = max(-(-found.total // PAGE_SIZE), 1)
    steps = [(n, name) for n, name in ((found.page - 1, "上一页"), (found.page + 1, "下一页")) if 1 <= n <= last]
    links = [html.A(name, href=_link(asked, asked.period, page=str(n))) for n, name in steps]
    return html.Nav([html.Span(f"第 {found.page} / {last} 页"), *links], className="figure-pages")


def _register(seen: Visit) -> Component:
    """Every indicator by group, each a link to its figure of the month to date."""
    groups = [html.Section([html.H2(name), _table(rows)], className="panel") for name, rows in REGISTER.groups.items()]
    return html.Div([html.H1(f"指标登记册（{len(REGISTER.indicators)} 项）"), *groups])


def _table(indicators: list[Indicator]) -> Component:
    heads = html.Thead(html.Tr([html.Th(name) for name in ("指标", "口径", "单位", "方向")]))
    rows = [
        html.Tr(
            [
                html.Td(html.A(each.name, href=f"/figure/{each.id}")),
                html.Td(REGISTER.definition(each)),
                html.Td(each.unit),
                html.Td(_DIRECTIONS[each.direction]),
            ],
            **{"data-indicator": each.id},
        )
        for each in indicators
    ]
    return html.Table([heads, html.Tbody(rows)])


def register(app: Dash, services: Services) -> None:
    """Links only: nothing to call back."""
