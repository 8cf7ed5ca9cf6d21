"""The watch in real browsers: two officers sign, at one seat or at two; an alert is put aside by keys."""

from __future__ import annotations

import pytest

from cases.model import EVERYWHERE, Action, AlertLevel, AlertState
from tests.browser.conftest import Open
from tests.dashboard.harness import PASSWORD, Stage

pytestmark = pytest.mark.browser


def test_two_officers_sign_once_at_two_screens_and_once_at_one(open_screen: Open, stage: Stage) -> None:
    number = stage.report(title="随班移交的案件")
    stage.advance(number, Action.ACCEPT)
    outgoing = open_screen("/handover", size=(1366, 768))
    outgoing.page.locator("textarea").fill("三号楼电梯困人已放出，物业 9 点回话")
    outgoing.page.get_by_role("button", name="交班签字").click()
    outgoing.page.locator("#handover-answer", has_text="已交班签字").wait_for(timeout=6000)
    outgoing.page.locator("#seat-state", has_text="交接未签收").wait_for(timeout=8000)

    incoming = open_screen("/handover", size=(1366, 768), account="colleague")
    incoming.page.get_by_role("button", name="接班签字", exact=True).click()
    incoming.page.locator("#handover-answer", has_text="duty → colleague").wait_for(timeout=6000)
    shift = stage.services.registry.shifts.handing(EVERYWHERE, stage.services.clock()).past[0]
    assert (shift.outgoing, shift.incoming, shift.how) == ("duty", "colleague", "session")

    incoming.page.get_by_role("button", name="交班签字").click()
    incoming.page.get_by_placeholder("接班人用户名").fill("duty")
    incoming.page.get_by_placeholder("接班人密码").fill("wrong " + PASSWORD)
    incoming.page.get_by_role("button", name="接班人在本席签字").click()
    incoming.page.locator("#handover-answer", has_text="密码不对").wait_for(timeout=6000)
    incoming.page.get_by_placeholder("接班人密码").fill(PASSWORD)
    incoming.page.get_by_role("button", name="接班人在本席签字").click()
    incoming.page.locator("#handover-answer", has_text="colleague → duty").wait_for(timeout=6000)
    shift = stage.services.registry.shifts.handing(EVERYWHERE, stage.services.clock()).past[0]
    assert (shift.outgoing, shift.incoming, shift.how) == ("colleague", "duty", "seat")
    assert "colleague" in incoming.page.inner_text(".who") or "周某" in incoming.page.inner_text(".who")

    incoming.page.goto(f"{stage.url}/handover?no={shift.no}", wait_until="domcontentloaded")
    incoming.page.locator("h2", has_text=f"交接记录 {shift.no}").wait_for(timeout=8000)
    assert incoming.page.get_by_role("button", name="签字").count() == 0
    assert outgoing.errors == incoming.errors == []


def test_an_alert_is_put_aside_by_keys_and_its_story_says_so(open_screen: Open, stage: Stage) -> None:
    desk = open_screen("/duty", size=(1366, 768))
    number = stage.alert(AlertLevel.RED, "烟感误报")
    desk.page.locator(f'#alert-list [data-alert="{number}"]').wait_for(timeout=8000)
    desk.page.keyboard.press("F4")
    desk.until("document.activeElement && document.activeElement.id === 'alert-detail-reason'")
    desk.page.keyboard.type("厂家在试机")
    desk.page.keyboard.press("Enter")
    desk.page.locator(f'#alert-list [data-alert="{number}"][data-state="shelved"]').wait_for(timeout=6000)
    found = stage.services.views.alert(number, EVERYWHERE)  # type: ignore[arg-type]
    assert found is not None
    assert (found[0].state, found[0].why) == (AlertState.SHELVED, "厂家在试机")
    desk.page.locator(f'#alert-list [data-alert="{number}"] .words').click()
    story = desk.page.locator(".alert-story")
    story.wait_for(timeout=6000)
    assert "15 分钟：厂家在试机" in story.inner_text()
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator(".alert-pane").is_visible()
    assert desk.errors == []


@pytest.mark.long
def test_hands_at_the_desk_are_kept_as_the_seats(open_screen: Open, stage: Stage) -> None:
    desk = open_screen("/duty", size=(1366, 768))
    desk.page.locator("#inbox h3").first.wait_for(timeout=15000)
    before = stage.services.clock()
    for _ in range(60):  # hands are told at most every ten seconds, and only over a link that stands
        if _active_since(stage, before):
            break
        desk.page.keyboard.press("k")
        desk.page.wait_for_timeout(500)
    assert _active_since(stage, before)


def _active_since(stage: Stage, at: object) -> bool:
    with stage.room.engine.read() as connection:
        row = connection.exec_driver_sql("SELECT active_at FROM seats WHERE area = ''").one_or_none()
    return row is not None and row[0] >= at.timestamp() * 1e6 - 1e6  # type: ignore[attr-defined]
