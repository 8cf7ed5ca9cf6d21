"""The duty desk by keyboard alone: from a report to a dispatched case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.model import EVERYWHERE, Action, AlertLevel, AlertState, Reporter
from cases.model import Stage as CaseStage
from cases.ports import CaseFilter
from storage.disclosures import SqlDisclosures
from tests.browser.conftest import Open
from tests.dashboard.harness import Stage

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_report_to_dispatch_by_keyboard(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    number = stage.report(title="两家为占道争执", category="city.street_trade")
    screen.page.locator(f'#inbox [data-case="{number}"]').wait_for(timeout=25000)
    screen.page.click(f'#inbox [data-case="{number}"]')
    screen.page.locator("#case-detail h2", has_text="两家为占道争执").wait_for(timeout=10000)
    assert "建议派" in screen.page.inner_text("#case-detail")
    screen.page.keyboard.press("s")
    screen.page.locator("#case-detail .action", has_text="派给").wait_for(timeout=10000)
    screen.page.keyboard.press("d")
    screen.page.locator("#case-detail dd", has_text="分类派遣").wait_for(timeout=10000)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.stage is CaseStage.DISPATCHED
    assert case.unit
    assert screen.errors == []


@pytest.mark.long
def test_three_keys_from_the_inbox_to_somebody_on_the_way(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    number = stage.report(title="楼道着火", category="safety.fire", text="三楼楼道冒烟")
    keys = screen.page.keyboard
    screen.page.locator(f'#inbox [data-case="{number}"]').wait_for(timeout=25000)
    keys.press("j")
    screen.page.locator("#case-detail h2", has_text="楼道着火").wait_for(timeout=10000)
    keys.press("s")
    first = screen.page.locator('#case-detail [data-pick="1"]')
    first.wait_for(timeout=10000)
    name = first.locator("b").inner_text()
    assert "·" in first.locator("span").inner_text()
    keys.press("1")
    screen.page.locator("#case-detail dd", has_text="分类派遣").wait_for(timeout=10000)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.worker or case.unit
    last = stage.services.views.events(number, EVERYWHERE)[-1]
    assert last.action is Action.DISPATCH
    assert last.why.startswith("推荐第 1 位：")
    assert name in screen.page.inner_text("#case-detail") or case.worker
    assert screen.errors == []


def test_second_officer_sees_the_first_and_is_told_what_changed(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="两人同看一案")
    first, second = open_screen("/duty"), open_screen("/duty", account="colleague")
    for screen in (first, second):
        screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
        screen.page.locator("#case-detail h2", has_text="两人同看一案").wait_for(timeout=10000)
    second.page.locator("#case-detail-looking", has_text="李某 也在看此案").wait_for(timeout=8000)
    first.page.locator("#case-detail-looking", has_text="周某 也在看此案").wait_for(timeout=8000)
    second.page.evaluate(  # a hint that never comes
        "(dash => { const set = dash.set_props;"
        " dash.set_props = (id, props) => /-order$/.test(id) && set(id, props); })"
        "(window.dash_clientside)"
    )
    first.page.keyboard.press("s")
    first.page.locator("#case-detail .action", has_text="派给").wait_for(timeout=10000)
    second.page.evaluate("document.querySelector('#case-detail .action').click()")
    refused = second.page.locator("#case-detail-answer .refused")
    refused.wait_for(timeout=10000)
    assert "受理" in refused.inner_text()
    first.page.keyboard.press("Escape")
    first.page.locator("#case-detail-looking", has_text="也在看").wait_for(state="hidden", timeout=8000)


def test_likely_double_is_merged_by_one_key_and_taken_apart_again(open_screen: Open, stage: Stage) -> None:
    place = stage.somewhere()
    words = {
        "category": "environment.noise",
        "title": "夜间施工噪声",
        "text": "工地半夜打桩，吵得睡不着",
        "place": place,
    }
    older = stage.report(**words)
    newer = stage.report(**words | {"channel": "hotline"})
    screen = open_screen("/duty")
    screen.page.locator(f'#inbox [data-case="{newer}"]').click(timeout=25000)
    screen.page.locator("#case-detail .doubles", has_text=older).wait_for(timeout=10000)
    assert "%" in screen.page.inner_text("#case-detail .doubles")
    before = stage.services.views.case(newer, EVERYWHERE)
    screen.page.keyboard.press("y")
    screen.page.locator("#case-detail dd", has_text="已并案").wait_for(timeout=10000)
    screen.page.keyboard.press("u")
    screen.page.locator("#case-detail .doubles", has_text=older).wait_for(timeout=10000)
    after = stage.services.views.case(newer, EVERYWHERE)
    assert before is not None
    assert after == replace(before, version=3, updated_at=after.updated_at if after else before.updated_at)
    assert screen.errors == []


def test_reporter_is_masked_until_a_press_that_is_kept(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="有人报案", reporter=Reporter("赵小明", "13912345678"))
    screen = open_screen(f"/case/{number}")
    screen.page.locator("#case-detail h2", has_text="有人报案").wait_for(timeout=10000)
    assert "13912345678" not in screen.page.content()
    screen.page.locator("#case-detail .reveal").click()
    screen.page.locator("#case-detail-answer", has_text="赵小明 13912345678").wait_for(timeout=10000)
    [(_, who, what)] = SqlDisclosures(stage.room.engine).of(number)
    assert (who, what) == ("duty", "reveal")
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.version == 1, "a look makes nobody else's screen stale"


def test_refusal_stands_where_the_hand_is(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="要写理由的案件")
    screen = open_screen(f"/case/{number}")
    screen.page.locator("#case-detail h2", has_text="要写理由的案件").wait_for(timeout=10000)
    screen.page.locator("#case-detail .action", has_text="不予受理").click()
    refused = screen.page.locator("#case-detail-answer .refused", has_text="理由")
    refused.wait_for(timeout=10000)
    assert refused.inner_text().startswith("未办理：不予受理需要填写")
    assert "信息采集" in screen.page.inner_text("#case-detail dl"), "the case stands where it stood"
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert (case.stage, case.version) == (CaseStage.REPORTED, 1)


@pytest.mark.long
def test_number_opens_its_rows(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/")
    screen.page.locator("#kpi-bar a.kpi", has_text="在办").click(timeout=25000)
    rows = screen.page.locator('[data-rows="在办"] tbody tr')
    rows.first.wait_for(timeout=10000)
    screen.until("document.querySelectorAll('main').length === 1", 10)  # the first picture gives way to the page
    open_ = stage.services.views.cases(EVERYWHERE, CaseFilter(open_only=True), size=100)
    assert rows.count() == len(open_.items) > 0
    assert screen.page.locator(f'[data-rows="在办"] [data-case="{open_.items[0].no}"]').count() >= 1


@pytest.mark.parametrize("path", [pytest.param("/duty", marks=pytest.mark.long), "/case/{case}"])
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


def test_unanswered_alerts_rise_are_grouped_and_answered_together(open_screen: Open, stage: Stage) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=4)
    place = stage.somewhere()
    numbers = [stage.alert(AlertLevel.RED, "烟感报警", earlier + timedelta(seconds=n), place) for n in range(2)]
    screen = open_screen("/duty")
    row = screen.page.locator(f'#alert-list [data-alert="{numbers[0]}"]')
    row.wait_for(timeout=25000)
    assert "同源 2 起" in row.inner_text()
    row.locator("[data-acknowledge]").click()
    for number in numbers:
        screen.page.locator(f'#alert-list [data-alert="{number}"][data-state="acknowledged"]').wait_for(timeout=10000)


@pytest.mark.long
def test_an_alert_is_shelved_with_a_reason_by_the_command_line(open_screen: Open, stage: Stage) -> None:
    number = stage.alert(AlertLevel.ORANGE, "水位超警")
    screen = open_screen("/duty")
    screen.page.locator(f'#alert-list [data-alert="{number}"]').wait_for(timeout=25000)
    screen.page.keyboard.press("/")
    screen.page.keyboard.type(f"静 {number} 30")
    screen.page.keyboard.press("Enter")
    screen.page.locator("#command-line-answer", has_text="理由").wait_for(timeout=10000)
    screen.page.fill("#command-line-words", f"静 {number} 30 传感器检修")
    screen.page.keyboard.press("Enter")
    row = screen.page.locator(f'#alert-list [data-alert="{number}"][data-state="shelved"]')
    row.wait_for(timeout=10000)
    assert "静默" in row.inner_text() and "水位超警" in row.inner_text()
    assert "静默 30 分钟：传感器检修" in screen.page.inner_text("#command-line-answer")
    [kept] = [alert for alert in stage.services.views.alerts(EVERYWHERE) if alert.no == number]
    assert (kept.state, kept.why) == (AlertState.SHELVED, "传感器检修")


def test_blocked_sound_is_said_and_a_press_tests_it(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    button = screen.page.locator(".sound")
    button.wait_for(timeout=25000)
    screen.page.locator(".sound", has_text="拦住").wait_for(timeout=10000)
    button.click()
    screen.page.locator('.sound[data-sound="ready"]').wait_for(timeout=10000)
    before = screen.page.evaluate("window.room.sound().played")
    assert before >= 1
    stage.report(title="会响的报告")
    screen.until(f"window.room.sound().played > {before}")


def test_a_step_is_taken_back_while_its_seconds_run(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="受理早了的案件")
    screen = open_screen("/duty")
    screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
    screen.page.locator("#case-detail h2", has_text="受理早了的案件").wait_for(timeout=10000)
    screen.page.keyboard.press("s")
    screen.page.locator("#case-detail .way-back", has_text="撤回“受理”").wait_for(timeout=10000)
    assert "剩" in screen.page.inner_text("#case-detail .way-back .left")
    screen.page.keyboard.press("u")
    screen.page.locator("#case-detail-answer", has_text="已撤回").wait_for(timeout=10000)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.stage is CaseStage.REPORTED
    screen.page.locator("#case-detail .way-back").wait_for(state="hidden", timeout=10000)


def test_half_written_reason_outlives_a_colleagues_step_and_goes_with_its_own(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="写到一半的案件")
    screen = open_screen("/duty")
    screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
    words = screen.page.locator("#case-detail textarea")
    words.wait_for(timeout=10000)
    words.click()
    screen.page.keyboard.type("等社区回话")
    stage.advance(number, Action.ACCEPT)
    screen.page.locator("#case-detail .story", has_text="受理").wait_for(timeout=10000)
    assert screen.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert words.input_value() == "等社区回话"
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("t")
    screen.page.locator("#case-detail .story q", has_text="等社区回话").wait_for(timeout=10000)
    screen.until("document.querySelector('#case-detail textarea').value === ''")
    assert screen.errors == []


def test_the_map_moves_by_the_hand_alone_and_is_found_again_after_a_reload(open_screen: Open, stage: Stage) -> None:
    screen = open_screen("/duty")
    where = (
        "(() => { const m = window.room.map.state.map; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; })()"
    )
    screen.until("document.querySelectorAll('.grid-cell').length > 10", 15)
    box = screen.page.locator(".leaflet-container").bounding_box()
    assert box is not None
    screen.page.mouse.move(box["x"] + 300, box["y"] + 200)
    screen.page.mouse.wheel(0, -400)
    screen.page.click('[data-figure="today"]')
    screen.page.wait_for_timeout(600)
    seen = screen.page.evaluate(where)
    number = stage.report(title="远处的案件")
    stage.alert(AlertLevel.RED, "别处的红色预警")
    stage.feed.move(stage.walkers())
    screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=10000)
    screen.page.locator("#case-detail h2", has_text="远处的案件").wait_for(timeout=10000)
    assert screen.page.evaluate(where) == seen
    screen.reload()
    screen.page.locator("#case-detail h2", has_text="远处的案件").wait_for(timeout=25000)
    screen.until("window.room.map.state.map && window.room.map.state.figure === 'today'", 8)
    screen.until(f"{where}.every((each, at) => Math.abs(each - {seen}[at]) < 1e-3)", 8)
    screen.page.wait_for_timeout(600)  # nothing takes the view away afterwards
    assert screen.page.evaluate(where) == pytest.approx(seen, abs=1e-3)


def test_two_presses_at_once_leave_one_step_and_one_refusal(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="两人同时按下")
    screens = [open_screen("/duty"), open_screen("/duty", account="colleague")]
    for screen in screens:
        screen.page.locator(f'#inbox [data-case="{number}"]').click(timeout=25000)
        screen.page.locator("#case-detail h2", has_text="两人同时按下").wait_for(timeout=10000)
    moment = screens[0].page.evaluate("Date.now()") + 400
    for screen in screens:
        screen.page.evaluate(
            "at => setTimeout(() => document.querySelector('#case-detail .action.main').click(), at - Date.now())",
            moment,
        )
    said = []
    for screen in screens:
        answer = screen.page.locator("#case-detail-answer .done, #case-detail-answer .refused")
        answer.wait_for(timeout=10000)
        said.append(answer.get_attribute("class"))
    assert sorted(said) == ["done", "refused"]
    events = stage.services.views.events(number, EVERYWHERE)
    assert [event.action for event in events] == [Action.REPORT, Action.ACCEPT]


def test_a_digit_during_redraws_sends_the_row_that_was_seen(open_screen: Open, stage: Stage) -> None:
    stage.feed.move(stage.walkers())
    number = stage.report(title="边画边派的案件")
    stage.advance(number, Action.ACCEPT)
    screen = open_screen("/duty")
    screen.page.evaluate("no => window.room.choose(no)", number)
    second = screen.page.locator('#case-detail [data-pick="2"]')
    second.wait_for(timeout=10000)
    seen = screen.page.evaluate("JSON.parse(document.querySelector('#case-detail [data-pick=\"2\"]').id).to")
    screen.page.evaluate(
        "no => setInterval(() => window.dash_clientside.set_props("
        "'chosen-case', {data: {case: no, at: Date.now()}}), 40)",
        number,
    )
    screen.page.wait_for_timeout(300)
    screen.page.keyboard.press("2")
    screen.page.locator("#case-detail-answer .done", has_text="派遣").wait_for(timeout=15000)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert seen in (case.worker, case.unit)
    assert screen.errors == []


@pytest.mark.long
def test_the_list_and_the_level_of_grids_are_found_again_after_a_reload(open_screen: Open, stage: Stage) -> None:
    stage.report(title="还在列表里的案件")
    listed = open_screen("/duty?list=open")
    row = listed.page.locator('[data-rows="在办"]', has_text="还在列表里的案件")
    row.wait_for(timeout=25000)
    listed.reload()
    row.wait_for(timeout=25000)
    assert "还在列表里的案件" in row.inner_text()
    screen = open_screen("/duty")
    screen.until("document.querySelectorAll('.grid-cell').length > 10", 15)
    screen.page.click('[data-level-button="1"]')
    screen.until("window.room.map.state.level === 1")
    screen.reload()
    pressed = screen.page.locator('[data-level-button="1"][aria-pressed="true"]')
    pressed.wait_for(timeout=25000)
    assert screen.page.locator('[data-level-button][aria-pressed="true"]').count() == 1


def test_every_choice_on_the_desk_is_found_again_after_a_reload(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="派给谁还没有定的案件")
    stage.advance(number, Action.ACCEPT)
    for at in range(12):
        stage.report(title=f"还在排队的第 {at + 1} 件")
    alert = stage.alert(AlertLevel.RED, "烟感误报")
    screen = open_screen("/duty", size=(1366, 768))
    page = screen.page
    page.evaluate("no => window.room.choose(no)", number)
    unit = page.locator('#case-detail .field[aria-label*="派给"] .dash-dropdown')
    unit.click(timeout=25000)
    page.locator(".dash-dropdown-option", has_text="派出所").first.click()
    chosen = unit.inner_text()
    assert "派出所" in chosen
    screen.until("document.querySelectorAll('.grid-cell').length > 10", 15)
    page.click("[data-method]")
    page.click("#grid-heat")
    page.select_option('[data-heat="of"]', "overdue")
    page.locator(f'#alert-list [data-alert="{alert}"]').wait_for(timeout=8000)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("F4")
    screen.until("document.activeElement && document.activeElement.id === 'alert-detail-reason'")
    page.keyboard.type("厂家在试机")
    page.locator(".inbox-groups").evaluate("e => { e.scrollTop = 240; }")
    shown = page.locator("[data-alert-shown]").get_attribute("data-alert-shown")
    choices = "JSON.stringify([window.room.map.state.method, window.room.map.heatShown()])"
    before = page.evaluate(choices)
    assert '"overdue"' in before
    page.wait_for_timeout(300)

    screen.reload()
    page.locator(f'[data-alert-shown="{shown}"]').wait_for(timeout=15000)
    assert page.input_value("#alert-detail-reason") == "厂家在试机"
    page.keyboard.press("Escape")
    unit.wait_for(timeout=15000)
    assert unit.inner_text() == chosen
    screen.until(f"window.room.map.heatShown() && {choices} === '{before}'", 10)
    assert page.input_value('[data-heat="of"]') == "overdue"
    screen.until("document.querySelector('.inbox-groups').scrollTop === 240", 10)
    assert screen.errors == []
