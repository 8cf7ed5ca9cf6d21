"""在办案件清单: every open case on paper, a page an area, with a blank for the phone; for when the screens are dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from cases.calendar import LOCAL
from cases.lifecycle import STAGE_NAMES, STATE_NAMES
from cases.model import Case, GridWorker, HandlingUnit, Standing, State
from dashboard.components.words import due_words, moment_words
from dashboard.markup import Markup, element
from dashboard.paper import sheet
from geo.grids import GridBook

UNPLACED = "待定（未落入网格）"
HEADS = ("编号", "案件", "地点", "阶段", "时限", "谁在办", "联系电话", "处置记录")
WHOLE = 20_000  # open cases of a room; a longer list says how many it leaves out


@dataclass(frozen=True, slots=True)
class OpenCases:
    """What the list is made from: the open cases of an area, most urgent first, and the names to print."""

    cases: Sequence[Case]
    book: GridBook
    area: str
    units: Mapping[str, str]
    workers: Mapping[str, str]
    room: str
    as_of: datetime


def names(
    units: Sequence[HandlingUnit], workers: Sequence[GridWorker], shown: Callable[[str], str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Unit names and, as the reader may see them, worker names by id."""
    return {unit.id: unit.name for unit in units}, {worker.id: shown(worker.name) for worker in workers}


def document(listed: OpenCases) -> str:
    """The whole list: a page of counts, then a page an area; as-of and source at the head of every page."""
    areas = by_area(listed)
    title = f"在办案件清单 · {listed.room}"
    pages = [_area(name, cases, listed) for name, cases in areas]
    return sheet.page(title, [("回到值班台", "/duty")], _summary(areas, listed), *pages)


def by_area(listed: OpenCases) -> list[tuple[str, list[Case]]]:
    """Open cases by the outermost grids that divide the area, in the order of their codes; 待定 last.

    Inside an area by its own inner grids, the most urgent first.
    """
    level, book = dividing_level(listed.book, listed.area), listed.book

    def place(case: Case) -> tuple[str, str]:
        known = [code for code in case.grids if code in book]
        at = next((code for code in known if book.grid(code).level == level), known[0] if known else "")
        return at, known[-1] if known else ""

    ordered = sorted(listed.cases, key=lambda case: (place(case)[0] == "", place(case)))  # stable: urgency stays
    grouped = groupby(ordered, key=lambda case: place(case)[0])
    return [(book.grid(code).name if code else UNPLACED, list(cases)) for code, cases in grouped]


def dividing_level(book: GridBook, area: str) -> int:
    """The outermost level of which the area holds more than one grid; the innermost where there is none."""
    for level in range(len(book.levels())):
        if sum(book.within(grid.code, area) for grid in book.grids(level)) > 1:
            return level
    return len(book.levels()) - 1


def _running(listed: OpenCases, what: str) -> tuple[str, str]:
    at = listed.as_of.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    return f"{listed.room} · 在办案件 · {what}", f"来源：案件库 · 截至 {at} · 含个人信息，用后收回"


def _summary(areas: Sequence[tuple[str, Sequence[Case]]], listed: OpenCases) -> Markup:
    where = listed.book.grid(listed.area).name if listed.area else "全部辖区"
    late = _late(listed.cases)
    count = f"在办 {len(listed.cases)} 件，其中超时 {late} 件。"
    cut = f"只列出最急的 {WHOLE} 件。" if len(listed.cases) >= WHOLE else ""
    rows = [(name, len(cases), _late(cases), "") for name, cases in areas]
    counts = sheet.table("各片区", ("片区", "在办", "超时", "领用人签字"), rows)
    use = "系统不可用时按片区分发；处置情况写在表内，恢复后补录。"
    content = (element("h1", "在办案件清单"), element("p", f"{where}：{count}{cut}"), element("p", use), counts)
    return sheet.sheet(*_running(listed, where), *content, class_="list")


def _late(cases: Sequence[Case]) -> int:
    return sum(case.standing is Standing.OVERDUE for case in cases)


def _area(name: str, cases: Sequence[Case], listed: OpenCases) -> Markup:
    head = element("thead", element("tr", [element("th", each) for each in HEADS]))
    ruled = element("table", head, element("tbody", [_row(case, listed) for case in cases]), class_="ruled")
    left, right = _running(listed, f"{name} · {len(cases)} 件")
    return sheet.sheet(left, right, ruled, class_="list")


def _row(case: Case, listed: OpenCases) -> Markup:
    now, late = listed.as_of, case.standing is Standing.OVERDUE
    due = f"{moment_words(case.due_at, now)} " if case.due_at else ""
    state = "" if case.state is State.ACTIVE else f"（{STATE_NAMES[case.state]}）"
    drill = element("b", "演练 ") if case.exercise else None
    cells = [
        element("td", case.no, class_="nowrap"),
        element("td", drill, case.title),
        element("td", _place(case, listed.book)),
        element("td", STAGE_NAMES[case.stage] + state, class_="nowrap"),
        element("td", f"{due}{due_words(case, now)}", class_="late" if late else None),
        element("td", who_has(case, listed.units, listed.workers)),
        element("td", "", class_="blank"),
        element("td", "", class_="blank"),
    ]
    return element("tr", cells)


def _place(case: Case, book: GridBook) -> str:
    """The innermost grid, and the address as it was told."""
    inner = next((book.grid(code).name for code in reversed(case.grids) if code in book), "")
    return " · ".join(each for each in (inner, case.place.address) if each) or "—"


def who_has(case: Case, units: Mapping[str, str], workers: Mapping[str, str]) -> str:
    """The unit and the worker who have it, as far as somebody does."""
    unit = units.get(case.unit or "", case.unit or "")
    worker = workers.get(case.worker or "", case.worker or "")
    return " · ".join(each for each in (unit, worker) if each) or "未派"
