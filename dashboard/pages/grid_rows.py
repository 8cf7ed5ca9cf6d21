"""The cases behind a number of a cell: what was asked in words, the rows, and the same rows as a file."""

from __future__ import annotations

from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.happenings import Selection
from cases.indicators import DAYS
from dashboard import cells
from dashboard.cells import BadCell, Cell
from dashboard.components import chart, frame, menu
from dashboard.components.words import clock_words, moment_words
from dashboard.offloop import off_loop
from dashboard.pages import grid
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/grid/<code>/rows", "明细"
ROLES = grid.ROLES
LIBRARIES: tuple[str, ...] = ()
SHOWN = 500


async def layout(services: Services, **asked: str) -> Component:
    """Newest first; each row opens its case."""
    seen = visit()
    try:
        cell, which = asked_cell(asked, services, seen), asked_selection(asked)
    except BadCell as problem:
        return html.Main([menu.bar(NAME, seen.account), frame.nothing(str(problem))], className="desk")
    found = await off_loop(cells.selected, cell, which, services, seen)
    now = services.clock()
    rows = [
        (
            html.A(one.no, href=f"/case/{one.no}"),
            category_of(one.category).name,
            one.address or "—",
            moment_words(one.reported_at, now),
            "已结案" if one.closed_at else "在办",
        )
        for one in found[:SHOWN]
    ]
    note = f"{words_of(which)} · 共 {len(found)} 件" + (f"，列出最新 {SHOWN} 件" if len(found) > SHOWN else "")
    source = html.Span(f"案件库 · 截至 {clock_words(now)}", className="source")
    head = html.Header([html.H2(cell.name), html.Span(note, className="note"), source], className="panel-head")
    body = (
        chart.table(("案件", "类别", "地址", "上报", "状态"), rows, "案件明细") if rows else frame.nothing("没有案件")
    )
    file = html.P(html.A("导出明细 CSV", href=cell.rows(which, as_file=True), download=""), className="panel-foot")
    back = html.Nav(html.A(f"‹ {cell.name}", href=_home(cell)), className="breadcrumb")
    page = html.Section([head, file, body], className="panel rows-page", **{"data-total": str(len(found))})
    return html.Main([menu.bar(NAME, seen.account, back), page], className="desk lasso-page")


def _home(cell: Cell) -> str:
    if cell.corners:
        return f"/lasso?shape={cell.corners}"
    return f"/grid/{cell.code}" if cell.code else "/charts"


def asked_cell(asked: dict[str, str], services: Services, seen: Visit) -> Cell:
    """The cell of an address; BadCell for one that is not there or not the visit's."""
    code, book = asked["code"], services.grids
    if asked.get("shape"):
        return cells.drawn(asked["shape"], seen.scope.area, book)
    if code == cells.EVERYWHERE and not seen.scope.area:
        return Cell("", book.scheme.name)
    if code not in book or not book.within(code, seen.scope.area):
        raise BadCell("没有这个网格，或它不在您的辖区")
    return Cell(code, book.grid(code).name)


def asked_selection(asked: dict[str, str]) -> Selection:
    """Which rows an address asks for; BadCell says which part is wrong."""
    try:
        since, until = (datetime.fromisoformat(asked[name].replace(" ", "+")) for name in ("since", "until"))
        numbers = {name: int(asked[name]) for name in ("weekday", "hour") if asked.get(name)}
    except (KeyError, ValueError):
        raise BadCell("明细的时间或时段写得不对") from None
    if since.tzinfo is None or until.tzinfo is None or since > until:
        raise BadCell("明细的起止时间须带时区，且先后不能颠倒")
    return Selection(since, until, asked.get("category"), address=asked.get("address"), **numbers)


def words_of(which: Selection) -> str:
    """What was asked, in words."""
    told = [chart.period_words(which)]
    told += [category_of(which.category).name] if which.category else []
    told += [DAYS[which.weekday]] if which.weekday is not None and 0 <= which.weekday < 7 else []
    told += [f"{which.hour} 时"] if which.hour is not None else []
    told += [f"地址“{which.address}”"] if which.address else []
    return " · ".join(told)


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened."""
