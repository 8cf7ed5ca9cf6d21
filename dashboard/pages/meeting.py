"""The dispatch meeting: one first-level grid at a time, what is late, hard and most there, and the decision taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.model import Case, Difficulty, Role, Standing
from cases.ports import Figures, GridCount, Page
from dashboard.components import case_rows, frame, menu
from dashboard.components.meters import meter
from dashboard.components.words import clock_words
from dashboard.offloop import off_loop
from dashboard.panels import case_detail
from dashboard.services import Services
from dashboard.session import Visit, visit
from geo.grids import Grid

PATH, NAME = "/meeting", "调度会"
ROLES = frozenset({Role.LEADER, Role.DUTY, Role.ADMIN, Role.ANALYST})
LIBRARIES: tuple[str, ...] = ()
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Agenda:
    """The roll call with its counts, and the grid that is called now."""

    calls: Sequence[Grid]
    called: Grid
    figures: Figures
    whole: Figures
    board: Sequence[Case]
    names: case_rows.Names
    now: datetime


async def layout(services: Services, **asked: str) -> Component:
    """Roll call on the left, what must be spoken of in the middle, the case and its decision on the right."""
    seen = visit()
    agenda = await off_loop(read, asked.get("grid", ""), services, seen)
    if agenda is None:
        return html.Main(
            [menu.bar(NAME, seen.account), frame.nothing("您的辖区里没有一级网格")], className="desk projector"
        )
    return html.Main(
        [
            menu.bar(NAME, seen.account, html.H1(agenda.called.name)),
            html.Div(_calls(agenda), className="desk-left"),
            html.Div(_spoken(agenda), className="desk-middle scrolls", **{"data-pickable": ""}),
            html.Div(case_detail.layout(), className="desk-right"),
        ],
        className="desk projector meeting",
    )


def read(code: str, services: Services, seen: Visit) -> Agenda | None:
    """The agenda for the called grid; the first with overdue cases when none is called. Blocking."""
    book, area, now = services.grids, seen.scope.area, services.clock()
    calls = [grid for grid in book.grids(0) if book.within(grid.code, area) or (area and book.within(area, grid.code))]
    if not calls:
        return None
    whole = services.views.figures(seen.scope, now)
    calls.sort(key=lambda grid: (-_count(whole, grid).overdue, -_count(whole, grid).open, grid.code))
    called = next((grid for grid in calls if grid.code == code), calls[0])
    scope = replace(seen.scope, area=called.code if book.within(called.code, area) else area)
    board = services.views.board(scope)
    return Agenda(
        calls, called, services.views.figures(scope, now), whole, board, case_rows.names_of(services, seen), now
    )


def _count(figures: Figures, grid: Grid) -> GridCount:
    return figures.grids.get(grid.code, GridCount())


def _head(title: str, agenda: Agenda, note: str = "") -> Component:
    source = html.Span(f"案件库 · 截至 {clock_words(agenda.now)}", className="source")
    return html.Header([html.H2(title), html.Span(note), source], className="panel-head")


def _calls(agenda: Agenda) -> Component:
    """The roll call: who has most overdue comes first; this is an order of talking, not a league table."""
    rows = []
    for grid in agenda.calls:
        count = _count(agenda.whole, grid)
        late = html.B(f"超时 {count.overdue}", className="late") if count.overdue else html.Span("无超时")
        here = "call here" if grid.code == agenda.called.code else "call"
        rows.append(
            html.A(
                [html.Span(grid.name), late, html.Span(f"在办 {count.open} 件")],
                href=f"/meeting?grid={grid.code}",
                className=here,
            )
        )
    return html.Section([_head("点名", agenda, f"{len(agenda.calls)} 个"), *rows], className="panel")


def _spoken(agenda: Agenda) -> list[Component]:
    late = [case for case in agenda.board if case.standing is Standing.OVERDUE]
    hard = [
        case for case in agenda.board if case.difficulty is Difficulty.HARD and case.standing is not Standing.OVERDUE
    ]
    return [
        _rows("超时未结", late, agenda),
        _rows("疑难", hard, agenda),
        _most(agenda),
    ]


def _rows(title: str, cases: Sequence[Case], agenda: Agenda) -> Component:
    page = Page(tuple(cases[:SHOWN]), 1, len(cases))
    return case_rows.table(title, page, agenda.names, agenda.now)


def _most(agenda: Agenda) -> Component:
    """What there is most of among the open cases, with the base it is a share of."""
    counts = Counter(case.category for case in agenda.board)
    rows = [
        meter(category_of(code).name, count, counts.most_common(1)[0][1], unit="件")
        for code, count in counts.most_common(6)
    ]
    body = rows or [frame.nothing("没有在办案件")]
    return html.Section(
        [_head("在办最多的类别", agenda, f"在办共 {len(agenda.board)} 件"), *body], className="panel wide-labels"
    )


def register(app: Dash, services: Services) -> None:
    """The page is read when a grid is called; the decision is the case pane's."""
