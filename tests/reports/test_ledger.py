"""台账 opened again: typed cells, frozen head, masked people, and nothing a spreadsheet would compute."""

import io
from datetime import datetime

import openpyxl
import pytest

from cases.model import CaseNo, Reporter
from reports.ledger import HEAD_ROW, columns, ledger_of
from tests.cases.build import case

FORMULA = '=HYPERLINK("http://x","y")'


def opened(reveal=False, **changes):
    told = case(reporter=Reporter("王建国", "13800001234"), people=12, **changes)
    content, rows = ledger_of("台账", "来源：案件库", [told], columns({"G3": "三号网格"}, {"U-urban": "城管"}, reveal))
    assert rows == 1
    return openpyxl.load_workbook(io.BytesIO(content)).active


def cells(sheet):
    heads = [cell.value for cell in sheet[HEAD_ROW]]
    return dict(zip(heads, sheet[HEAD_ROW + 1], strict=True))


def test_cells_have_types_and_the_head_is_frozen():
    sheet = opened()
    row = cells(sheet)
    assert isinstance(row["受理时间"].value, datetime) and row["受理时间"].value.hour == 9  # local
    assert row["涉及人数"].value == 12 and row["编号"].data_type == "s"
    assert sheet.freeze_panes == f"B{HEAD_ROW + 1}" and sheet["A2"].value == "来源：案件库"


def test_people_are_masked_unless_revealed():
    assert cells(opened())["报告人"].value == "王**" and cells(opened())["电话"].value == "138****1234"
    assert cells(opened(reveal=True))["电话"].value == "13800001234"


@pytest.mark.parametrize("words", [FORMULA, "+1+1", "-2", "@SUM(A1)", "\t=1", "http://evil.example", "00123"])
def test_text_stays_text(words):
    cell = cells(opened(title=words))["案件"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (words, "s", None)
    assert cell.quotePrefix  # also when somebody edits it


def test_a_text_too_long_for_a_cell_is_cut_and_says_so():
    assert cells(opened(title="长" * 40_000))["案件"].value.endswith("…")


def test_an_anonymous_reporter_stays_away():
    told = case(no=CaseNo("20261116-000002"), reporter=Reporter("王建国", "13800001234", True))
    content, _ = ledger_of("台账", "", [told], columns({}, {}, True))
    assert cells(openpyxl.load_workbook(io.BytesIO(content)).active)["报告人"].value is None
