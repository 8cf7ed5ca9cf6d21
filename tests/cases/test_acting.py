"""Several hands at one case: whistles, sub-tasks, links, merging and taking back, on a store in memory."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases.errors import BadAction, CaseError, IllegalAction, NotAllowed
from cases.model import Action, Actor, Case, Role, Scope, Stage, State
from tests.cases.build import DUTY, LEADER, MONDAY_9, OTHER_UNIT, UNIT, VERIFIER, report
from tests.cases.test_desk import Room

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def no(room: Room) -> str:
    """A case that U-urban handles."""
    number = room.file(report())[0].receipt.number
    room.act(number, Action.ACCEPT)
    room.act(number, Action.DISPATCH, unit="U-urban")
    return number


def other(room: Room, id: str = "other", **changes: object) -> str:
    return room.file(report(id, **changes))[0].receipt.number


def bare(case: Case) -> Case:
    """A case without what every action moves."""
    return replace(case, version=0, updated_at=MONDAY_9)


# 吹哨报到


def test_a_whistle_calls_several_units_and_times_their_answers_and_arrivals(room: Room, no: str) -> None:
    room.act(no, Action.WHISTLE, units="U-justice，U-police", reason="需联合处置", answer_by=10, arrive_by=40)
    assert {w.unit for w in room.store.called.values()} == {"U-justice", "U-police"}
    room.act(no, Action.ANSWER, OTHER_UNIT, at=MONDAY_9 + 4 * MINUTE, text="马上出发")
    room.act(no, Action.ARRIVE, OTHER_UNIT, at=MONDAY_9 + 30 * MINUTE)
    justice = next(w for w in room.store.called.values() if w.unit == "U-justice")
    assert (justice.answered_at, justice.arrived_at) == (MONDAY_9 + 4 * MINUTE, MONDAY_9 + 30 * MINUTE)
    assert (justice.answer, justice.answer_by) == ("马上出发", MONDAY_9 + 10 * MINUTE)
    assert room.store.cases[no].arrived_at is None  # the case's own unit is not there yet
    assert room.store.happened[-1].about == {"unit": "U-justice"}


def test_only_a_called_unit_may_answer_and_only_once(room: Room, no: str) -> None:
    with pytest.raises(NotAllowed, match="不由您的单位承办"):
        room.act(no, Action.ANSWER, OTHER_UNIT)
    room.act(no, Action.WHISTLE, units=["U-justice"], reason="请到场")
    room.act(no, Action.ANSWER, OTHER_UNIT)
    with pytest.raises(IllegalAction, match="没有等待"):
        room.act(no, Action.ANSWER, OTHER_UNIT)
    with pytest.raises(NotAllowed):
        room.act(no, Action.HANDLE, OTHER_UNIT)  # called is not in charge


def test_the_seat_may_record_what_it_heard_by_telephone(room: Room, no: str) -> None:
    room.act(no, Action.WHISTLE, units=["U-justice"], reason="请到场")
    with pytest.raises(BadAction, match="哪个单位"):
        room.act(no, Action.ANSWER)
    room.act(no, Action.ARRIVE, unit="U-justice")
    [whistle] = room.store.called.values()
    assert whistle.arrived_at == whistle.answered_at == MONDAY_9


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"answer_by": 30, "arrive_by": 10}, "arrive_by"),
        ({"answer_by": 0}, "answer_by"),
        ({"answer_by": "2026-11-16T09:05:00"}, "answer_by"),
        ({"arrive_by": "明天"}, "arrive_by"),
        ({"arrive_by": 10**9}, "arrive_by"),
        ({"units": " , "}, "units"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_whistle_that_cannot_be_is_refused(room: Room, no: str, details: dict, field: str) -> None:
    with pytest.raises(BadAction) as refused:
        room.act(no, Action.WHISTLE, **{"units": "U-justice", "reason": "请到场"} | details)
    assert refused.value.field == field and not room.store.called


def test_a_unit_on_its_way_is_not_called_again(room: Room, no: str) -> None:
    room.act(no, Action.WHISTLE, units="U-justice", reason="请到场")
    with pytest.raises(BadAction, match="尚未到场"):
        room.act(no, Action.WHISTLE, units="U-justice,U-police", reason="再催")
    room.act(no, Action.ARRIVE, OTHER_UNIT)
    room.act(no, Action.WHISTLE, units="U-justice", reason="请再来")
    assert len(room.store.called) == 2


# 拆分与子任务


def split(room: Room, no: str) -> list[str]:
    room.act(no, Action.SPLIT, units="U-urban,U-justice,U-police", lead="U-urban")
    return [number for number, case in room.store.cases.items() if case.parent == no]


def close(room: Room, no: str, unit: Actor) -> None:
    room.act(no, Action.HANDLE, unit)
    room.act(no, Action.VERIFY, VERIFIER)
    room.act(no, Action.CLOSE)


def test_a_split_gives_every_unit_its_own_task_and_one_lead(room: Room, no: str) -> None:
    children = split(room, no)
    assert [room.store.cases[c].unit for c in children] == ["U-justice", "U-police"]
    assert room.store.cases[no].unit == "U-urban"
    assert all(room.store.cases[c].stage is Stage.DISPATCHED for c in children)
    assert {room.store.cases[c].due_at for c in children} == {room.store.cases[no].due_at}
    assert room.store.happened[-1].about == {"children": children, "lead": "U-urban"}


def test_a_parent_waits_for_its_sub_tasks(room: Room, no: str) -> None:
    justice, police = split(room, no)
    room.act(no, Action.HANDLE, UNIT)
    room.act(no, Action.VERIFY, VERIFIER)
    close(room, justice, OTHER_UNIT)
    for action, details in ((Action.CLOSE, {}), (Action.VOID, {"reason": "x"}), (Action.MERGE, {"into": other(room)})):
        with pytest.raises(IllegalAction, match=f"还有 1 个子任务未结：{police}"):
            room.act(no, action, **details)
    room.act(police, Action.VOID, reason="不需要了")
    assert room.act(no, Action.CLOSE).stage is Stage.CLOSED


def test_a_split_that_cannot_be_is_refused(room: Room, no: str) -> None:
    with pytest.raises(BadAction, match="至少需要两个"):
        room.act(no, Action.SPLIT, units="U-urban", lead="U-urban")
    with pytest.raises(BadAction, match="牵头单位"):
        room.act(no, Action.SPLIT, units="U-urban,U-justice", lead="U-police")
    justice, _ = split(room, no)
    with pytest.raises(IllegalAction, match="子任务不能再拆分"):
        room.act(justice, Action.SPLIT, units="U-a,U-b", lead="U-a")
    with pytest.raises(BadAction, match="未结的子任务"):
        split(room, no)


# 并案与关联


@pytest.mark.parametrize("rest", ["active", "returned", "suspended", "overdue"])
def test_merging_and_taking_it_back_leaves_both_cases_as_they_were(room: Room, no: str, rest: str) -> None:
    target = other(room)
    if rest == "returned":
        room.act(no, Action.RETURN, UNIT, reason="unclear")
    if rest == "suspended":
        room.act(no, Action.SUSPEND, reason="等待鉴定")
    if rest == "overdue":
        room.desk.turn_clocks(room.store.cases[no].due_at)
    before = [room.store.cases[no], room.store.cases[target]]
    room.act(no, Action.MERGE, into=target)
    assert room.store.cases[no].state is State.MERGED
    assert room.store.happened[-2].about == {"merged": no}  # the other case knows of it
    room.act(no, Action.NOTE, text="两件同源")
    room.act(no, Action.UNMERGE)
    after = [room.store.cases[no], room.store.cases[target]]
    assert [bare(case) for case in after] == [bare(case) for case in before]


def test_only_an_open_case_in_ones_own_area_takes_another_in(room: Room, no: str) -> None:
    south = other(room, place=replace(report().place, grids=("S1",)))
    with pytest.raises(BadAction, match="不在您的辖区"):
        room.act(no, Action.MERGE, scope=Scope("G1"), into=south)
    room.act(south, Action.VOID, reason="误报")
    with pytest.raises(BadAction, match="不在办理中"):
        room.act(no, Action.MERGE, into=south)


def test_a_link_is_made_once_and_both_cases_tell_of_it(room: Room, no: str) -> None:
    target = other(room)
    room.act(no, Action.LINK, to=target)
    assert [e.about for e in room.store.happened[-2:]] == [
        {"to": no, "kind": "related"},
        {"to": target, "kind": "related"},
    ]
    with pytest.raises(IllegalAction, match="已经关联"):
        room.act(target, Action.LINK, to=no)
    for details in ({"to": no}, {"to": "20261116-000777"}, {"to": target, "kind": "enemy"}):
        with pytest.raises(BadAction):
            room.act(no, Action.LINK, **details)


def test_a_repeat_within_thirty_days_reopens_and_ties(room: Room, no: str) -> None:
    close(room, no, UNIT)
    soon = other(room, "again", received_at=MONDAY_9 + timedelta(days=29))
    late = other(room, "later", received_at=MONDAY_9 + timedelta(days=31))
    with pytest.raises(BadAction, match="30 天内"):
        room.act(no, Action.REOPEN, reason="再次投诉", repeat=late)
    again = room.act(no, Action.REOPEN, reason="再次投诉", repeat=soon)
    assert (again.stage, again.reopened) == (Stage.ACCEPTED, 1)
    assert [(link.kind, {link.case, link.other}) for link in room.store.tied] == [("repeat", {no, soon})]


# 撤回


def test_ones_own_last_step_can_be_taken_back_and_stays_on_record(room: Room, no: str) -> None:
    before = room.store.cases[no]
    room.act(no, Action.HANDLE, UNIT)
    back = room.act(no, Action.UNDO, UNIT, at=MONDAY_9 + timedelta(seconds=10))
    assert bare(back) == bare(before)
    assert [e.action for e in room.store.happened[-2:]] == [Action.HANDLE, Action.UNDO]
    assert room.store.happened[-1].about == {"undone": 4}


@pytest.mark.parametrize(
    ("step", "who", "seconds", "says"),
    [
        ((Action.URGE, DUTY, {}), DUTY, 1, "已通知他人"),
        ((Action.HANDLE, UNIT, {}), UNIT, 11, "超过 10 秒"),
        ((Action.HANDLE, UNIT, {}), DUTY, 1, "不是您办的"),
        ((Action.HANDLE, DUTY, {}), Actor(DUTY.name, Role.LEADER), 1, "不是您办的"),
    ],
)
def test_what_cannot_be_taken_back_says_why(
    room: Room, no: str, step: tuple, who: Actor, seconds: int, says: str
) -> None:
    action, actor, details = step
    room.act(no, action, actor, **details)
    with pytest.raises(IllegalAction, match=says):
        room.act(no, Action.UNDO, who, at=MONDAY_9 + timedelta(seconds=seconds))


def test_a_dispatch_that_rang_a_workers_device_stands(room: Room) -> None:
    number = other(room)
    room.act(number, Action.ACCEPT)
    room.act(number, Action.DISPATCH, worker="W-0001")
    with pytest.raises(IllegalAction, match="已通知他人"):
        room.act(number, Action.UNDO)


def test_an_undone_step_cannot_be_undone_twice(room: Room, no: str) -> None:
    room.act(no, Action.ESCALATE, reason="久拖不决")
    room.act(no, Action.UNDO)
    with pytest.raises(IllegalAction):
        room.act(no, Action.UNDO)


# 退单、转办、首问负责


def test_a_returned_case_says_to_whom_it_falls_back(room: Room, no: str) -> None:
    assert room.act(no, Action.RETURN, UNIT, reason="unclear").falls_to == "first_contact"
    again = room.act(no, Action.DISPATCH, unit="U-urban")
    assert again.falls_to is None
    assert room.act(no, Action.RETURN, UNIT, reason="别的缘由").falls_to == "duty"
    assert room.store.happened[-1].about == {"reason": "other"}


def test_the_first_contact_stays_through_every_transfer(room: Room, no: str) -> None:
    for unit in ("U-justice", "U-police", "U-urban"):
        assert room.act(no, Action.TRANSFER, LEADER, unit=unit, reason="职责调整").first_contact == DUTY.name


def test_a_transfer_to_a_worker_is_a_task_on_the_device(room: Room, no: str) -> None:
    room.act(no, Action.TRANSFER, unit="U-justice", worker="W-0002", reason="就近")
    assert [task.worker for task in room.store.tasks] == ["W-0002"]


def test_a_refused_step_leaves_no_trace_anywhere(room: Room, no: str) -> None:
    before = repr(room.store)
    at = datetime(2026, 11, 16, 2, tzinfo=MONDAY_9.tzinfo)
    for action, details in (
        (Action.SPLIT, {"units": "U-a,U-b", "lead": "U-c"}),
        (Action.MERGE, {"into": "20261116-000777"}),
        (Action.WHISTLE, {"units": "U-a", "reason": "x", "answer_by": -1}),
        (Action.LINK, {"to": no}),
    ):
        with pytest.raises(CaseError):
            room.act(no, action, at=at, **details)
    assert repr(room.store) == before
