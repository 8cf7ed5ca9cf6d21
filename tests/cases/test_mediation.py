"""Mediation counted, and hand-offs out and back by the law's own clocks."""

from datetime import timedelta
from pathlib import Path

import pytest

from cases import mediation
from cases.calendar import WorkCalendar
from cases.errors import BadAction, IllegalAction
from cases.loops import read_loop_rules
from cases.mediation import KINDS, HandoffsError, read_handoffs
from cases.model import Action, Loop, Standing, State
from tests.cases.build import MONDAY_9, UNIT, WORKER, report
from tests.cases.test_desk import Room

DAY = timedelta(days=1)


@pytest.fixture
def room() -> Room:
    return Room(loops=read_loop_rules())


@pytest.fixture
def no(room: Room) -> str:
    number = room.file(report())[0].receipt.number
    room.act(number, Action.ACCEPT)
    room.act(number, Action.DISPATCH, unit="U-urban", worker="W-0001")
    return number


def test_the_third_mediation_that_fails_lifts_the_case(room: Room, no: str) -> None:
    for actor in (WORKER, UNIT):
        assert room.act(no, Action.MEDIATE, actor, result="failed").loop is Loop.MICRO
    lifted = room.act(no, Action.MEDIATE, UNIT, result="failed", mediator="老李")
    assert (lifted.loop, lifted.failed_mediations) == (Loop.SMALL, 3)
    assert room.store.happened[-1].why == "3 次调解未成，转入小循环"
    assert [m.mediator for m in room.store.tried] == ["W-0001", "城管队员", "老李"]


def test_a_mediation_that_settles_counts_no_failure(room: Room, no: str) -> None:
    assert room.act(no, Action.MEDIATE, UNIT, result="settled", kind="judicial").failed_mediations == 0
    assert room.store.happened[-1].about == {"kind": "judicial", "result": "settled"}
    for details in ({"result": "maybe"}, {"result": "failed", "kind": "magic"}, {}):
        with pytest.raises(BadAction):
            room.act(no, Action.MEDIATE, UNIT, **details)


def test_a_petition_is_decided_in_15_days_and_done_in_60_and_30_more(room: Room, no: str) -> None:
    room.act(no, Action.HAND_OFF, kind="petition", reason="涉及信访事项")
    [out] = room.store.handed.values()
    assert (out.decide_by, out.due_at) == (MONDAY_9 + 15 * DAY, MONDAY_9 + 60 * DAY)
    longer = mediation.prolong([out], WorkCalendar())
    assert longer.due_at == MONDAY_9 + 90 * DAY
    with pytest.raises(IllegalAction, match="已延长过一次"):
        mediation.prolong([longer], WorkCalendar())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_goes_out_and_comes_back_with_its_result(room: Room, no: str, kind: str) -> None:
    before = room.store.cases[no]
    out = room.act(no, Action.HAND_OFF, kind=kind, reason="需对接办理")
    assert out.state is State.SUSPENDED
    room.desk.turn_clocks(MONDAY_9 + 40 * DAY)
    assert room.store.cases[no].standing is Standing.ON_TIME  # the room's clock rests meanwhile
    back = room.act(no, Action.HAND_BACK, text="已出具意见", at=MONDAY_9 + 42 * DAY)
    assert (back.state, back.due_at) == (State.ACTIVE, before.due_at + 42 * DAY)
    [handoff] = room.store.handed.values()
    assert (handoff.kind, handoff.back_at, handoff.result) == (kind, MONDAY_9 + 42 * DAY, "已出具意见")
    assert KINDS[kind].source.startswith("domain.md")


def test_what_another_body_has_is_not_resumed_voided_or_merged_here(room: Room, no: str) -> None:
    other = room.file(report("other"))[0].receipt.number
    room.act(no, Action.HAND_OFF, kind="court", reason="诉前调解")
    for action, details in (
        (Action.RESUME, {}),
        (Action.VOID, {"reason": "x"}),
        (Action.MERGE, {"into": other}),
    ):
        with pytest.raises(IllegalAction, match="须先回传"):
            room.act(no, action, **details)


def test_what_is_not_out_cannot_come_back(room: Room, no: str) -> None:
    room.act(no, Action.SUSPEND, reason="等待鉴定")
    with pytest.raises(IllegalAction, match="没有在外对接"):
        room.act(no, Action.HAND_BACK, text="回来了")
    other = room.file(report("other"))[0].receipt.number
    room.act(other, Action.ACCEPT)
    with pytest.raises(BadAction, match="访调对接"):
        room.act(other, Action.HAND_OFF, kind="moon", reason="x")


def test_a_file_that_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "handoffs.toml"
    path.write_text(
        '[[kind]]\ncode = "x"\nname = "x"\nparty = "x"\nsource = "x"\nsettle = { amount = 3, unit = "moons" }'
    )
    with pytest.raises(HandoffsError, match=r"handoffs\.toml.*moons"):
        read_handoffs(path)
