"""台账 as XLSX: one case or matter a row, typed cells, people masked, no cell that a spreadsheet would compute."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import xlsxwriter

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.lifecycle import STAGE_NAMES, STATE_NAMES
from cases.masking import masked_name, masked_phone
from cases.model import CHANNELS, Case, Standing

LEDGERS: Mapping[str, tuple[str, str | tuple[str, ...]]] = {  # N6: kind → name, what its cases' categories begin with
    "all": ("案件总台账", ""),
    "disputes": ("矛盾纠纷调处台账", "dispute."),
    "hazards": ("隐患排查台账", "safety."),
    "business": ("企业诉求调处台账", ("dispute.business", "dispute.contract")),
    "labour": ("企业用工纠纷台账", ("dispute.wages", "dispute.labour")),
    "order": ("治安警情台账", "order."),
    "people": ("民生求助台账", "people."),
    "city": ("环境与城管台账", ("city.", "environment.")),
}
OUTCOMES = {"settled": "已化解", "explained": "解释说明", "refused": "不予受理"}
STANDINGS = {Standing.ON_TIME: "正常", Standing.AT_RISK: "预警", Standing.OVERDUE: "超时"}
LONGEST = 32_000  # a cell holds 32,767 characters
HEAD_ROW = 3

Value = str | int | datetime | None
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its head, its width in characters, and what stands there for a row."""

    head: str
    width: int
    of: Callable[[Row], Value]


def columns(names: Mapping[str, str], units: Mapping[str, str], reveal: bool) -> Sequence[Column[Case]]:
    """The columns; `names` are grids' names by code. The reporter is masked unless the reader may see him."""
    name, phone = (str, str) if reveal else (masked_name, masked_phone)
    return (
        Column("编号", 18, lambda c: c.no),
        Column("受理时间", 17, lambda c: c.received_at),
        Column("类别", 14, lambda c: category_of(c.category).name),
        Column("来源", 12, lambda c: CHANNELS.get(c.channel, c.channel)),
        Column("案件", 32, lambda c: c.title),
        Column("所在网格", 20, lambda c: " ".join(names[code] for code in c.grids if code in names) or "待定"),
        Column("地址", 24, lambda c: c.place.address),
        Column("涉及人数", 9, lambda c: c.people),
        Column("严重程度", 9, lambda c: c.severity),
        Column("阶段", 10, lambda c: STAGE_NAMES[c.stage]),
        Column("状态", 9, lambda c: STATE_NAMES[c.state]),
        Column("承办单位", 16, lambda c: units.get(c.unit or "", "")),
        Column("办结时限", 17, lambda c: c.due_at),
        Column("时限灯", 8, lambda c: STANDINGS.get(c.standing, "")),
        Column("结案时间", 17, lambda c: c.closed_at),
        Column("结果", 10, lambda c: OUTCOMES.get(c.outcome or "", c.outcome or "")),
        Column("评价（分）", 10, lambda c: c.score),
        Column("报告人", 10, lambda c: name(c.reporter.name) if _is_named(c) else ""),  # type: ignore[union-attr]
        Column("电话", 14, lambda c: phone(c.reporter.phone) if _is_named(c) else ""),  # type: ignore[union-attr]
    )


def _is_named(case: Case) -> bool:
    return case.reporter is not None and not case.reporter.anonymous


def ledger_of(title: str, source: str, rows: Iterable[Row], shown: Sequence[Column[Row]]) -> tuple[bytes, int]:
    """The file and how many rows it has. `source` says from where and as of when; times are Asia/Shanghai."""
    held = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    count = 0
    with xlsxwriter.Workbook(held, settings) as book:
        sheet = book.add_worksheet("台账")
        head = book.add_format({"bold": True, "bg_color": "#E7EBF0", "border": 1, "text_wrap": True})
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16}))
        sheet.write_string(1, 0, source)
        for n, column in enumerate(shown):
            sheet.write_string(HEAD_ROW - 1, n, column.head, head)
            sheet.set_column(n, n, column.width)
        sheet.freeze_panes(HEAD_ROW, 1)
        text = book.add_format({"quote_prefix": True})  # stays text even when somebody edits the cell
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for count, row in enumerate(rows, 1):
            for n, column in enumerate(shown):
                _write(sheet, HEAD_ROW + count - 1, n, column.of(row), text, moment)
        sheet.autofilter(HEAD_ROW - 1, 0, HEAD_ROW - 1 + max(count, 1), len(shown) - 1)
        sheet.repeat_rows(HEAD_ROW - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return held.getvalue(), count


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value, text: object, moment: object
) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(LOCAL).replace(tzinfo=None), moment)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value if len(value) <= LONGEST else value[:LONGEST] + "…", text)
