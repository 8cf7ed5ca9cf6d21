"""督办 and 整改 through their panels: whom it concerns answers, who supervises judges, and the slips are official."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from dash.development.base_component import Component
from docx import Document
from plotly.utils import PlotlyJSONEncoder
from starlette.requests import Request
from starlette.responses import Response

from cases.model import Account, Role
from cases.supervision import Rectifying, Rung
from dashboard.letters_door import LettersDoor
from dashboard.panels import rectification_ledger, supervision_ladder
from dashboard.rights import scope_of
from dashboard.services import Services
from dashboard.session import CURRENT, Visit
from reports.writer import OfficialPapers
from tests.dashboard.harness import set_stage

LEADER = Account("leader", Role.LEADER, "", "王指挥")
VERIFIER = Account("checker", Role.VERIFIER, "", "核查员")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    stage = set_stage(tmp_path)
    yield replace(stage.services, papers=OfficialPapers())
    stage.room.engine.close()


def of(account: Account) -> Visit:
    return Visit(account, scope_of(account))


def shown(content: Sequence[Component]) -> str:
    """A panel's words and attributes as one text."""
    return json.dumps(list(content), cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_unanswered_urging_rises_and_its_slip_leaves_recorded(services: Services) -> None:
    unit = services.directory.units()[0]
    mine = of(Account("unit", Role.UNIT, "", "", unit=unit.id))
    order = {"do": "supervise", "who": unit.name, "reason": "not_handled", "text": "三次未清"}
    told = shown(supervision_ladder.carry_out(order, services, of(LEADER)))
    assert f"已催办 {unit.name}" in told
    (one,) = services.registry.meetings.supervisions(mine.scope, unit=unit.id)
    assert one.no in shown(supervision_ladder.content_of(services, mine))
    assert "答复期限未到" in shown(
        supervision_ladder.carry_out({"do": "rise", "no": one.no, "text": "催"}, services, of(LEADER))
    )
    later = replace(services, clock=lambda: one.due_at + timedelta(hours=1))
    assert "升为督办（逾期未答复）" in shown(supervision_ladder.content_of(later, of(LEADER)))
    supervision_ladder.carry_out({"do": "rise", "no": one.no, "text": "逾期未答复"}, later, of(LEADER))
    (risen,) = services.registry.meetings.supervisions(mine.scope, unit=unit.id)
    assert risen.rung is Rung.SUPERVISED
    given = ask(services, 0, one.no, mine.account)
    words = [each.text for each in Document(io.BytesIO(bytes(given.body))).paragraphs]
    assert {"督办单", f"{unit.name}："} <= set(words)
    assert [(who, what) for _, who, what in services.registry.disclosures.of(one.no)] == [("unit", "letter")]
    assert ask(services, 0, one.no, Account("other", Role.UNIT, "", "", unit="another")).status_code == 404


def test_person_cannot_be_supervised(services: Services) -> None:
    order = {"do": "supervise", "who": "张某", "reason": "not_handled", "text": "慢"}
    assert "没有这个单位或网格" in shown(supervision_ladder.carry_out(order, services, of(LEADER)))
    assert services.registry.meetings.supervisions(of(LEADER).scope) == []


def test_problem_goes_from_entry_to_struck_and_is_drawn_again(services: Services) -> None:
    unit = services.directory.units()[0]
    mine, leader, checker = of(Account("unit", Role.UNIT, "", "", unit=unit.id)), of(LEADER), of(VERIFIER)
    due = (services.clock() + timedelta(days=9)).date().isoformat()
    entered = {"do": "enter", "who": unit.name, "problem": "台账不全", "measure": "补齐", "due": due}
    rectification_ledger.carry_out(entered, services, leader)
    (one,) = services.registry.meetings.rectifications(leader.scope)
    for order, whose in (
        ({"do": "rectify", "text": "已补"}, mine),
        ({"do": "recheck", "right": True, "text": "属实"}, checker),
        ({"do": "strike", "text": "同意"}, leader),
        ({"do": "draw", "count": "1"}, leader),
        ({"do": "look_back", "kept": False, "text": "又缺"}, checker),
    ):
        told = shown(rectification_ledger.carry_out({**order, "no": one.no}, services, whose))
        assert "未记录" not in told
    (again,) = services.registry.meetings.rectifications(leader.scope)
    assert (again.stage, again.relapses) == (Rectifying.ENTERED, 1)
    assert "种子" in shown(rectification_ledger.content_of(services, leader))
    assert ask(services, 1, one.no, LEADER).status_code == 200


def ask(services: Services, way: int, no: str, account: Account) -> Response:
    token = CURRENT.set(of(account))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": {"no": no}})
    try:
        return asyncio.run(LettersDoor(services).routes()[way].endpoint(request))  # type: ignore[no-any-return]
    finally:
        CURRENT.reset(token)
