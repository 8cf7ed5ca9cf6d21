"""The sheet of a questionnaire: a round entered becomes the figure, one taken out leaves it, refusals say why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.model import Account, Role, Scope
from dashboard.panels import survey_sheet
from dashboard.session import Visit
from tests.dashboard.panels.build import having, text
from tests.dashboard.rig import Rig, rigged

ROUND = {"do": "enter", "question": "known", "grid": "", "day": "2026-11-10", "asked": "400", "yes": "380"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path) as made:
        yield made


def visit_of(role: Role, area: str = "") -> Visit:
    return Visit(Account("somebody", role, area, "某"), Scope(area))


def pressed(rig: Rig, seen: Visit, **order: object) -> str:
    return text(survey_sheet.carry_out({**ROUND, "note": "电话抽样", **order}, rig.services, seen))


def test_a_round_is_entered_listed_and_taken_out(rig: Rig) -> None:
    leader = visit_of(Role.LEADER)
    said = pressed(rig, leader)
    assert "已登记：380/400 人" in said and "380 人（95.0%）" in said and "电话抽样" in said
    assert "是否知道网格员和综治中心管什么" in said
    [number] = having(survey_sheet.content_of("known", "", rig.services, leader), "data-survey")
    assert "已撤回" in pressed(rig, leader, do="withdraw", no=number)
    assert "还没有登记过问卷" in text(survey_sheet.content_of("known", "", rig.services, leader))


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"yes": "401"}, "不能多于"),
        ({"asked": "四百"}, "整数"),
        ({"day": "11月10日"}, "2026-11-01"),
        ({"note": ""}, "怎样调查"),
        ({"grid": "nowhere"}, "不在您的辖区"),
        ({"do": "withdraw", "no": "x"}, "没有这次问卷"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(rig: Rig, order: dict[str, str], why: str) -> None:
    said = pressed(rig, visit_of(Role.LEADER), **order)
    assert "未记录" in said and why in said


def test_who_may_not_keep_rounds_sees_them_without_a_form(rig: Rig) -> None:
    pressed(rig, visit_of(Role.LEADER))
    unit = visit_of(Role.UNIT)
    shown = survey_sheet.content_of("known", "", rig.services, unit)
    assert "380 人（95.0%）" in text(shown) and "登记（" not in text(shown) and "撤回" not in text(shown)
    assert "您的岗位不能" in pressed(rig, unit)


def test_an_area_sees_and_touches_only_its_own_rounds(rig: Rig) -> None:
    pressed(rig, visit_of(Role.LEADER), grid="A")
    [number] = having(survey_sheet.content_of("known", "", rig.services, visit_of(Role.LEADER)), "data-survey")
    other = visit_of(Role.LEADER, "B")
    assert "还没有登记过问卷" in text(survey_sheet.content_of("known", "B", rig.services, other))
    assert "没有这次问卷" in pressed(rig, other, do="withdraw", no=number)
