"""The analyst in a real browser: to a unit in two clicks or by letters, then to a number, its rows, a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cases.model import EVERYWHERE, Account, Place, Role
from dashboard.grid_finder import initials
from geo.grids import Grid
from tests.browser.conftest import STANDS, Open
from tests.dashboard.harness import PASSWORD, Stage

pytestmark = pytest.mark.browser

ANALYST, HERE = "grid-analyst", 3


def unit_with_cases(stage: Stage) -> list[Grid]:
    """A township, one of its grids and a unit in that, with three cases in the unit."""
    book = stage.services.grids
    unit = book.grids(len(book.levels()) - 1)[-1]
    inside = unit.geometry.representative_point()
    for _ in range(HERE):
        stage.report(place=Place(inside.x, inside.y, book.ancestors(unit.code), address="荷花苑 1 幢"))
    stage.room.directory.put_account(Account(ANALYST, Role.ANALYST, "", "某分析员"), PASSWORD)
    return [book.grid(code) for code in book.ancestors(unit.code)]


def test_township_to_unit_to_number_to_rows_to_file_and_back(open_screen: Open, stage: Stage) -> None:
    town, middle, unit = unit_with_cases(stage)
    screen = open_screen(f"/grid/{town.code}?weeks=26", account=ANALYST)
    page = screen.page
    for grid in (middle, unit):
        page.locator(f'.desk-left a[href="/grid/{grid.code}?weeks=26"]').first.click()
        page.wait_for_url(f"**/grid/{grid.code}?weeks=26", timeout=30000)
    page.locator(".kpi", has_text="在办").first.click()
    page.wait_for_url(f"**/figure/now_open?grid={unit.code}*", timeout=30000)
    page.locator(f'.figure-value[data-value="{HERE}"]').wait_for(timeout=30000)
    assert page.locator("tr[data-case]").count() == HERE
    with page.expect_download(timeout=30000) as file:
        page.get_by_role("link", name="CSV").click()
    rows = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert sum("荷花苑" in row or unit.code in row for row in rows if row[:1] == "2") == HERE
    page.go_back()
    page.wait_for_url(f"**/grid/{unit.code}?weeks=26", timeout=30000)
    page.locator(".spans .here", has_text="26 周").first.wait_for(timeout=30000)
    screen.until(STANDS, 30)
    field = page.locator("[data-grid-search] input")
    field.fill(initials(town.name))
    field.press("Enter")
    page.wait_for_url("**/grid/*?weeks=26", timeout=30000)
    page.locator(".breadcrumb b", has_text=town.name).wait_for(timeout=30000)
    assert screen.errors == []


# registers ------------------------------------------------------------------------------------------------------

PEOPLE = "序号,姓名,手机,所在网格\n1,王建国,13800001234,{grid}\n,李明,13900001234,{grid}\n"


def hand_in(page: Any, file: Path) -> None:
    with page.expect_file_chooser(timeout=15000) as chooser:
        page.get_by_role("button", name="选择文件").click()
    chooser.value.set_files(file)


def test_file_becomes_a_register_once_it_was_seen_and_a_wrong_one_changes_nothing(
    open_screen: Open, stage: Stage, tmp_path: Path
) -> None:
    unit = unit_with_cases(stage)[-1]
    kept = stage.services.registry.registers
    screen = open_screen("/registers/import", account=ANALYST)
    page = screen.page
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    hand_in(page, tmp_path / "坏.xlsx")
    page.locator(".register-sent.refused").wait_for(timeout=15000)
    assert kept.loads() == []
    refused, screen.errors[:] = list(screen.errors), []
    assert refused and all("registers/files" in each or "status of 4" in each for each in refused)

    (tmp_path / "人口.csv").write_text(PEOPLE.format(grid=unit.code), encoding="gb18030")
    hand_in(page, tmp_path / "人口.csv")
    page.locator('select[name="map.key"]').select_option("序号")
    page.locator('select[name="map.grid"]').select_option("所在网格")
    page.locator('input[name="source"]').fill("民政办")
    page.locator('input[name="as_of"]').fill("2026-01-01")
    page.get_by_role("button", name="预览").click()
    page.locator('[data-previewed="1"]').wait_for(timeout=15000)
    said = page.locator("#register-intake").inner_text()
    assert "第 3 行" in said and "不合格 1 行" in said and "王建国" not in said
    assert kept.records("person", EVERYWHERE)[0] == 0
    page.get_by_role("button", name="其余入库：1 条").click()
    page.locator("#register-intake .done", has_text="已入库 1 条，1 行不合格未入库").wait_for(timeout=15000)
    page.goto(f"{stage.url}/grid/{unit.code}")
    card = page.locator(".desk-left tr", has_text="2026-01-01")
    card.wait_for(timeout=15000)
    assert card.inner_text().split()[:2] == ["人", "1"]
    page.goto(f"{stage.url}/registers?kind=person&grid={unit.code}")
    page.locator("td", has_text="民政办").first.wait_for(timeout=15000)
    assert screen.errors == []
