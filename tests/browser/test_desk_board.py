"""The board and the tray of the desk in a real browser: dropped, keyed, marked; two thousand cases stay fluid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.model import EVERYWHERE, Action, IncidentReport
from cases.model import Stage as CaseStage
from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import Stage, running, set_stage

pytestmark = pytest.mark.browser

OPEN = 2000
LONGEST_MS = 200  # no task of the page may hold up a hand longer than this


def column(screen: Screen, stage: str) -> str:
    """What one column holds, by its selector."""
    return f'#desk-board [data-column="{stage}"]'


def stage_of(stage: Stage, number: str) -> CaseStage:
    """Where a case is in the record."""
    case = stage.services.views.case(number, EVERYWHERE)  # type: ignore[arg-type]
    assert case is not None
    return case.stage


def test_a_card_goes_on_by_hand_and_by_key_and_an_illegal_drop_is_refused(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty?view=board")
    page, asked = screen.page, screen.page.locator("#desk-board-asked")
    number = stage.report(title="看板上的案件", category="safety.fire", at=datetime.now(UTC) - timedelta(days=2))
    card = page.locator(f'#desk-board .card[data-case="{number}"]:visible')
    card.wait_for(timeout=25000)
    card.drag_to(page.locator(column(screen, "verified")))
    asked.locator(".refused", has_text="不能直接到“核查反馈”").wait_for(timeout=10000)
    card.drag_to(page.locator(column(screen, "closed")))
    asked.locator("label", has_text="经核实情况不属实").wait_for(timeout=10000)
    page.keyboard.press("Escape")
    asked.locator("label").first.wait_for(state="hidden", timeout=10000)
    card.drag_to(page.locator(column(screen, "accepted")))
    asked.locator(".done", has_text="已受理").wait_for(timeout=10000)
    page.locator(f'{column(screen, "accepted")} .card[data-case="{number}"]').wait_for(timeout=10000)
    page.keyboard.press("Shift+ArrowRight")
    asked.locator("h4", has_text="派遣：看板上的案件").wait_for(timeout=10000)
    page.keyboard.press("Enter")
    asked.locator(".done", has_text="已派遣").wait_for(timeout=10000)
    assert stage_of(stage, number) is CaseStage.DISPATCHED
    scrolled = f"""document.querySelector('{column(screen, "dispatched")} .column-rows').scrollTop"""
    page.evaluate(f"{scrolled} = 130")
    screen.reload()
    page.locator("#case-detail h2", has_text="看板上的案件").wait_for(timeout=25000)
    screen.until(f"{scrolled} === 130", 10)
    assert page.locator(f"{column(screen, 'dispatched')} .card:visible").count() > 0
    assert screen.errors == []


def test_marked_cases_are_acted_on_together_and_each_says_what_came_of_it(open_screen: Open, stage: Stage) -> None:
    numbers = [stage.report(title=f"成批受理 {n}", category="safety.fire") for n in range(3)]
    screen = open_screen("/duty")
    page, lines = screen.page, screen.page.locator("#bulk-tray-lines")
    for number in numbers:
        page.locator(f'#inbox [data-case="{number}"] .box').click(timeout=25000)
    lines.locator("li", has_text="成批受理 2").wait_for(timeout=10000)
    stage.advance(numbers[1], Action.ACCEPT)
    page.keyboard.press("Shift+S")
    lines.locator(".outcome", has_text="2 件已受理，1 件未办").wait_for(timeout=10000)
    assert lines.locator("li .done").count() == 2
    assert "未受理" in lines.locator(f'[data-marked-case="{numbers[1]}"] .refused').inner_text()
    screen.reload()
    lines.locator("li", has_text="成批受理 2").wait_for(timeout=25000)
    page.keyboard.press("Shift+D")
    lines.locator(".outcome", has_text="2 件已派遣，1 件未办").wait_for(timeout=10000)
    assert [stage_of(stage, number) for number in numbers].count(CaseStage.DISPATCHED) == 2
    page.keyboard.press("Shift+X")
    page.locator("#bulk-tray").wait_for(state="hidden", timeout=10000)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room with two thousand open cases."""
    made = set_stage(tmp_path_factory.mktemp("crowd"))
    now = datetime.now(UTC)
    plain = IncidentReport(
        "crowd", "0", "0", now, now, "call", "environment.noise", "夜间施工噪声扰民", place=made.somewhere()
    )
    reports = [replace(plain, id=str(n), fingerprint=str(n), at=now - timedelta(minutes=n)) for n in range(OPEN)]
    made.desk.file(reports, now)
    with running(made):
        yield made


_WATCH = """() => {
    window.long = [];
    const watching = new PerformanceObserver((list) => list.getEntries().forEach((e) => window.long.push(e.duration)));
    watching.observe({ entryTypes: ["longtask"] });
}"""
_SCROLL = """() => new Promise((done) => {
    const rows = document.querySelector('[data-column="reported"] .column-rows'), frames = [];
    let last = performance.now(), left = 150;
    function step(at) {
        frames.push(at - last);
        last = at;
        rows.scrollTop += 400;
        if (--left) requestAnimationFrame(step); else done(frames.slice(5));
    }
    requestAnimationFrame(step);
})"""


@pytest.mark.long
def test_two_thousand_open_cases_stay_fluid(open_screen: Open, crowded: Stage) -> None:
    screen = open_screen("/duty?view=board", at=crowded.url)
    page = screen.page
    page.locator(".column-count", has_text=f"{OPEN} 件").first.wait_for(timeout=20000)
    page.wait_for_timeout(1500)  # the room settles
    page.evaluate(_WATCH)
    crowded.report(title="滚动时来的")
    frames = sorted(page.evaluate(_SCROLL))
    card = page.locator(f"{column(screen, 'reported')} .card:visible").nth(4)
    card.drag_to(page.locator(column(screen, "accepted")))
    page.locator("#desk-board-asked .done").wait_for(timeout=10000)
    longest = max([0, *page.evaluate("window.long")])
    half, most = frames[len(frames) // 2], frames[int(len(frames) * 0.95)]
    print(f"board of {OPEN}: frame p50 {half:.1f} ms, p95 {most:.1f} ms, longest task {longest:.0f} ms")
    assert page.locator("#desk-board .card").count() < 120, "only the rows in view are in the page"
    assert longest <= LONGEST_MS
