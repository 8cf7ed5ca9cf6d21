"""The rows behind a number: cases as a plain table, each row a link to its case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.lifecycle import STAGE_NAMES
from cases.masking import masked_name
from cases.model import Case
from cases.ports import CaseFilter, Page
from dashboard.components import frame
from dashboard.components.signs import light
from dashboard.components.words import clock_words, due_words, moment_words, place_words
from dashboard.services import Services
from dashboard.session import Visit


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code for what a row shows."""

    grids: Mapping[str, str]
    units: Mapping[str, str]
    workers: Mapping[str, str]


def names_of(services: Services, seen: Visit) -> Names:
    """The names a visit may read. Blocking."""
    shown = (lambda name: name) if seen.scope.reveal else masked_name
    return Names(
        {grid.code: grid.name for grid in services.grids.grids()},
        {unit.id: unit.name for unit in services.directory.units()},
        {worker.id: shown(worker.name) for worker in services.directory.workers(seen.scope)},
    )


def open_in(code: str) -> CaseFilter:
    """The open cases of a grid."""
    return CaseFilter(open_only=True, grid=code)


def table(title: str, page: Page, names: Names, now: datetime) -> Component:
    """A titled table of one page of cases, with how many there are in all and when this was read."""
    note = f"共 {page.total} 件" + (f"，列出前 {len(page.items)} 件" if page.total > len(page.items) else "")
    body = rows(page.items, names, now) if page.items else frame.nothing(f"没有“{title}”的案件")
    head = html.Header(
        [html.H2(title), html.Span(note), html.Span(f"案件库 · 截至 {clock_words(now)}", className="source")],
        className="panel-head",
    )
    return html.Section(
        [head, body], className="panel case-rows", **{"data-rows": title, "data-total": str(page.total)}
    )


def rows(cases: Sequence[Case], names: Names, now: datetime) -> Component:
    """One row a case: clock, title, kind, where, who, stage, when."""
    heads = html.Thead(html.Tr([html.Th(name) for name in ("时限", "案件", "类别", "网格", "承办", "阶段", "上报")]))
    return html.Table([heads, html.Tbody([_row(case, names, now) for case in cases])])


def _row(case: Case, names: Names, now: datetime) -> Component:
    who = names.units.get(case.unit or "") or names.workers.get(case.worker or "") or "未派"
    cells = (
        html.Span([light(case.standing), due_words(case, now)], className="due"),
        html.A(case.title, href=f"/case/{case.no}"),
        category_of(case.category).name,
        place_words(case.grids, names.grids),
        who,
        STAGE_NAMES[case.stage],
        moment_words(case.reported_at, now),
    )
    return html.Tr([html.Td(cell) for cell in cells], className=str(case.standing), **{"data-case": case.no})
