"""What a drop on a column means, over every pair of stages."""

from __future__ import annotations

import pytest

from cases.errors import IllegalAction, NotAllowed
from cases.model import Action, Actor, Stage, State
from cases.stage_moves import move_to
from tests.cases.build import ANALYST, DUTY, VERIFIER, case

S = Stage
MEANT = {
    (S.REPORTED, S.ACCEPTED): Action.ACCEPT,
    (S.REPORTED, S.CLOSED): Action.REFUSE,
    (S.ACCEPTED, S.DISPATCHED): Action.DISPATCH,
    (S.DISPATCHED, S.HANDLED): Action.HANDLE,
    (S.DISPATCHED, S.ACCEPTED): Action.RETURN,
    (S.HANDLED, S.VERIFIED): Action.VERIFY,
    (S.HANDLED, S.DISPATCHED): Action.REWORK,
    (S.VERIFIED, S.CLOSED): Action.CLOSE,
}


@pytest.mark.parametrize("there", [*Stage])
@pytest.mark.parametrize("here", [S.REPORTED, S.ACCEPTED, S.DISPATCHED, S.HANDLED, S.VERIFIED])
def test_a_drop_means_one_step_or_is_refused_in_words(here: Stage, there: Stage) -> None:
    dropped = case(stage=here)
    if (here, there) in MEANT:
        assert move_to(dropped, there, DUTY).action is MEANT[here, there]
    else:
        with pytest.raises(IllegalAction, match="不能直接到"):
            move_to(dropped, there, DUTY)


def test_refusal_names_where_the_case_can_go() -> None:
    with pytest.raises(IllegalAction, match="可以到：立案受理、结案归档"):
        move_to(case(), S.VERIFIED, DUTY)


def test_suspended_case_moves_nowhere() -> None:
    with pytest.raises(IllegalAction, match="此刻不能移动"):
        move_to(case(stage=S.ACCEPTED, state=State.SUSPENDED), S.DISPATCHED, DUTY)


@pytest.mark.parametrize("actor", [ANALYST, VERIFIER])
def test_who_may_not_is_told_so(actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        move_to(case(), S.ACCEPTED, actor)
