"""The file of a case holds what hangs on it, and nothing of cases outside the reader's area."""

from __future__ import annotations

from cases.desk import Desk
from cases.model import EVERYWHERE, Action, Place, Scope
from cases.ports import CaseRecord
from storage.engine import Engine
from storage.records import SqlRecords
from tests.cases.build import DUTY, MONDAY_9, report
from tests.contracts.build import NORTH, SOUTH, filed


def test_everything_that_hangs_on_a_case_is_in_its_file(engine: Engine, desk: Desk) -> None:
    no, other = filed(desk, report("a", place=Place(grids=NORTH)), report("b", place=Place(grids=SOUTH)))
    steps: list[tuple[Action, dict[str, object]]] = [
        (Action.ACCEPT, {}),
        (Action.WHISTLE, {"units": ["U-justice"], "reason": "需要到场"}),
        (Action.LINK, {"to": other}),
        (Action.DISPATCH, {"unit": "U-urban", "worker": "W-0001"}),
        (Action.MEDIATE, {"result": "failed", "kind": "people"}),
        (Action.SPLIT, {"units": ["U-urban", "U-justice"], "lead": "U-urban"}),
    ]
    for seen, (action, details) in enumerate(steps, 1):
        desk.act(no, action, details, DUTY, EVERYWHERE, seen, MONDAY_9)
    record = SqlRecords(engine).of(no, EVERYWHERE)
    assert [whistle.unit for whistle in record.whistles] == ["U-justice"]
    assert [(link.case, link.other) for link in record.links] == [(no, other)]
    assert [task.worker for task in record.tasks] == ["W-0001"]
    assert [tried.result for tried in record.mediations] == ["failed"]
    assert [child.unit for child in record.children] == ["U-justice"]
    assert record.handoffs == []


def test_a_link_across_the_border_is_not_told(engine: Engine, desk: Desk) -> None:
    no, other = filed(desk, report("a", place=Place(grids=NORTH)), report("b", place=Place(grids=SOUTH)))
    desk.act(no, Action.LINK, {"to": other}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert SqlRecords(engine).of(no, Scope("T-N")).links == []
    assert len(SqlRecords(engine).of(other, EVERYWHERE).links) == 1


def test_outside_the_area_the_file_is_empty(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a", place=Place(grids=NORTH)))
    desk.act(no, Action.WHISTLE, {"units": ["U-urban"], "reason": "到场"}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert SqlRecords(engine).of(no, Scope("T-S")) == CaseRecord()
