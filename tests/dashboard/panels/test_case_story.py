"""The story of a case: who did what, by the names people have."""

from __future__ import annotations

from cases.model import Action, Event, Role
from dashboard.dossier import Dossier
from dashboard.panels import case_story
from tests.dashboard.panels.build import NOW, case, text


def told(*events: Event, **given: object) -> str:
    """The words of a story."""
    shown = case(channel="hotline")
    return text(case_story.section(Dossier(shown, events, (), None, {}, {}, (), False, NOW, **given)))  # type: ignore[arg-type]


def event(by: str, action: Action, role: Role = Role.DUTY) -> Event:
    """One step by somebody."""
    return Event(1, case().no, 1, NOW, by, role, action)


def test_an_account_is_said_by_its_name_and_a_clock_is_the_systems() -> None:
    said = told(event("duty-03", Action.ACCEPT), event("system", Action.CLOCK), people={"duty-03": "李某"})
    assert "李某" in said and "系统" in said
    assert "duty-03" not in said


def test_a_report_is_said_by_where_it_came_from_and_not_by_its_device() -> None:
    said = told(event("gate-7f", Action.REPORT, Role.SYSTEM))
    assert "12345 热线" in said
    assert "gate-7f" not in said
    assert "李某" in told(event("duty-03", Action.REPORT), people={"duty-03": "李某"})
