"""The screen says so while a due time lies in a year whose official calendar nobody has entered."""

from __future__ import annotations

from dashboard.panels import PANELS, calendar_notice
from tests.dashboard.panels.build import picture, text


def test_guessed_years_are_named_and_otherwise_nothing_is_said() -> None:
    assert calendar_notice.render(picture()) == {"children": []}
    said = calendar_notice.render(picture(guessed_years=(2027, 2028)))
    assert "2027、2028 年工作日历未公布" in text(said["children"])
    assert calendar_notice in PANELS
