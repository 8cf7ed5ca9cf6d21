"""督办 rises rung by rung, and only past its limit; the ledger goes its four steps, each by who may take it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.calendar import LOCAL, WorkCalendar
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, Role, Standing
from cases.supervision import (
    REASON_NAMES,
    Rectification,
    Rectifying,
    Rung,
    Supervision,
    Target,
    answer,
    close,
    draw,
    enter,
    looked_back,
    recheck,
    rectify,
    rise,
    rise_due,
    strike,
    supervise,
)
from tests.cases.build import MONDAY_9

LEADER = Account("leader", Role.LEADER, "", "指挥长")
URBAN = Account("urban", Role.UNIT, "", "城管", unit="U-07")
VERIFIER = Account("verifier", Role.VERIFIER, "", "核查")
TARGET = Target("", "U-07", "", "青芝城管中队")
CALENDAR = WorkCalendar()
LATER = MONDAY_9 + timedelta(days=30)


def urged() -> Supervision:
    return supervise("S1", TARGET, "not_handled", "占道三次未清", LEADER, CALENDAR, MONDAY_9)


def test_there_are_three_reasons() -> None:
    assert list(REASON_NAMES.values()) == ["应受理未受理", "应办理未办理", "不依法办理"]
    with pytest.raises(BadAction):
        supervise("S1", TARGET, "slow", "慢", LEADER, CALENDAR, MONDAY_9)


def test_unanswered_rises_rung_by_rung_with_a_limit_each() -> None:
    one, limits = urged(), []
    for _ in range(2):
        limits.append(f"{one.due_at.astimezone(LOCAL):%m-%d}")
        assert rise_due(one, one.due_at) is None
        one = rise(one, LEADER, "逾期未答复", CALENDAR, one.due_at + timedelta(minutes=1))
    limits.append(f"{one.due_at.astimezone(LOCAL):%m-%d}")
    assert limits == ["11-17", "11-20", "12-04"]
    assert (one.rung, [step.what for step in one.steps]) == (Rung.LISTED, ["催办", "督办", "挂牌督办"])
    assert rise_due(one, LATER) is None
    with pytest.raises(IllegalAction):
        rise(one, LEADER, "再升", CALENDAR, LATER)


def test_nobody_rises_before_the_limit_but_a_bad_answer_does() -> None:
    with pytest.raises(IllegalAction):
        rise(urged(), LEADER, "急", CALENDAR, MONDAY_9)
    said = answer(urged(), URBAN, "在办", MONDAY_9)
    assert rise(said, LEADER, "答非所问", CALENDAR, MONDAY_9).rung is Rung.SUPERVISED


def test_whom_it_concerns_answers_and_it_is_closed() -> None:
    with pytest.raises(NotAllowed):
        answer(urged(), Account("other", Role.UNIT, "", "", unit="U-04"), "好", MONDAY_9)
    with pytest.raises(IllegalAction):
        close(urged(), LEADER, "好", MONDAY_9)
    done = close(answer(urged(), URBAN, "已清", LATER), LEADER, "属实", LATER)
    assert (done.standing(LATER), done.closed_at) == (Standing.OVERDUE, LATER)


def entered() -> Rectification:
    return enter("Z1", TARGET, "台账不全", "补齐 6 类台账", MONDAY_9 + timedelta(days=15), LEADER, MONDAY_9)


def test_ledger_goes_its_four_steps() -> None:
    one = rectify(entered(), URBAN, "已补齐", MONDAY_9)
    one = recheck(one, VERIFIER, False, "缺出警台账", MONDAY_9)
    assert one.stage is Rectifying.ENTERED
    one = recheck(rectify(one, URBAN, "已补出警台账", MONDAY_9), VERIFIER, True, "齐全", MONDAY_9)
    one = strike(one, LEADER, "同意销号", MONDAY_9)
    assert [step.what for step in one.steps] == ["立号", "整改", "复核退回", "整改", "复核通过", "销号"]
    back = looked_back(one, VERIFIER, False, "又停更了", LATER)
    assert (back.stage, back.relapses) == (Rectifying.ENTERED, 1)
    assert looked_back(one, VERIFIER, True, "保持良好", LATER).stage is Rectifying.STRUCK


def test_no_step_is_skipped_and_nobody_checks_himself() -> None:
    with pytest.raises(IllegalAction):
        strike(entered(), LEADER, "好", MONDAY_9)
    own = Account("town", Role.DUTY, "G1", "")
    of_town = enter("Z2", Target("G1", None, "G1", "东市社区"), "缺牌", "挂牌", LATER, LEADER, MONDAY_9)
    with pytest.raises(NotAllowed):
        recheck(rectify(of_town, own, "已挂", MONDAY_9), own, True, "好", MONDAY_9)
    with pytest.raises(NotAllowed):
        strike(entered(), VERIFIER, "好", MONDAY_9)
    with pytest.raises(BadAction):
        enter("Z3", TARGET, "x", "y", MONDAY_9, LEADER, MONDAY_9)


def test_look_back_is_drawn_by_a_seed_that_draws_the_same_again() -> None:
    struck = [f"Z{n}" for n in range(40)]
    first = draw("H1", "", struck, 5, 20261116, VERIFIER, MONDAY_9)
    again = draw("H1", "", reversed(struck), 5, 20261116, VERIFIER, MONDAY_9)
    assert first == again
    assert len(set(first.drawn)) == 5
    assert draw("H1", "", struck, 5, 20261117, VERIFIER, MONDAY_9).drawn != first.drawn
    assert draw("H2", "", ["Z1"], 5, 1, VERIFIER, MONDAY_9).drawn == ("Z1",)
    with pytest.raises(BadAction):
        draw("H3", "", [], 5, 1, VERIFIER, MONDAY_9)
