"""The rows behind a figure as a file: what the figure is in its first lines, then a case a line. No personal data."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import xlsxwriter

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.indicators import REGISTER, Figure, FigureRows
from cases.lifecycle import STAGE_NAMES, STATE_NAMES
from cases.model import Case, Standing

HEADS = ("案件号", "受理时间", "类别", "标题", "网格", "承办单位", "阶段", "状态", "时限", "结案时间", "计入")
_LIGHTS = {Standing.ON_TIME: "正常", Standing.AT_RISK: "预警", Standing.OVERDUE: "超时"}
_FORMULA = re.compile(r"^[=+\-@\t\r]")  # what a spreadsheet would take for a formula


def lines(figure: Figure, found: FigureRows, place: str) -> Iterator[Sequence[str]]:
    """Every line of the file, as texts that no spreadsheet takes for a formula."""
    yield "指标", figure.name
    yield "范围", f"{place}，{figure.period.words}"
    yield "数值", figure.words
    yield "口径", figure.definition
    yield "截至", f"{figure.as_of.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    yield "链接", figure.link
    yield "件数", f"{found.total}" + (f"（列出 {len(found.items)}）" if len(found.items) < found.total else "")
    yield ()
    yield HEADS
    for case, sets in zip(found.items, found.sets, strict=True):
        yield tuple(_safe(each) for each in _cells(case, sets))


def _cells(case: Case, sets: Sequence[str]) -> tuple[str, ...]:
    return (
        case.no,
        f"{case.received_at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
        category_of(case.category).name,
        case.title,
        " ".join(case.grids) or "待定",
        case.unit or "",
        STAGE_NAMES[case.stage],
        STATE_NAMES[case.state],
        _LIGHTS[case.standing],
        f"{case.closed_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if case.closed_at else "",
        "；".join(REGISTER.sets[name].words for name in sets),
    )


def _safe(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(figure: Figure, found: FigureRows, place: str) -> bytes:
    """UTF-8 with the mark that Excel needs to see it."""
    out = io.StringIO()
    csv.writer(out).writerows(lines(figure, found, place))
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(figure: Figure, found: FigureRows, place: str) -> bytes:
    """One sheet; texts stay texts."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("明细")
    for number, line in enumerate(lines(figure, found, place)):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text)
    sheet.set_column(0, len(HEADS) - 1, 18)
    book.close()
    return out.getvalue()
