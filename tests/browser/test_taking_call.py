"""Taking a call by keyboard: the kind and doubles while typing, the draft over a reload, the case in under a minute."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from cases.model import EVERYWHERE, Place, Stage
from tests.browser.conftest import Open
from tests.dashboard.harness import Stage as Room

pytestmark = pytest.mark.browser


def test_a_call_becomes_a_case_within_a_minute(open_screen: Open, stage: Room) -> None:
    grid = stage.services.grids.grids(len(stage.services.grids.levels()) - 1)[3]
    screen = open_screen("/duty", size=(1366, 768))
    keys = screen.page.keyboard
    screen.page.locator("#inbox h3").first.wait_for(timeout=25000)
    began = time.monotonic()
    keys.press("n")
    keys.type("隔壁半夜打麻将，声音很大睡不着。已经说过几次")
    screen.page.locator('[data-kind-pick="1"]').wait_for(timeout=10000)
    assert "“" in screen.page.inner_text('[data-kind-pick="1"]')
    kind = screen.page.inner_text('[data-kind-pick="1"] span').split()[0]
    keys.press("Alt+1")
    screen.page.locator("#taking-call-kind", has_text=kind).wait_for(timeout=10000)
    screen.page.fill("#taking-call-where", grid.code)
    screen.page.locator("#taking-call-hints b", has_text=grid.name).wait_for(timeout=10000)
    screen.page.fill("#taking-call-name", "钱某")
    screen.page.fill("#taking-call-phone", "13700001111")
    keys.press("Control+Enter")
    answer = screen.page.locator("#taking-call-answer a")
    answer.wait_for(timeout=10000)
    assert time.monotonic() - began <= 60
    case = stage.services.views.case(answer.inner_text(), EVERYWHERE)  # type: ignore[arg-type]
    assert case is not None
    assert (case.source, case.channel, case.stage) == ("account:duty", "call", Stage.REPORTED)
    assert case.grids == stage.services.grids.ancestors(grid.code)
    assert case.title == "隔壁半夜打麻将，声音很大睡不着"
    assert case.reporter is not None
    assert case.reporter.phone == "13700001111"
    screen.until("document.getElementById('taking-call-words').value === ''")
    assert screen.errors == []


def test_the_draft_and_the_open_case_survive_a_reload(open_screen: Open, stage: Room) -> None:
    number = stage.report(title="重载之后还在的案件")
    screen = open_screen("/duty")
    screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
    screen.page.locator("#case-detail h2", has_text="重载之后还在的案件").wait_for(timeout=10000)
    screen.page.keyboard.press("n")
    screen.page.fill("#taking-call-words", "说到一半的话")
    screen.page.wait_for_timeout(300)
    screen.reload()
    screen.page.locator("#case-detail h2", has_text="重载之后还在的案件").wait_for(timeout=10000)
    screen.page.locator("#taking-call").wait_for(timeout=10000)
    assert screen.page.input_value("#taking-call-words") == "说到一半的话"


def test_likely_doubles_are_shown_while_typing_and_a_click_on_the_map_says_where(
    open_screen: Open, stage: Room
) -> None:
    screen = open_screen("/duty")
    screen.until("document.querySelectorAll('.grid-cell').length > 10", 15)
    screen.page.keyboard.press("n")
    screen.page.fill("#taking-call-words", "路口井盖不见了")
    box = screen.page.locator(".leaflet-container").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.locator("#taking-call-hints p b").wait_for(timeout=10000)
    at = screen.page.evaluate(
        "window.room.map.state.map.containerPointToLatLng(window.room.map.state.map.getSize().divideBy(2))"
    )
    grids = tuple(code for code in stage.services.grids.locate(at["lng"], at["lat"]) if code)
    number = stage.report(
        title="路口井盖不见了",
        text="路口井盖不见了",
        category="city.manhole",
        place=Place(at["lng"], at["lat"], grids),
    )
    screen.page.fill("#taking-call-words", "路口井盖不见了！")
    screen.page.locator('[data-kind-pick="1"]').click()
    screen.page.fill("#taking-call-words", "路口井盖不见了！！")
    screen.page.locator("#taking-call-hints .doubles", has_text=number).wait_for(timeout=10000)
    assert screen.errors == []


def test_photo_goes_with_the_call_and_what_is_none_is_refused_beside_its_name(
    open_screen: Open, stage: Room, tmp_path: Path
) -> None:
    photo, letter = tmp_path / "井盖.jpg", tmp_path / "信.txt"
    Image.new("RGB", (64, 48), (200, 80, 80)).save(photo)
    letter.write_text("不是照片")
    screen = open_screen("/duty")
    screen.page.locator("#inbox h3").first.wait_for(timeout=25000)
    screen.page.keyboard.press("n")
    screen.page.fill("#taking-call-words", "井盖不见了，有照片")
    screen.page.set_input_files("#taking-call-picker", [photo, letter])
    files = screen.page.locator("#taking-call-files")
    files.locator("li", has_text="井盖.jpg").locator("span", has_text="已传").wait_for(timeout=10000)
    files.locator("li", has_text="信.txt").locator(".refused", has_text="只接受图片").wait_for(timeout=10000)
    assert files.locator("img").count() == 1
    screen.page.fill("#taking-call-where", "青芝")
    screen.page.keyboard.press("Control+Enter")
    answer = screen.page.locator("#taking-call-answer a")
    answer.wait_for(timeout=10000)
    case = stage.services.views.case(answer.inner_text(), EVERYWHERE)  # type: ignore[arg-type]
    assert case is not None
    [kept] = case.attachments
    assert len(list(Path(stage.services.uploads).glob(f"{kept}.jpg"))) == 1
    assert files.locator("li").count() == 0


@pytest.mark.long
def test_what_cannot_be_filed_is_said_beside_the_form(open_screen: Open) -> None:
    screen = open_screen("/duty")
    screen.page.locator("#inbox h3").first.wait_for(timeout=25000)
    screen.page.keyboard.press("n")
    screen.page.keyboard.type("没有说在哪里")
    screen.page.keyboard.press("Control+Enter")
    screen.page.locator("#taking-call-answer .refused", has_text="请写地点").wait_for(timeout=10000)
    assert screen.page.inner_text("#taking-call-answer") == "未登记：请写地点，或在地图上点一下"
    assert screen.page.input_value("#taking-call-words") == "没有说在哪里", "what was typed stays for the next press"
    assert screen.page.locator("#inbox", has_text="没有说在哪里").count() == 0
