"""The leader's meeting in real browsers: a township is called, its late case decided on, and its unit has the task."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from cases.meetings import Meeting
from cases.model import EVERYWHERE, Account, CaseNo, Role
from tests.browser.conftest import Open, Screen
from tests.dashboard.harness import PASSWORD, ROAD, Stage

pytestmark = pytest.mark.browser

LEADER, UNIT = "meeting-leader", "meeting-unit"
KEYS, SECONDS = 6, 20


def late_case(stage: Stage) -> None:
    """A case that a unit has had for forty days, and a leader who may call its township."""
    now = datetime.now(UTC)
    number = stage.report(title="超时未办的占道", category="city.street_trade", at=now - timedelta(days=40))
    stage.advance(number, *ROAD[:2], at=now - timedelta(days=40))
    while stage.desk.turn_clocks(now):
        pass
    stage.room.directory.put_account(Account(LEADER, Role.LEADER, "", "王指挥"), PASSWORD)


def begin(chair: Screen, stage: Stage) -> Meeting:
    """Begin the meeting by its key."""
    chair.page.keyboard.press("o")
    chair.page.locator("#meeting-answer", has_text="三级调度会开始").wait_for(timeout=20000)
    meeting = stage.services.registry.meetings.open_meeting("")
    assert meeting is not None
    return meeting


def first_late(meeting: Meeting) -> tuple[int, CaseNo]:
    """How often N is pressed until a township with late cases is called, and the first case of its lists."""
    for place, item in enumerate(meeting.agenda, 1):
        if any(part.key == "late" for part in item.parts):
            return place, CaseNo(next(part.cases[0] for part in item.parts if part.cases))
    raise AssertionError("nothing is late")


def test_call_decide_and_the_unit_has_the_task_in_six_keys(open_screen: Open, stage: Stage) -> None:
    late_case(stage)
    chair = open_screen("/meeting", account=LEADER)
    calls, number = first_late(begin(chair, stage))
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    stage.room.directory.put_account(Account(UNIT, Role.UNIT, "", "某队", unit=case.unit), PASSWORD)
    desk = open_screen("/duty", size=(1366, 768), account=UNIT)
    second = open_screen("/meeting?screen=2", size=(1920, 540), account=LEADER)
    began = time.monotonic()
    for place in range(1, calls + 1):
        chair.page.keyboard.press("n")
        chair.until(f"[...document.querySelectorAll('.call')].findIndex(e => e.matches('.here')) === {place - 1}", 15)
    assert chair.page.locator('[data-rows="超时未结"] tr[data-case]').count()
    chair.page.keyboard.press("j")
    chair.until(f"window.room.chosen() === '{number}'", 10)
    chair.page.keyboard.press("y")
    chair.until("document.getElementById('meeting-line').value.includes('3个工作日内')", 10)
    chair.page.keyboard.press("Enter")
    chair.page.locator("#meeting-answer", has_text="已议定 D").wait_for(timeout=20000)
    made = stage.services.registry.meetings.decisions(EVERYWHERE)[0]
    desk.page.locator(f'#meeting-tasks [data-decision="{made.no}"]').wait_for(timeout=20000)
    took = time.monotonic() - began
    assert calls + 3 <= KEYS
    assert took <= SECONDS
    assert (made.unit, made.case) == (case.unit, number)
    assert made.no in stage.services.views.events(number, EVERYWHERE)[-1].why
    chair.until("document.getElementById('meeting-line').value === ''", 10)
    second.page.locator("#meeting-screen", has_text=made.text).wait_for(timeout=20000)
    desk.page.locator(f'[data-decision="{made.no}"] input').fill("已现场核处，附照片")
    desk.page.get_by_role("button", name="报办结").first.click()
    desk.page.locator("#meeting-tasks", has_text="已办待核实").wait_for(timeout=20000)
    assert chair.errors == desk.errors == second.errors == []


def test_a_half_written_decision_and_the_open_case_survive_a_reload(open_screen: Open, stage: Stage) -> None:
    late_case(stage)
    chair = open_screen("/meeting", account=LEADER)
    number = chair.page.locator("tr[data-case]").first.get_attribute("data-case", timeout=15000)
    chair.page.evaluate("no => window.room.choose(no)", number)
    chair.page.locator("#case-detail h2").wait_for(timeout=15000)
    chair.page.keyboard.press("y")
    chair.until("document.getElementById('meeting-line').value.includes('工作日内')", 10)  # what the open case proposes
    chair.page.fill("#meeting-line", "城管中队 办 清理占道")
    chair.page.locator("#meeting-line").blur()
    chair.reload()
    chair.page.locator("#case-detail h2").wait_for(timeout=15000)
    assert chair.page.evaluate("window.room.chosen()") == number
    assert chair.page.input_value("#meeting-line") == "城管中队 办 清理占道"
    assert chair.errors == []
