"""The digest of a watch on the page: what each part counts is said with it."""

from __future__ import annotations

from cases.shifts import Line, Section
from dashboard.panels import handover
from tests.dashboard.panels.build import text


def test_every_count_has_its_unit() -> None:
    alerts = Section("alerts", "未确认预警", (Line("A1", "持刀滋事", "已等 1 分"),))
    late, decisions = Section("overdue", "超时未结", ()), Section("decisions", "会议议定事项", ())
    assert [text(handover.digest([each])) for each in (alerts, late, decisions)] == [
        "未确认预警1起持刀滋事已等 1 分",
        "超时未结0件",
        "会议议定事项0项",
    ]
