"""What the reporter of a refused case is told: by every scheme that can refuse, and only while the refusal stands."""

from __future__ import annotations

import pytest

from cases.lifecycle import advance
from cases.model import Action, Actor, Role, Stage
from cases.refusals import refusal_of
from cases.schemes import SCHEMES
from tests.cases.build import MONDAY_9, case

DUTY = Actor("duty", Role.DUTY)
LISTED = [(scheme, row) for scheme in SCHEMES.values() for row in scheme.reasons[Action.REFUSE].rows]


@pytest.mark.parametrize(("scheme", "row"), LISTED, ids=lambda each: getattr(each, "code", ""))
def test_every_listed_reason_says_what_the_reporter_is_told(scheme: object, row: object) -> None:
    new = case(stage=Stage.REPORTED, scheme=scheme.code)
    after, event = advance(new, Action.REFUSE, {"reason": row.code, "text": "内部备注"}, DUTY, MONDAY_9)
    refusal = refusal_of(after, [event])
    assert refusal is not None
    assert (refusal.why, refusal.notice, refusal.basis) == (row.words, row.notice, row.basis)
    assert refusal.notice
    assert "内部备注" in event.why and "内部备注" not in refusal.why


def test_free_words_are_the_reason_where_they_may_be() -> None:
    after, event = advance(case(stage=Stage.REPORTED), Action.REFUSE, {"reason": "材料与本市无关"}, DUTY, MONDAY_9)
    refusal = refusal_of(after, [event])
    assert refusal is not None
    assert (refusal.why, refusal.basis) == ("材料与本市无关", "")


def test_a_reopened_case_is_refused_no_more() -> None:
    refused, event = advance(case(stage=Stage.REPORTED), Action.REFUSE, {"reason": "untrue"}, DUTY, MONDAY_9)
    again, reopening = advance(refused, Action.REOPEN, {"reason": "有新材料"}, DUTY, MONDAY_9)
    assert refusal_of(again, [event, reopening]) is None
    assert refusal_of(case(), []) is None
