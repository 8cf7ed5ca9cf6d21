"""Which steps may be taken back, by whom, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.errors import IllegalAction, NotAllowed
from cases.lifecycle import advance
from cases.model import Action, Actor, Case, Event, Role
from cases.undoing import undo_until
from tests.cases.build import ANALYST, case
from tests.cases.build import MONDAY_9 as NOW

LI, ZHOU = Actor("李某", Role.DUTY), Actor("周某", Role.DUTY)


def stepped(*steps: tuple[Action, dict[str, object]], by: Actor = LI) -> tuple[Case, Event]:
    """A new case after these steps, and the event of the last."""
    now_case = case(unit=None, worker=None)
    for action, details in steps:
        now_case, event = advance(now_case, action, details, by, NOW)
    return now_case, event


ACCEPT = (Action.ACCEPT, {})


def test_own_step_is_open_for_the_ten_seconds_of_the_scheme() -> None:
    accepted, last = stepped(ACCEPT)
    assert undo_until(accepted, last, LI, NOW + timedelta(seconds=10)) == NOW + timedelta(seconds=10)
    with pytest.raises(IllegalAction, match="已超过 10 秒"):
        undo_until(accepted, last, LI, NOW + timedelta(seconds=10.1))


@pytest.mark.parametrize(
    ("steps", "actor", "words"),
    [
        ((ACCEPT,), ZHOU, "最后一步不是您办的"),
        ((ACCEPT,), replace(LI, role=Role.LEADER), "最后一步不是您办的"),
        ((ACCEPT, (Action.DISPATCH, {"unit": "u", "worker": "W-1"})), LI, "已通知他人"),
        ((ACCEPT, (Action.URGE, {})), LI, "“催办”已通知他人"),
        (((Action.MERGE, {"into": "20261121-000009"}),), LI, "“并案”已通知他人"),
    ],
)
def test_what_others_know_or_did_stays(
    steps: tuple[tuple[Action, dict[str, object]], ...], actor: Actor, words: str
) -> None:
    after, last = stepped(*steps)
    with pytest.raises(IllegalAction, match=words):
        undo_until(after, last, actor, NOW)


def test_dispatch_to_a_unit_alone_can_be_recalled() -> None:
    sent, last = stepped(ACCEPT, (Action.DISPATCH, {"unit": "u"}))
    assert undo_until(sent, last, LI, NOW) > NOW


def test_who_only_looks_takes_nothing_back() -> None:
    accepted, last = stepped(ACCEPT)
    with pytest.raises(NotAllowed):
        undo_until(accepted, replace(last, by=ANALYST.name, role=ANALYST.role), ANALYST, NOW)
