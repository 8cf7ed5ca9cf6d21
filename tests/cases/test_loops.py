"""三级循环: what lifts a case, that it may be sent back, and that the rules come from a file."""

from datetime import timedelta
from pathlib import Path

import pytest

from cases.loops import LoopRules, LoopRulesError, read_loop_rules
from cases.model import Action, Loop, Role
from tests.cases.build import DUTY, report
from tests.cases.test_desk import Room


@pytest.fixture
def room() -> Room:
    return Room(loops=read_loop_rules())


def filed(room: Room, **changes: object) -> str:
    return room.file(report(**changes))[0].receipt.number


def test_an_overdue_case_rises_once_and_says_why(room: Room) -> None:
    no = filed(room)
    room.bells.clear()
    late = room.store.cases[no].due_at
    assert (room.desk.turn_clocks(late), room.desk.turn_clocks(late)) == (2, 0)  # the step's clock and the whole's
    event = room.store.happened[-1]
    assert (room.store.cases[no].loop, event.action, event.role) == (Loop.SMALL, Action.ESCALATE, Role.SYSTEM)
    assert event.why == "超过办理时限，转入小循环"
    assert [bell.version for bell in room.bells] == [2, 3, 4]


def test_a_case_sent_back_stays_where_it_was_sent(room: Room) -> None:
    no = filed(room)
    late = room.store.cases[no].due_at
    room.desk.turn_clocks(late)
    room.act(no, Action.SEND_BACK, reason="网格内可办", at=late)
    room.desk.turn_clocks(late + timedelta(days=1))
    room.act(no, Action.ACCEPT, at=late)
    assert room.store.cases[no].loop is Loop.MICRO


@pytest.mark.parametrize(
    ("changes", "loop"),
    [
        ({}, Loop.MICRO),
        ({"people": 29}, Loop.MICRO),
        ({"people": 30}, Loop.SMALL),
        ({"category": "dispute.land"}, Loop.SMALL),
        ({"category": "dispute.labour"}, Loop.MICRO),
    ],
)
def test_many_people_and_hard_matters_begin_in_the_street(room: Room, changes: dict, loop: Loop) -> None:
    assert room.act(filed(room, **changes), Action.ACCEPT).loop is loop


def test_by_hand_a_case_rises_without_any_rule() -> None:
    room = Room(loops=LoopRules())
    no = filed(room, people=500)
    room.act(no, Action.ACCEPT)
    assert room.act(no, Action.ESCALATE, DUTY, reason="群体性苗头").loop is Loop.SMALL


def test_in_the_highest_loop_nothing_rises_further(room: Room) -> None:
    no = filed(room)
    for _ in range(2):
        room.act(no, Action.ESCALATE, reason="重大")
    room.desk.turn_clocks(room.store.cases[no].due_at)
    assert room.store.happened[-1].action is Action.CLOCK


@pytest.mark.parametrize("text", ["people = -1", "overdue = 3", 'hard_starts = "huge"', "height = 3", "people = "])
def test_rules_that_cannot_be_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "loops.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LoopRulesError, match=r"loops\.toml"):
        read_loop_rules(path)
