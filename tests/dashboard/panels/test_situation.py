"""The situation sentence: one row a rule, in the order in which they win."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.model import AlertLevel, AlertState
from cases.ports import RoleHealth
from dashboard.panels.situation import render, situation
from dashboard.picture import Force
from tests.dashboard.panels.build import NOW, alert, figures, picture, text

DOWN = {"gateway": RoleHealth(9.0, "down"), "intake": RoleHealth(0.3, "ok")}
LATE: dict[str, Any] = {"figures": figures(overdue=2, oldest_overdue_at=NOW - timedelta(days=1))}
ORANGE = alert(2, level=AlertLevel.ORANGE, at=NOW - timedelta(hours=1))

RULES = [
    ("calm", {}, "calm", "平稳 · 在办 37 件 · 无超时"),
    ("at risk", {"figures": figures(at_risk=3)}, "warn", "3 件将超时"),
    ("overdue", LATE, "alarm", "2 件超时未结"),
    ("orange", {"alerts": [ORANGE], **LATE}, "orange", "1 件橙色预警未确认"),
    ("no positions", {"force": Force({"available": 60}, 60, 10, 40), **LATE}, "alarm", "定位信号中断"),
    ("red", {"alerts": [ORANGE, alert(), alert(3)], **LATE}, "alarm", "2 件红色预警未确认"),
    ("role down", {"health": DOWN, "alerts": [alert()]}, "alarm", "接入网关中断"),
    ("unreadable", {"failed": "案件库读取失败", "health": DOWN}, "alarm", "案件库读取失败"),
]


@pytest.mark.parametrize(("name", "room", "tone", "words"), RULES, ids=[rule[0] for rule in RULES])
def test_first_rule_that_has_something_to_say(name: str, room: dict[str, Any], tone: str, words: str) -> None:
    sentence = situation(picture(**room))
    assert (sentence.tone, sentence.words) == (tone, words), name


@pytest.mark.parametrize(
    "silent",
    [
        alert(state=AlertState.ACKNOWLEDGED),
        alert(exercise=True),
        alert(level=AlertLevel.BLUE),
    ],
    ids=["answered", "exercise", "blue"],
)
def test_does_not_cry_for_what_needs_nobody(silent: Any) -> None:
    assert situation(picture(alerts=[silent])).tone == "calm"


def test_counts_from_the_oldest_waiting() -> None:
    older = alert(4, at=NOW - timedelta(minutes=4))
    sentence = situation(picture(alerts=[alert(), older]))
    assert sentence.since == older.at
    assert "最久 4 分" in text(render(picture(alerts=[alert(), older]))["children"])


def test_unreadable_record_says_where_the_picture_stopped() -> None:
    shown = render(picture(failed="案件库读取失败", failed_since=NOW - timedelta(seconds=48)))
    assert "画面停在 14:31:19" in text(shown["children"])
    assert "alarm" in str(shown["className"])
