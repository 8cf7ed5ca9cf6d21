"""月考评 through its panel: places of real cases, a proposal that a leader signs once, an objection that counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from cases.assessment import Measure, Month
from cases.assessment_desk import last_month
from cases.calendar import LOCAL
from cases.indicators import Period
from cases.model import Account, HandlingUnit, Place, Role, UnitId
from dashboard.letters_door import LettersDoor
from dashboard.panels import assessment_table
from dashboard.rights import scope_of
from dashboard.session import Visit
from tests.dashboard.harness import ROAD, Stage, set_stage

LEADER = Account("leader", Role.LEADER, "", "王指挥")
UNITS, CASES = 7, 6


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = set_stage(tmp_path)
    yield made
    made.room.engine.close()


def of(account: Account) -> Visit:
    return Visit(account, scope_of(account))


def shown(content: Sequence[Component]) -> str:
    """A panel's words and attributes as one text."""
    return json.dumps(list(content), cls=PlotlyJSONEncoder, ensure_ascii=False)


def month_behind(stage: Stage) -> tuple[Month, list[str]]:
    """A finished month: in each of seven units six cases, closed in all of them but as many as the unit's number."""
    month = last_month(stage.services.clock())
    begin = Period.month(month.year, month.month).since + timedelta(days=2, hours=9)
    units = [grid.code for grid in stage.services.grids.grids(0)][:UNITS]
    for late, unit in enumerate(units):
        for number in range(CASES):
            at = begin + timedelta(hours=late)
            no = stage.report(place=inside(stage, unit), at=at, category="dispute.neighbour")
            stage.advance(no, *(ROAD if number >= late else ROAD[:1]), at=at + timedelta(minutes=30))
    return month, units


def inside(stage: Stage, unit: str) -> Place:
    book = stage.services.grids
    code = unit
    while book.children(code):
        code = book.children(code)[0].code
    at = book.grid(code).geometry.representative_point()
    return Place(at.x, at.y, book.ancestors(code))


def test_while_figures_are_counted_nothing_is_ranked_or_signed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    month, units = month_behind(stage)
    monkeypatch.setattr("storage.figure_book.TAIL", 1)  # what a reader adds himself; nothing was counted yet
    said = shown(assessment_table.content_of(stage.services, of(LEADER), month))
    assert "指标正在统计，已计入 0%" in said
    assert "无基数" not in said and "位次" in said
    key = f"{month}/{units[-1]}/{Measure.LETTER}"
    refused = told(stage, {"do": "rule", "month": str(month), "key": key, "signed": True, "why": "属实"})
    assert "数还不全" in refused


def test_last_three_are_proposed_and_a_leader_signs_once(stage: Stage) -> None:
    month, units = month_behind(stage)
    sheet = assessment_table.read(stage.services, "", month)
    assert sheet is not None
    places = [sheet.found.places[unit] for unit in units]
    assert [place.rank for place in places] == [1, 2, 3, 4, 5, 6, 7]
    assert {each.unit for each in sheet.found.proposals} == set(units[-3:])
    key = f"{month}/{units[-1]}/{Measure.LETTER}"
    order = {"do": "rule", "month": str(month), "key": key, "signed": True, "why": "属实"}
    assert "签署或不予采纳都须写明理由" in told(stage, {**order, "why": " "})
    assert "已签署" in told(stage, order)
    assert "已有处理结果" in told(stage, order)
    door = LettersDoor(stage.services)
    paper = door._notice(key.replace("/", "."), of(LEADER))
    assert paper is not None
    assert paper.title == "工作提醒函"
    refused = {**order, "key": f"{month}/{units[-2]}/{Measure.LETTER}", "signed": False, "why": "有客观原因"}
    told(stage, refused)
    after = assessment_table.read(stage.services, "", month)
    assert after is not None
    assert units[-2] not in {each.unit for each in after.found.proposals if each.measure is Measure.GUIDANCE}


def test_unit_founded_in_the_month_is_not_ranked_and_is_told_why(stage: Stage) -> None:
    month, units = month_behind(stage)
    new = HandlingUnit(UnitId("U-new"), "新设综治中心", "centre", units[-1], founded=date(month.year, month.month, 11))
    office = HandlingUnit(UnitId("U-office"), "某所", "justice", units[0], founded=date(month.year, month.month, 11))
    stage.services.directory.put_units([new, office])  # type: ignore[attr-defined]
    sheet = assessment_table.read(stage.services, "", month)
    assert sheet is not None
    assert sheet.found.places[units[-1]].rank is None
    assert f"{month.words}设立，新设，不参加排名" in shown(assessment_table.content(sheet, stage.services, LEADER))
    assert sheet.found.places[units[0]].rank == 1
    assert units[-1] not in {each.unit for each in sheet.found.proposals}


def test_running_month_is_shown_and_not_signed(stage: Stage) -> None:
    now = stage.services.clock().astimezone(LOCAL)
    sheet = assessment_table.read(stage.services, "", Month(now.year, now.month))
    assert sheet is not None
    assert not sheet.found.is_over
    assert "当月未完，仅供参考" in shown(assessment_table.content(sheet, stage.services, LEADER))
    assert "当月受理 0 件" in shown(assessment_table.content(sheet, stage.services, LEADER))


def test_unit_objects_and_an_upheld_case_is_left_out(stage: Stage) -> None:
    month, units = month_behind(stage)
    worst = Account("town", Role.LEADER, units[-1], "主任")
    own = shown(assessment_table.content_of(stage.services, of(worst), month))
    assert "本单位在上级考评中的位次" in own
    assert "共 7 个" in own
    assert not any(stage.services.grids.grid(unit).name in own.split("异议与剔除")[0] for unit in units[:-1])
    (no, *_) = [case.no for case in stage.services.views.board(of(worst).scope)]
    objecting = {"do": "object", "month": str(month), "case": no, "why": "属上级事项"}
    assert "异议已提交" in told(stage, objecting, worst)
    judged = {"do": "judge", "month": str(month), "unit": units[-1], "case": no, "upheld": True, "why": "属实"}
    before = assessment_table.read(stage.services, "", month)
    assert "该案不计入当月" in told(stage, judged)
    after = assessment_table.read(stage.services, "", month)
    assert before is not None
    assert after is not None
    was, now = before.found.scores[units[-1]], after.found.scores[units[-1]]
    assert (now.excluded, now.base) == (1, was.base - 1)


def told(stage: Stage, order: dict[str, object], account: Account = LEADER) -> str:
    return shown(assessment_table.carry_out(order, stage.services, of(account)))
