"""Likely doubles as the pane finds and says them, from the record."""

from __future__ import annotations

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Reporter, Role, Scope
from dashboard.panels import likely_doubles
from tests.dashboard.panels.build import text
from tests.dashboard.rig import Rig


def doubles(room: Rig, no: str, scope: Scope = EVERYWHERE) -> list[str]:
    """The numbers of a case's likely doubles."""
    case = room.services.views.case(CaseNo(no), EVERYWHERE)
    assert case is not None
    return [double.case.no for double in likely_doubles.of_case(case, room.services.views, scope)]


def test_a_case_is_never_its_own_double_and_far_ones_are_none(room: Rig) -> None:
    same, far, new = (room.report("工地半夜打桩", area=area) for area in ("B1", "B2", "B1"))
    assert doubles(room, new) == [same]
    assert doubles(room, far) == []
    assert doubles(room, new, Scope("A")) == []
    case = room.services.views.case(CaseNo(new), EVERYWHERE)
    assert case is not None
    shown = likely_doubles.section(likely_doubles.of_case(case, room.services.views, EVERYWHERE), lambda to: {"to": to})
    assert "同为邻里纠纷" in text(shown) and same in text(shown)
    assert likely_doubles.section([], lambda to: {"to": to}) is None


def test_a_closed_case_has_none_and_is_none(room: Rig) -> None:
    old, new = (room.report("楼顶违建", area="A2") for _ in range(2))
    assert doubles(room, new) == [old]
    actor = Actor("duty", Role.DUTY, "screen")
    room.services.desk.act(CaseNo(old), Action.REFUSE, {"reason": "untrue"}, actor, EVERYWHERE, 1, room.now())
    assert doubles(room, old) == doubles(room, new) == []


def test_a_case_in_no_grid_is_likened_by_the_one_who_told(room: Rig) -> None:
    told = Reporter("", "139-0000-7766")
    old = room.report("电梯困人", area="", reporter=told)
    assert doubles(room, room.report("电梯困人", area="", reporter=Reporter("王", "13900007766"))) == [old]
