"""The analyst in a real browser: to a unit in two clicks or by letters, then to a number, its rows, a file."""

from __future__ import annotations

import pytest

from cases.model import Account, Place, Role
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
