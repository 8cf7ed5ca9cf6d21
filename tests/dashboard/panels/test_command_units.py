"""应, 到 and 拆 of the command line: who is meant by what words, and what is refused when the line is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.model import EVERYWHERE, Account, Action, Actor, CaseNo, Role
from dashboard.grid_finder import GridFinder
from dashboard.panels import command_line
from dashboard.panels.command_words import Seat
from dashboard.rights import scope_of
from dashboard.session import Visit
from tests.dashboard.harness import Stage, set_stage
from tests.dashboard.panels.build import text

CITY, JUSTICE, PETITION = "U-07", "U-04", "U-06"  # 青芝城管中队, 青芝司法所, 青芝镇信访办


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An empty room."""
    made = set_stage(tmp_path_factory.mktemp("units"))
    yield made
    made.room.engine.close()


def say(stage: Stage, line: str, role: Role = Role.DUTY) -> str:
    """What somebody of a role is answered to a line."""
    account = Account("li", role, "", "李某", unit=PETITION if role is Role.UNIT else None)
    seat = Seat(stage.services, Visit(account, scope_of(account)), GridFinder(stage.services.grids))
    return text(command_line.run(line, seat))


def whistled(stage: Stage, *units: str) -> CaseNo:
    """An accepted case to which units were whistled."""
    number = stage.report(title="占道又扰民")
    stage.advance(number, Action.ACCEPT)
    duty = Actor("duty", Role.DUTY, "test")
    given = {"units": list(units), "reason": "速到"}
    stage.desk.act(number, Action.WHISTLE, given, duty, EVERYWHERE, 2, stage.services.clock())
    return number


def heard(stage: Stage, number: CaseNo) -> dict[str, tuple[bool, bool]]:
    """By unit whether it answered and whether it is there."""
    found = stage.services.registry.records.of(number, EVERYWHERE).whistles
    return {each.unit: (each.answered_at is not None, each.arrived_at is not None) for each in found}


@pytest.mark.parametrize("words", ["青芝城管中队", "城管", "cgzd", "U-07"])
def test_a_unit_is_meant_by_its_name_a_part_its_letters_or_its_id(stage: Stage, words: str) -> None:
    number = whistled(stage, CITY, JUSTICE)
    assert "青芝城管中队已应哨" in say(stage, f"y {number} {words}")
    assert heard(stage, number) == {CITY: (True, False), JUSTICE: (False, False)}


def test_of_one_unit_awaited_the_number_is_enough(stage: Stage) -> None:
    number = whistled(stage, JUSTICE)
    assert "青芝司法所已应哨" in say(stage, f"应 {number}")
    assert "青芝司法所已到场" in say(stage, f"d {number[-6:]}")
    assert heard(stage, number) == {JUSTICE: (True, True)}
    assert "未执行：本案没有等待到场的单位" in say(stage, f"到 {number}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("应", "用法：应 案号 单位"),
        ("应 999999", "没有在办案件的编号以 999999 结尾"),
        ("应 {no}", "请写明是哪个单位：青芝司法所、青芝城管中队"),
        ("应 {no} 信访", "请写明是哪个单位"),
        ("应 城管 {no}", "没有在办案件的编号以 城管 结尾"),
        ("拆 {no} 司法所", "用法：拆 案号 牵头单位 协办单位"),
        ("拆 {no} 司法所 天文台", "没有单位“天文台”"),
        ("拆 {no} 司法所 调解", "个单位"),
        ("拆 司法所 城管 {no}", "没有在办案件"),
    ],
)
def test_a_wrong_line_is_refused_in_words_and_changes_nothing(stage: Stage, line: str, words: str) -> None:
    number = whistled(stage, CITY, JUSTICE)
    said = say(stage, line.format(no=number))
    assert said.startswith("未执行：") and words in said
    assert heard(stage, number) == {CITY: (False, False), JUSTICE: (False, False)}
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.version == 3


@pytest.mark.parametrize(("line", "role"), [("拆 {no} sfs cgzd", Role.ANALYST), ("应 {no} 城管", Role.UNIT)])
def test_nobody_orders_by_a_line_what_his_role_may_not(stage: Stage, line: str, role: Role) -> None:
    number = whistled(stage, CITY, JUSTICE)
    assert say(stage, line.format(no=number), role).startswith("未执行：")
    assert heard(stage, number) == {CITY: (False, False), JUSTICE: (False, False)}


def test_a_case_is_split_by_letters_with_the_first_unit_in_the_lead(stage: Stage) -> None:
    number = stage.report(title="三家都要管")
    stage.advance(number, Action.ACCEPT)
    assert "青芝司法所牵头，青芝城管中队、青芝镇信访办各有子任务" in say(stage, f"f {number} sfs cgzd xfb")
    children = stage.services.registry.records.of(number, EVERYWHERE).children
    assert {child.unit for child in children} == {CITY, PETITION}
