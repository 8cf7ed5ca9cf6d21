"""An alert that was over by itself stands where it stood, says so, and waits for a person until somebody answers."""

from __future__ import annotations

from datetime import timedelta

from cases.model import AlertLevel, AlertState
from dashboard.panels import alarm_call, alert_detail, alert_list
from tests.dashboard.panels.build import NOW, alert, having, picture, text

OVER = NOW - timedelta(minutes=1)


def test_a_cleared_alert_keeps_its_row_and_its_keys() -> None:
    waiting = alert(1, rule="sos", cleared_at=OVER)
    props = alert_list.render(picture(alerts=[waiting]))
    assert having(props["children"], "data-alert") == [waiting.no]
    assert having(props["children"], "data-acknowledge") == [waiting.no]
    assert "已恢复" in text(props["children"])
    assert "待确认" in text(props["children"])


def test_an_answered_one_says_only_that_it_is_over() -> None:
    answered = alert(1, rule="sos", cleared_at=OVER, state=AlertState.ACKNOWLEDGED, by="甲", acted_at=NOW)
    said = text(alert_list.render(picture(alerts=[answered]))["children"])
    assert "已恢复" in said
    assert "待确认" not in said


def test_a_matter_is_over_when_all_of_it_is() -> None:
    one, other = alert(1, rule="cluster", cleared_at=OVER), alert(2, rule="cluster")
    assert "已恢复" not in text(alert_list.render(picture(alerts=[one, other]))["children"])


def test_the_red_card_and_the_tiles_stay_until_somebody_answers() -> None:
    reds = [alert(1, rule="sos", cleared_at=OVER), alert(2, rule="sos", kind="另一件", cleared_at=OVER)]
    orange = alert(3, level=AlertLevel.ORANGE, cleared_at=OVER)
    props = alarm_call.render(picture(alerts=[*reds, orange]))
    assert [*having(props["children"], "data-alarm")] == [each.no for each in [*reds, orange]]
    assert text(props["children"]).count("已恢复") == 3


def test_the_story_names_the_rule() -> None:
    ours, theirs = alert(1, rule="cluster", origin="规则"), alert(2)
    assert alert_detail._origin(ours) == "来源 规则 cluster"
    assert alert_detail._origin(theirs) == "来源 video"
