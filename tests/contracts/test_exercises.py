"""演练 never enters a figure: whatever is rehearsed, every figure of the room stays what it was (domain.md G30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import indicators
from cases.desk import Desk
from cases.errors import CaseError
from cases.indicators import Span, counted
from cases.model import EVERYWHERE, Action, Actor, CaseNo, Scope
from cases.stages import STEP_NAMES
from storage.engine import Engine
from storage.evidence import SqlEvidence
from storage.views import SqlViews
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, report
from tests.contracts.build import NORTH
from tests.contracts.engines import POSTGRES_WHEN_LONG

_numbers = count(1)
NOW = MONDAY_9 + timedelta(days=20)
SPAN = Span(MONDAY_9 - timedelta(days=40), NOW)
CATEGORIES = ("dispute.neighbour", "dispute.land", "safety.fire", "other")
ROAD = ((Action.ACCEPT, DUTY), (Action.DISPATCH, DUTY), (Action.SIGN, UNIT), (Action.HANDLE, UNIT))
ROAD += ((Action.VERIFY, VERIFIER), (Action.CLOSE, DUTY), (Action.EVALUATE, DUTY))
BESIDE = ((Action.MEDIATE, UNIT), (Action.WHISTLE, DUTY), (Action.PROMISE, DUTY), (Action.ESCALATE, LEADER))
BESIDE += ((Action.HAND_OFF, DUTY), (Action.VOID, DUTY), (Action.SPLIT, DUTY), (Action.REOPEN, LEADER))
DETAILS: Mapping[str, object] = {
    "reason": "缘由", "unit": "U-urban", "score": 5, "by": 2, "units": "U-justice,U-urban", "lead": "U-urban",
    "result": "settled", "kind": "people",
}  # fmt: skip
LIVES = st.lists(
    st.tuples(
        st.sampled_from(CATEGORIES),
        st.integers(0, len(ROAD)),
        st.lists(st.sampled_from(BESIDE), max_size=3),
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=4,
)


def live(desk: Desk, lives: list[tuple[str, int, list[tuple[Action, Actor]], int]], exercise: bool) -> None:
    """Cases filed and acted upon; what the life cycle refuses is left out."""
    for category, far, beside, hours in lives:
        at = MONDAY_9 + timedelta(hours=hours)
        told = report(f"x{next(_numbers)}", category=category, exercise=exercise, received_at=at, at=at)
        [answer] = desk.file([replace(told, place=replace(told.place, grids=NORTH))], at)
        assert answer.receipt is not None
        no = CaseNo(answer.receipt.number)
        for n, (action, actor) in enumerate((*ROAD[:far], *beside)):
            act(desk, no, action, actor, at + timedelta(hours=n))
    while desk.turn_clocks(NOW):
        pass


def act(desk: Desk, no: CaseNo, action: Action, actor: Actor, at: datetime) -> None:
    with desk.store.transaction() as tx:
        case = tx.case(no, EVERYWHERE)
    assert case is not None
    details = DETAILS | ({"kind": "petition"} if action is Action.HAND_OFF else {})
    try:
        desk.act(no, action, details, actor, EVERYWHERE, case.version, at)
    except CaseError:
        return


def figures(engine: Engine, scope: Scope) -> dict[str, object]:
    """Every figure there is, of one scope."""
    views, evidence, span = SqlViews(engine), SqlEvidence(engine), (SPAN.since, SPAN.until)
    received = counted(evidence.received(scope, *span), SPAN)
    clocks, whistles = evidence.clocks(scope, *span), evidence.whistles(scope, *span)
    return {
        "room": views.figures(scope, NOW),
        "room then": views.figures(scope, MONDAY_9 + timedelta(hours=6)),
        "ticks": views.ticks(scope, *span),
        "heat": sorted(views.points(scope, SPAN.since)),
        "化解率": indicators.resolved(received),
        "成功率": indicators.mediated(evidence.mediations(scope, *span)),
        "循环": indicators.closed_by_loop(received),
        "按时办结率": indicators.on_time(received, NOW),
        "满意率": indicators.satisfied(received),
        "steps": [indicators.step_on_time(clocks, step, NOW) for step in STEP_NAMES],
        "吹哨": indicators.whistles_on_time(whistles, NOW),
        "对接": indicators.handed_back_on_time(evidence.handoffs(scope, *span), NOW),
    }


@POSTGRES_WHEN_LONG
@pytest.mark.timeout(600)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(real=LIVES, rehearsed=LIVES)
def test_no_exercise_moves_any_figure(desk: Desk, engine: Engine, real: list, rehearsed: list) -> None:
    live(desk, real, exercise=False)
    before = [figures(engine, scope) for scope in (EVERYWHERE, Scope("T-N"))]
    live(desk, rehearsed, exercise=True)
    after = [figures(engine, scope) for scope in (EVERYWHERE, Scope("T-N"))]
    assert after == before
    assert before[0]["room"] != figures(engine, Scope("T-S"))["room"]  # they do count what is real


def test_what_is_open_and_overdue_counts_against_every_rate_of_time(desk: Desk, engine: Engine) -> None:
    live(desk, [("other", 0, [], 0), ("other", 1, [(Action.PROMISE, DUTY), (Action.WHISTLE, DUTY)], 1)], exercise=False)
    found = figures(engine, EVERYWHERE)
    rates = dict(zip(STEP_NAMES, found["steps"], strict=True))  # type: ignore[call-overload]
    assert (rates["accept"].numerator, rates["accept"].denominator) == (1, 2)
    assert (rates["dispatch"].numerator, rates["dispatch"].denominator) == (0, 1)
    assert rates["promise"].words == "0.0 %（0/1 件（含未结超时））"
    assert rates["verify"].value is None
    assert [rate.words for rate in found["吹哨"]] == ["0.0 %（0/2 次（含未结超时））"] * 2  # type: ignore[attr-defined]
