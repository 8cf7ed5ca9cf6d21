"""The list for dark screens: every open case once, on its area's page, nothing of who reported."""

from __future__ import annotations

from datetime import timedelta

from cases.model import Place, Reporter, Stage, Standing, State
from dashboard.paper.open_list import UNPLACED, OpenCases, by_area, dividing_level, document
from tests.cases.build import MONDAY_9, case
from tests.dashboard.rig import toy_grids

BOOK = toy_grids()
UNITS, WORKERS = {"U-city": "城管中队"}, {"W-A1": "王建国"}


def open_case(n: int, *grids: str, **changes: object):  # type: ignore[no-untyped-def]
    place = Place(None, None, grids, address=f"{n} 号")
    return case(
        no=f"20261116-{n:06d}", place=place, title=f"案{n}", reporter=Reporter("张三", "13800001234"), **changes
    )


def listed(*cases, area: str = "") -> OpenCases:  # type: ignore[no-untyped-def]
    return OpenCases(cases, BOOK, area, UNITS, WORKERS, "试验镇综治中心", MONDAY_9)


SEVEN = (
    open_case(1, "B", "B1"),
    open_case(2, "A", "A2"),
    open_case(3),
    open_case(4, "A", "A1", unit="U-city", worker="W-A1", stage=Stage.DISPATCHED),
    open_case(5, "A"),
    open_case(6, "B", "B1", standing=Standing.OVERDUE, due_at=MONDAY_9 - timedelta(hours=3), exercise=True),
    open_case(7, "gone"),
)


def test_each_open_case_stands_once_on_its_areas_page_with_the_unplaced_last() -> None:
    pages = [(name, [c.title for c in cases]) for name, cases in by_area(listed(*SEVEN))]
    assert pages == [
        ("网格A", ["案5", "案4", "案2"]),
        ("网格B", ["案1", "案6"]),
        (UNPLACED, ["案3", "案7"]),
    ]


def test_an_areas_own_list_is_divided_by_what_the_area_holds() -> None:
    assert (dividing_level(BOOK, ""), dividing_level(BOOK, "A"), dividing_level(BOOK, "A1")) == (0, 1, 1)
    mine = [case for case in SEVEN if "A" in case.grids]
    assert [name for name, _ in by_area(listed(*mine, area="A"))] == ["网格A", "网格A1", "网格A2"]


def test_every_page_says_as_of_when_and_from_where() -> None:
    text = document(listed(*SEVEN))
    assert text.count("来源：案件库 · 截至 2026-11-16 09:00") == 1 + 3
    assert text.count('class="page list"') == 1 + 3
    assert "全部辖区：在办 7 件，其中超时 1 件" in text


def test_a_row_says_who_has_it_and_leaves_room_for_a_hand() -> None:
    text = document(listed(*SEVEN))
    assert "城管中队 · 王建国" in text
    assert "超时 3 小时" in text
    assert "<td>网格A1 · 4 号</td>" in text
    assert "<td>3 号</td>" in text
    assert "<b>演练 </b>案6" in text
    assert text.count('<td class="blank"></td>') == 2 * len(SEVEN)
    assert "张三" not in text
    assert "1380000" not in text


def test_markup_in_a_title_stays_words() -> None:
    evil = open_case(1, "A", "A1", state=State.SUSPENDED)
    text = document(listed(type(evil)(**{**{n: getattr(evil, n) for n in evil.__slots__}, "title": "<img src=x>"})))
    assert "<img" not in text
    assert "&lt;img src=x&gt;" in text
    assert "（挂起）" in text


def test_an_empty_room_prints_a_list_that_says_so() -> None:
    assert "在办 0 件" in document(listed())
