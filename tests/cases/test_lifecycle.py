"""Every (action, stage, state) against the table, and what each move leaves behind."""

import itertools

import pytest

from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES, STATE_NAMES, actions_for, advance
from cases.model import Action, Actor, Loop, Role, Stage, State
from cases.schemes import SCHEMES
from tests.cases.build import ANALYST, DUTY, LEADER, MONDAY_9, OTHER_UNIT, UNIT, VERIFIER, WORKER, case

SEVEN = SCHEMES["seven"].moves
SYSTEM = Actor("system", Role.SYSTEM)
ENOUGH = {
    "reason": "材料不全",
    "text": "已到现场",
    "unit": "U-justice",
    "worker": "W-0002",
    "into": "20261116-000009",
    "to": "20261116-000009",
    "score": 5,
    "days": 3,
    "units": "U-urban,U-justice",
    "lead": "U-urban",
    "result": "failed",
    "kind": "petition",
    "by": 3,
    "risk": "high",
}

# The road itself, written once more by hand: (stage, action, next stage). Everything else on the main road is refused.
ROAD = [
    (Stage.REPORTED, Action.ACCEPT, Stage.ACCEPTED),
    (Stage.REPORTED, Action.REFUSE, Stage.CLOSED),
    (Stage.ACCEPTED, Action.DISPATCH, Stage.DISPATCHED),
    (Stage.DISPATCHED, Action.HANDLE, Stage.HANDLED),
    (Stage.DISPATCHED, Action.RETURN, Stage.ACCEPTED),
    (Stage.HANDLED, Action.VERIFY, Stage.VERIFIED),
    (Stage.HANDLED, Action.REWORK, Stage.DISPATCHED),
    (Stage.VERIFIED, Action.CLOSE, Stage.CLOSED),
    (Stage.CLOSED, Action.EVALUATE, Stage.EVALUATED),
    (Stage.CLOSED, Action.REOPEN, Stage.ACCEPTED),
    (Stage.EVALUATED, Action.REOPEN, Stage.ACCEPTED),
]
ROAD_ACTIONS = sorted({action for _, action, _ in ROAD})


@pytest.mark.parametrize(("stage", "action"), list(itertools.product(Stage, ROAD_ACTIONS)))
def test_every_step_of_the_road_is_taken_or_refused(stage: Stage, action: Action) -> None:
    there = {(s, a): t for s, a, t in ROAD}.get((stage, action))
    if there is None:
        with pytest.raises(IllegalAction):
            advance(case(stage=stage), action, ENOUGH, SYSTEM, MONDAY_9)
    else:
        after, event = advance(case(stage=stage), action, ENOUGH, SYSTEM, MONDAY_9)
        assert after.stage is there
        assert (after.version, event.version, event.action) == (2, 2, action)


@pytest.mark.parametrize(("action", "stage", "state"), list(itertools.product(Action, Stage, State)))
def test_every_triple_is_in_the_table_or_refused_in_words(action: Action, stage: Stage, state: State) -> None:
    before = case(stage=stage, state=state, loop=Loop.SMALL, pending="3")
    row = next((m for m in SEVEN if m.action is action and stage in m.stages and state in m.states), None)
    if row is None:
        with pytest.raises(IllegalAction) as refused:
            advance(before, action, ENOUGH, SYSTEM, MONDAY_9)
        assert STAGE_NAMES[stage] in refused.value.msg
    else:
        after, _ = advance(before, action, ENOUGH, SYSTEM, MONDAY_9)
        assert after.stage is (row.to or stage)
        assert after.state is (row.state or state)


@pytest.mark.parametrize("row", SEVEN, ids=lambda m: f"{m.action}-{'-'.join(sorted(m.stages))}")
def test_only_the_roles_of_a_row_may_take_it(row) -> None:
    before = case(stage=sorted(row.stages)[0], state=sorted(row.states)[0], loop=Loop.SMALL, pending="3")
    taken = {role for role in Role if _takes(before, row.action, role)}
    allowed = {
        role
        for m in SEVEN
        if m.action is row.action and before.stage in m.stages and before.state in m.states
        for role in m.roles
    }
    assert taken == allowed | {Role.SYSTEM}


def _takes(before, action, role) -> bool:
    actor = Actor(before.worker if role is Role.WORKER else "某人", role, unit=before.unit)
    try:
        advance(before, action, ENOUGH, actor, MONDAY_9)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("row", [m for m in SEVEN if m.needs], ids=lambda m: m.action)
def test_a_missing_detail_is_named(row) -> None:
    before = case(stage=sorted(row.stages)[0], state=sorted(row.states)[0], loop=Loop.SMALL, pending="3")
    for name in row.needs:
        with pytest.raises(BadAction) as refused:
            advance(before, row.action, {**ENOUGH, name: ""}, SYSTEM, MONDAY_9)
        assert refused.value.field == name


def test_the_handler_may_not_verify_his_own_work() -> None:
    handled, _ = advance(case(stage=Stage.DISPATCHED), Action.HANDLE, {}, DUTY, MONDAY_9)
    with pytest.raises(NotAllowed, match="处置人本人"):
        advance(handled, Action.VERIFY, {}, DUTY, MONDAY_9)
    assert advance(handled, Action.VERIFY, {}, VERIFIER, MONDAY_9)[0].stage is Stage.VERIFIED


def test_another_unit_and_another_worker_keep_their_hands_off() -> None:
    dispatched = case(stage=Stage.DISPATCHED)
    for stranger in (OTHER_UNIT, Actor("W-0009", Role.WORKER)):
        with pytest.raises(NotAllowed):
            advance(dispatched, Action.SIGN, {}, stranger, MONDAY_9)
    assert advance(dispatched, Action.SIGN, {}, WORKER, MONDAY_9)[0].signed_at == MONDAY_9


def test_an_event_says_who_when_why_and_what_changed() -> None:
    _, event = advance(case(stage=Stage.DISPATCHED), Action.RETURN, {"reason": "不属本单位职责"}, UNIT, MONDAY_9)
    assert (event.by, event.at, event.why, event.origin) == ("城管队员", MONDAY_9, "不属本单位职责", "desk")
    assert event.changes == {"stage": Stage.ACCEPTED, "state": State.RETURNED, "unit": None, "worker": None} | {
        "accepted_at": MONDAY_9,
        "falls_to": "duty",
    }
    assert (event.before["unit"], event.before["stage"], event.about) == (
        "U-urban",
        Stage.DISPATCHED,
        {"reason": "not_duty"},
    )


def test_first_contact_stays_through_a_second_acceptance() -> None:
    taken, _ = advance(case(), Action.ACCEPT, {}, DUTY, MONDAY_9)
    again, _ = advance(
        case(stage=Stage.CLOSED, first_contact=taken.first_contact), Action.REOPEN, ENOUGH, LEADER, MONDAY_9
    )
    assert again.first_contact == "值班员甲"


def test_a_loop_rises_step_by_step_and_no_further() -> None:
    up, _ = advance(case(loop=Loop.SMALL), Action.ESCALATE, ENOUGH, DUTY, MONDAY_9)
    assert up.loop is Loop.LARGE
    with pytest.raises(IllegalAction):
        advance(up, Action.ESCALATE, ENOUGH, DUTY, MONDAY_9)


@pytest.mark.parametrize("score", [0, 6, "5", True, 4.5])
def test_a_score_is_a_whole_number_from_one_to_five(score: object) -> None:
    with pytest.raises(BadAction):
        advance(case(stage=Stage.CLOSED), Action.EVALUATE, {"score": score}, DUTY, MONDAY_9)


def test_the_buttons_are_what_the_actor_can_do_now() -> None:
    assert set(actions_for(case(), ANALYST)) == set()
    assert actions_for(case(), DUTY)[:2] == (Action.ACCEPT, Action.REFUSE)
    assert Action.VERIFY not in actions_for(case(stage=Stage.HANDLED, handler="核查员"), VERIFIER)


def test_everything_has_a_chinese_name() -> None:
    assert set(ACTION_NAMES) >= set(Action) and set(STAGE_NAMES) == set(Stage) and set(STATE_NAMES) == set(State)
