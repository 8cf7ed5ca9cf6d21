"""What can be done in the pane: each step that the rules allow can be pressed, with the value it needs."""

from __future__ import annotations

import pytest

from cases.lifecycle import actions_for
from cases.mediation import KINDS
from cases.model import Action, Actor, Case, Role, Stage, State
from cases.particulars import taken_by
from dashboard.dossier import Dossier
from dashboard.orders import Form, details
from dashboard.panels import case_buttons, case_choices
from tests.dashboard.panels.build import NOW, case, text

LEADER, DUTY = Actor("leader", Role.LEADER), Actor("duty", Role.DUTY)
ELSEWHERE = {Action.MERGE, Action.LINK, Action.SPLIT, Action.ANSWER, Action.ARRIVE, Action.UNDO}
"""Pressed beside a likely double, or not at the desk's pane yet: whistled units and sub-tasks have their API."""


def dossier(shown: Case, actor: Actor = DUTY) -> Dossier:
    return Dossier(shown, (), (), None, {}, {}, actions_for(shown, actor), False, NOW, kinds=KINDS)


@pytest.mark.parametrize("actor", [DUTY, LEADER], ids=lambda actor: actor.role)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("stage", Stage)
def test_every_step_the_rules_allow_can_be_pressed(stage: Stage, state: State, actor: Actor) -> None:
    shown = case(stage=stage, state=state, pending="5")
    offered = {*case_buttons.OFFERED, *case_choices.KEYS}
    assert set(actions_for(shown, actor)) - ELSEWHERE <= offered


def test_each_key_means_one_step_of_a_case_at_a_time() -> None:
    keyed = {**case_buttons.OFFERED, **case_choices.KEYS}
    for stage in Stage:
        for state in State:
            for actor in (DUTY, LEADER):
                now = [
                    keyed[a] for a in actions_for(case(stage=stage, state=state, pending="5"), actor) if keyed.get(a)
                ]
                doubled = {key for key in now if now.count(key) > 1}
                assert not doubled, (stage, state, doubled)


@pytest.mark.parametrize(
    ("action", "form", "given"),
    [
        (Action.PROMISE, Form(days=3), {"by": 3}),
        (Action.EXTEND, Form(days=5, words="等材料"), {"days": 5, "reason": "等材料", "text": "等材料"}),
        (Action.PROLONG, Form(words="案情复杂"), {"reason": "案情复杂", "text": "案情复杂"}),
        (Action.ASSESS, Form(to="high", words="多人聚集"), {"risk": "high", "reason": "多人聚集", "text": "多人聚集"}),
        (Action.EVALUATE, Form(to="4"), {"score": 4}),
        (Action.MEDIATE, Form(to="failed"), {"result": "failed"}),
        (Action.HAND_OFF, Form(to="petition"), {"kind": "petition"}),
        (Action.REFUSE, Form(to="not_ours", words="已电话告知"), {"reason": "not_ours", "text": "已电话告知"}),
        (Action.WHISTLE, Form(unit="U-1", words="速到"), {"units": ["U-1"], "reason": "速到", "text": "速到"}),
    ],
)
def test_a_press_gives_the_rules_what_they_take(action: Action, form: Form, given: dict[str, object]) -> None:
    assert details(action, form) == given
    assert given.keys() <= taken_by(action)


def test_values_are_listed_in_words() -> None:
    said = text(case_buttons.section(dossier(case(stage=Stage.CLOSED))))
    assert "5 非常满意" in said
    said = text(case_buttons.section(dossier(case(stage=Stage.REPORTED))))
    assert "不属于本中心受理范围" in said and "高风险" in said
    said = text(case_buttons.section(dossier(case(stage=Stage.DISPATCHED))))
    assert "访调对接 · 信访局" in said and "承诺几个工作日内答复" in str(case_buttons.section(dossier(case())))
