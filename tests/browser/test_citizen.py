"""一案一码, one whole path: a citizen scans and sees, the case is closed, the citizen speaks, the officer hears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Reporter, Role
from tests.browser.conftest import Open
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    """A citizen's phone: no account, no cookie."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = context.new_page()
    page.errors = []
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()


def scanned(stage: Stage, no: CaseNo) -> str:
    """The address in the case's code, at the port that this test's room has."""
    return f"{stage.url}/c/{stage.services.registry.codes.token(no, EVERYWHERE)}"


def test_the_citizen_follows_a_case_and_has_the_last_word(open_screen: Open, stage: Stage, phone: Any) -> None:
    told = Reporter("钱塘江", "13800007777")
    number = stage.report(title="井盖缺失", category="city.street_trade", reporter=told)
    phone.goto(scanned(stage, number))
    assert phone.locator("h1").inner_text() == "已收到，等待受理"
    assert "承诺" in phone.inner_text("dl")
    assert phone.locator("form").count() == 0
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    stage.advance(number, Action.ACCEPT, Action.DISPATCH, Action.HANDLE, Action.VERIFY, Action.CLOSE)
    phone.reload()
    assert phone.locator("h1").inner_text() == "已办结"
    phone.check("input[value='4']")
    phone.fill("textarea", "来得很快")
    phone.click("button")
    phone.locator("[data-score='4']").wait_for(timeout=4000)
    phone.reload()
    assert phone.locator("form").count() == 0
    for secret in ("钱塘江", "13800007777", "井盖缺失"):
        assert secret not in phone.content()
    assert phone.errors == []

    officer = open_screen(f"/case/{number}")
    story = officer.page.locator("#case-detail .story li").first
    story.wait_for(timeout=8000)
    assert "评价" in story.inner_text()
    assert "来得很快" in story.inner_text()
    assert "群众" in story.inner_text()
    code = officer.page.locator(f"img[data-code='{number}']")
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")
    assert officer.errors == []


@pytest.mark.long
def test_p_opens_the_list_on_paper_and_the_file_prints(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="要上纸面的案件")
    screen = open_screen("/duty")
    screen.page.locator(".left-head .paper").wait_for(timeout=15000)
    with screen.page.expect_popup() as opened:
        screen.page.keyboard.press("p")
    paper = opened.value
    paper.wait_for_load_state()
    assert paper.url.endswith("/print/open")
    assert "要上纸面的案件" in paper.inner_text("body")
    paper.goto(f"{stage.url}/case/{number}/print")
    assert paper.locator(".code img").evaluate("image => image.naturalWidth > 0")
    assert paper.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_tracker_is_told_and_reads_it(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="首问的案件")
    screen = open_screen("/duty")
    screen.page.locator("#first-contact h2").wait_for(timeout=15000)
    mine = Actor("duty", Role.DUTY, "screen")
    stage.desk.act(number, Action.ACCEPT, {}, mine, EVERYWHERE, 1, stage.services.clock())
    other = Actor("colleague", Role.DUTY, "screen")
    stage.desk.act(number, Action.URGE, {}, other, EVERYWHERE, 2, stage.services.clock())
    row = screen.page.locator(f'#first-contact [data-case="{number}"]')
    row.wait_for(timeout=12000)
    assert "催办" in row.inner_text()
    screen.page.click("[data-told-read]")
    row.wait_for(state="detached", timeout=5000)
    assert screen.errors == []
