"""The duty desk by keyboard alone: from a report to a dispatched case."""

from __future__ import annotations

import pytest

from cases.model import EVERYWHERE
from cases.model import Stage as CaseStage
from tests.browser.conftest import Open
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser


def test_report_to_dispatch_by_keyboard(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    number = stage.report(title="两家为占道争执", category="city.street_trade")
    screen.page.locator(f'#inbox [data-case="{number}"]').wait_for(timeout=15000)
    screen.page.click(f'#inbox [data-case="{number}"]')
    screen.page.locator("#case-detail h2", has_text="两家为占道争执").wait_for(timeout=4000)
    assert "建议派" in screen.page.inner_text("#case-detail")
    screen.page.keyboard.press("s")
    screen.page.locator("#case-detail .action", has_text="派给").wait_for(timeout=4000)
    screen.page.keyboard.press("d")
    screen.page.locator("#case-detail dd", has_text="分类派遣").wait_for(timeout=4000)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.stage is CaseStage.DISPATCHED
    assert case.unit
    assert screen.errors == []


def test_refusal_stands_where_the_hand_is(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="要写理由的案件")
    screen = open_screen(f"/case/{number}")
    screen.page.locator("#case-detail h2", has_text="要写理由的案件").wait_for(timeout=10000)
    screen.page.locator("#case-detail .action", has_text="不予受理").click()
    screen.page.locator("#case-detail-answer", has_text="理由").wait_for(timeout=4000)


def test_number_opens_its_rows(open_screen: Open) -> None:
    screen = open_screen("/")
    screen.page.locator("#kpi-bar a.kpi", has_text="在办").click(timeout=15000)
    screen.page.locator('[data-rows="在办"] tbody tr').first.wait_for(timeout=10000)


@pytest.mark.parametrize("path", ["/duty", "/meeting", "/grid/{grid}", "/case/{case}"])
def test_pages_stand_without_errors(open_screen: Open, stage: Stage, path: str) -> None:
    grid = stage.services.grids.grids(0)[0].code
    case = stage.services.views.board(EVERYWHERE)[0].no
    screen = open_screen(path.format(grid=grid, case=case), size=(1366, 768))
    screen.page.locator(".desk .panel, .desk .case-pane").first.wait_for(timeout=10000)
    screen.until("document.querySelector('.link-state[data-state=ok]') && window.room.live.epoch() !== ''", 10)
    assert screen.errors == []


def test_signing_out_ends_the_session(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    screen.page.locator(".sign-out").click(timeout=10000)
    screen.page.wait_for_url("**/login", timeout=5000)
    screen.page.goto(stage.url + "/duty")
    assert "/login" in screen.page.url
