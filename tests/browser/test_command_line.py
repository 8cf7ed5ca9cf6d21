"""The command line in a real browser: opened by /, completed by Tab, refused in words in place."""

from __future__ import annotations

import pytest

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Role, State
from cases.model import Stage as CaseStage
from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_screen: Open) -> Screen:
    """The desk with its command line open."""
    screen = open_screen("/duty", size=(1366, 768))
    screen.page.locator("#inbox h3").first.wait_for(timeout=25000)
    screen.page.keyboard.press("/")
    return screen


def say(desk: Screen, line: str) -> str:
    """Type a line, press Enter; the answer once it has changed."""
    answer = desk.page.locator("#command-line-answer")
    before = answer.inner_text()
    desk.page.fill("#command-line-words", line)
    desk.page.keyboard.press("Enter")
    desk.until(f"document.getElementById('command-line-answer').innerText !== {before!r}")
    return answer.inner_text()


def test_a_line_sends_somebody(desk: Screen, stage: Stage) -> None:
    number = stage.report(title="等人去的案件")
    stage.advance(number, Action.ACCEPT)
    name = stage.services.directory.workers(EVERYWHERE)[0].name
    assert f"已派 {name}" in say(desk, f"派 {number} {name}")
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert (case.stage, bool(case.worker)) == (CaseStage.DISPATCHED, True)
    desk.page.locator("#case-detail h2", has_text="等人去的案件").wait_for(timeout=10000)


@pytest.mark.long
def test_two_cases_become_one(desk: Screen, stage: Stage) -> None:
    older, newer = stage.report(title="原来的"), stage.report(title="又来的")
    assert f"已并入 {older}" in say(desk, f"并 {newer} {older}")
    case = stage.services.views.case(newer, EVERYWHERE)
    assert case is not None
    assert (case.state, case.merged_into) == (State.MERGED, older)


@pytest.mark.long
def test_words_find_cases(desk: Screen, stage: Stage) -> None:
    number = stage.report(title="青芝桥下的奇怪声音")
    assert "在办 1 件" in say(desk, "找 奇怪声音")
    stage.advance(number, Action.ACCEPT, Action.DISPATCH, Action.HANDLE, Action.VERIFY, Action.CLOSE)
    assert number in say(desk, "找 全部 奇怪声音")


def test_a_grid_is_gone_to_by_its_letters_and_completed_by_tab(desk: Screen) -> None:
    desk.until("document.querySelectorAll('.grid-cell').length > 10", 15)
    zoom = desk.page.evaluate("window.room.map.state.map.getZoom()")
    desk.page.fill("#command-line-words", "去 qzsq")
    desk.page.locator("[data-complete]", has_text="青芝社区").first.wait_for(timeout=10000)
    desk.page.keyboard.press("Tab")
    desk.until("document.getElementById('command-line-words').value.includes('青芝社区')")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#command-line-answer", has_text="已到 青芝社区").wait_for(timeout=10000)
    desk.until(f"window.room.map.state.map.getZoom() > {zoom}")
    assert desk.errors == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("飞 1", "不认识的命令"),
        ("派 999999999 王", "没有在办案件"),
        ("找 没有这样的话", "没有找到"),
        ("去 zzzz", "没有网格"),
    ],
)
def test_what_cannot_be_done_is_said_in_place(desk: Screen, line: str, words: str) -> None:
    assert words in say(desk, line)
    assert desk.page.input_value("#command-line-words") == line


def test_question_mark_shows_every_key_that_the_page_has(desk: Screen, stage: Stage) -> None:
    number = stage.report(title="有很多按键的案件")
    desk.page.keyboard.press("Escape")
    desk.page.locator(f'#inbox [data-case="{number}"]').click(timeout=10000)
    desk.page.locator("#case-detail [data-key]").first.wait_for(timeout=10000)
    desk.page.keyboard.press("?")
    shown = desk.page.locator("#all-keys dt").all_inner_texts()
    known = {key for each in shown for key in each.replace("1–9", " / ".join("123456789")).split(" / ")}
    assert {
        key.upper()
        for key in desk.page.evaluate("[...document.querySelectorAll('[data-key]')].map(e => e.dataset.key)")
    } <= known
    desk.page.keyboard.press("?")
    desk.page.locator("#all-keys").wait_for(state="hidden", timeout=2000)


@pytest.mark.long
def test_own_step_is_taken_back_by_a_line(desk: Screen, stage: Stage) -> None:
    number = stage.report(title="又想了想的案件")
    stage.advance(number, Action.ACCEPT)
    assert f"已撤回 {number}" in say(desk, "撤")
    older = stage.report(title="并错了的案件")
    assert "已并入" in say(desk, f"并 {number} {older}")
    assert "已撤销并案" in say(desk, f"撤 {number}")
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert (case.stage, case.state) == (CaseStage.REPORTED, State.ACTIVE)
    assert "未执行" in say(desk, f"撤 {number}")


def whistled(stage: Stage, title: str, *units: str) -> CaseNo:
    """An accepted case to which units were whistled."""
    number = stage.report(title=title)
    stage.advance(number, Action.ACCEPT)
    given = {"units": list(units), "reason": "速到"}
    now = stage.services.clock()
    stage.desk.act(number, Action.WHISTLE, given, Actor("duty", Role.DUTY, "test"), EVERYWHERE, 2, now)
    return number


def heard(stage: Stage, number: CaseNo) -> list[tuple[bool, bool]]:
    """Of each whistle whether it was answered and whether somebody came."""
    found = stage.services.registry.records.of(number, EVERYWHERE).whistles
    return [(each.answered_at is not None, each.arrived_at is not None) for each in found]


def test_units_are_heard_and_a_case_is_split_by_lines_of_first_letters(desk: Screen, stage: Stage) -> None:
    number = whistled(stage, "叫了两家的案件", "U-04", "U-07")
    assert "请写明是哪个单位" in say(desk, f"y {number}")
    assert "青芝司法所已应哨" in say(desk, f"y {number} sfs")
    assert "青芝司法所已到场" in say(desk, f"到 {number} 司法")
    assert sorted(heard(stage, number)) == [(False, False), (True, True)]
    assert "青芝司法所牵头" in say(desk, f"f {number} sfs cgzd")
    parts = desk.page.locator("#case-detail .parts li", has_text="青芝城管中队")
    parts.wait_for(timeout=10000)
    assert "件未结" in desk.page.inner_text("#case-detail .parts h3")
    assert desk.errors == []


def test_comma_point_and_semicolon_take_their_steps_on_the_open_case(desk: Screen, stage: Stage) -> None:
    number = whistled(stage, "叫了一家的案件", "U-04")
    keys, pane = desk.page.keyboard, desk.page.locator("#case-detail")
    keys.press("Escape")
    desk.page.evaluate("no => window.room.choose(no)", number)
    for key, step, told in ((",", "应哨", (True, False)), (".", "到场", (True, True))):
        button = pane.locator(f'.choices button[data-key="{key}"]')
        button.wait_for(timeout=10000)
        keys.press(key)
        desk.page.locator("#case-detail-answer .done", has_text=step).wait_for(timeout=10000)
        button.wait_for(state="detached", timeout=10000)  # the pane shows the version that came of it
        assert heard(stage, number) == [told]
    keys.press(";")
    desk.page.locator("#case-detail-answer .refused").wait_for(timeout=10000)
    assert "拆分" in desk.page.inner_text("#case-detail-answer")
    field = pane.locator('.field[aria-label*="拆分给"] .dash-dropdown')
    field.click()
    desk.page.locator(".dash-dropdown-search").fill("青芝")
    offered = "[...document.querySelectorAll('.dash-dropdown-option')].map(e => e.textContent)"
    desk.page.wait_for_function(f"{offered}.length > 1 && {offered}.every(words => words.includes('青芝'))")
    both = desk.page.evaluate(offered)[:2]
    for name in both:
        keys.press("ArrowDown")
        at = "document.activeElement.closest('.dash-dropdown-option')?.textContent"  # Dash goes there a moment later
        desk.until(f"{at} === {name!r}")
        keys.press("Enter")
        field.get_by_text(name).wait_for(timeout=10000)
    keys.press("Escape")  # the list closes
    opened = desk.page.locator(".dash-dropdown-content")
    opened.wait_for(state="detached", timeout=10000)
    keys.press(";")  # the field has the keyboard still: it searches, it orders nothing
    opened.wait_for(timeout=10000)
    keys.press("Escape")
    opened.wait_for(state="detached", timeout=10000)
    keys.press("Escape")  # it lets go, and the case stays open
    keys.press(";")
    pane.locator(".parts li").first.wait_for(timeout=10000)
    assert "青芝镇综治中心" in pane.locator(".parts").inner_text()
