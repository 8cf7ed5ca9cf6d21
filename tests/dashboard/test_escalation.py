"""Who must hear of an alert that nobody answers, and which alerts are one matter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.model import AlertState
from dashboard.escalation import Level, grouped, level_of
from tests.dashboard.panels.build import NOW, alert


def waiting(seconds: float, **given: object) -> object:
    """An alert that was received so many seconds ago."""
    at = NOW - timedelta(seconds=seconds)
    return alert(at=at, received_at=at, **given)


@pytest.mark.parametrize(
    ("seconds", "level"),
    [
        (0, Level.SEAT),
        (119.9, Level.SEAT),
        (120, Level.COMMANDER),
        (299.9, Level.COMMANDER),
        (300, Level.ABOVE),
        (86400, Level.ABOVE),
    ],
)
def test_two_minutes_to_the_commander_and_three_more_to_the_next(seconds: float, level: Level) -> None:
    assert level_of(waiting(seconds), NOW) is level


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.RAISED])
def test_an_answered_alert_does_not_rise(state: AlertState) -> None:
    assert level_of(waiting(9999, state=state), NOW) is Level.SEAT


@pytest.mark.parametrize(("seconds", "level"), [(-60, Level.SEAT), (30, Level.SEAT), (130, Level.COMMANDER)])
def test_a_shelved_alert_waits_anew_when_its_time_is_over(seconds: float, level: Level) -> None:
    until = NOW - timedelta(seconds=seconds)
    assert level_of(waiting(9999, state=AlertState.SHELVED, shelved_until=until), NOW) is level


def ago(number: int, minutes: float, **given: object) -> object:
    """One of several alerts of a source."""
    return alert(number, at=NOW - timedelta(minutes=minutes), **given)


def test_the_same_source_within_ten_minutes_is_one_matter() -> None:
    alerts = [ago(1, 25), ago(2, 16), ago(3, 7), ago(4, 3, source="other"), ago(5, 1, state=AlertState.ACKNOWLEDGED)]
    numbers = [[each.no[-1] for each in group.alerts] for group in grouped(alerts, NOW)]
    assert numbers == [["1", "2", "3"], ["4"], ["5"]]


def test_eleven_minutes_later_is_another_matter_and_an_exercise_is_never_the_real_thing() -> None:
    apart = grouped([ago(1, 20), ago(2, 9)], NOW)
    drill = grouped([ago(1, 5), ago(2, 4, exercise=True)], NOW)
    assert [len(group.alerts) for group in [*apart, *drill]] == [1, 1, 1, 1]
