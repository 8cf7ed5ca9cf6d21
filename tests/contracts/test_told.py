"""首问负责: the first person to take a case is told of everything others do with it, once, until the answer is in."""

from __future__ import annotations

from cases.desk import Desk
from cases.model import EVERYWHERE, Action, Actor, CaseNo, Scope
from storage.engine import Engine
from storage.told import SqlTold
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, report
from tests.contracts.build import filed


def live(desk: Desk, no: CaseNo, *steps: tuple[Actor, Action, dict[str, object]], seen: int = 1) -> None:
    for version, (actor, action, details) in enumerate(steps, seen):
        desk.act(no, action, details, actor, EVERYWHERE, version, MONDAY_9)


def heard(told: SqlTold, scope: Scope = EVERYWHERE) -> list[Action]:
    return [event.action for event, _ in told.news(DUTY.name, scope)]


def test_the_tracker_hears_what_others_did_through_every_transfer(engine: Engine, desk: Desk) -> None:
    no, other = filed(desk, report("a"), report("b"))
    live(desk, no, (DUTY, Action.ACCEPT, {}), (DUTY, Action.DISPATCH, {"unit": "U-urban"}), (UNIT, Action.SIGN, {}))
    live(desk, no, (LEADER, Action.TRANSFER, {"unit": "U-justice", "reason": "职责调整"}), seen=4)
    live(desk, other, (LEADER, Action.ACCEPT, {}))  # somebody else's
    told = SqlTold(engine)
    assert heard(told) == [Action.REPORT, Action.SIGN, Action.TRANSFER]
    assert heard(told, Scope("elsewhere")) == []
    assert told.news(DUTY.name, EVERYWHERE)[-1][1].unit == "U-justice"


def test_what_is_read_is_told_no_more_and_never_comes_back(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    live(desk, no, (DUTY, Action.ACCEPT, {}), (LEADER, Action.URGE, {}), (LEADER, Action.NOTE, {"text": "请跟进"}))
    told = SqlTold(engine)
    told.read(DUTY.name, told.news(DUTY.name, EVERYWHERE)[1][0].seq)
    assert heard(told) == [Action.NOTE]
    told.read(DUTY.name, 1)
    assert heard(told) == [Action.NOTE]


def test_after_the_reporters_answer_the_tracker_is_done(engine: Engine, desk: Desk) -> None:
    [no] = filed(desk, report("a"))
    live(
        desk,
        no,
        (DUTY, Action.ACCEPT, {}),
        (DUTY, Action.DISPATCH, {"unit": "U-urban"}),
        (UNIT, Action.HANDLE, {}),
        (VERIFIER, Action.VERIFY, {}),
        (VERIFIER, Action.CLOSE, {}),
        (VERIFIER, Action.EVALUATE, {"score": 5}),
    )
    told = SqlTold(engine)
    before = heard(told)
    assert before[-1] is Action.EVALUATE
    desk.act(no, Action.NOTE, {"text": "回访归档"}, LEADER, EVERYWHERE, 7, MONDAY_9.replace(hour=9))
    assert heard(told) == before
