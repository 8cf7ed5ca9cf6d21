"""What can be done in the pane: each step that the rules allow can be pressed, with the value it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.lifecycle import actions_for
from cases.mediation import KINDS
from cases.model import Action, Actor, Case, HandlingUnit, Role, Stage, State, UnitId, Whistle
from cases.particulars import taken_by
from cases.ports import CaseRecord
from dashboard.dossier import Dossier, awaited_of, possible
from dashboard.orders import Form, details
from dashboard.panels import case_buttons, case_choices, case_parts
from tests.dashboard.panels.build import NOW, case, having, text

LEADER, DUTY = Actor("leader", Role.LEADER), Actor("duty", Role.DUTY)
ELSEWHERE = {Action.MERGE, Action.LINK, Action.UNDO}
"""Pressed beside a likely double, or above the buttons."""


def dossier(shown: Case, actor: Actor = DUTY) -> Dossier:
    allowed = actions_for(shown, actor)
    return Dossier(shown, (), (), None, {}, {}, allowed, False, NOW, kinds=KINDS)


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
        (
            Action.WHISTLE,
            Form(unit="U-1", partners=["U-2", "U-3"], words="速到"),
            {"units": ["U-2", "U-3"], "reason": "速到", "text": "速到"},
        ),
        (Action.SPLIT, Form(unit="U-1", partners=["U-2", "U-1"]), {"units": ["U-1", "U-2"], "lead": "U-1"}),
        (Action.ANSWER, Form(to="U-2", unit="U-1"), {"unit": "U-2"}),
        (Action.ARRIVE, Form(to="U-2"), {"unit": "U-2"}),
    ],
)
def test_a_press_gives_the_rules_what_they_take(action: Action, form: Form, given: dict[str, object]) -> None:
    assert details(action, form) == given
    assert given.keys() <= taken_by(action)


UNITS = (HandlingUnit(UnitId("U-1"), "城管中队", "urban"), HandlingUnit(UnitId("U-2"), "司法所", "justice"))


def whistled(*units: str, actor: Actor = DUTY) -> Dossier:
    """A case to which some units were whistled, none there yet."""
    late = NOW + timedelta(minutes=15)
    shown = case(stage=Stage.ACCEPTED)
    record = CaseRecord([Whistle(shown.no, 2, unit, "duty", NOW, late, late, "速到") for unit in units])
    waiting = awaited_of(shown, record, actor)
    allowed = possible(shown, record, actor, waiting)
    plain = Dossier(shown, (), UNITS, None, {}, {}, allowed, False, NOW, kinds=KINDS)
    return replace(plain, record=record, awaited=waiting)


def presses(shown: Dossier) -> dict[str, list[str]]:
    """The values of the buttons 应哨 and 到场 in the pane."""
    ids = [each for each in having(case_buttons.section(shown), "id") if isinstance(each, dict)]
    return {step: [each["to"] for each in ids if each.get("action") == step] for step in ("answer", "arrive")}


def test_of_one_unit_awaited_a_key_says_that_it_answered_or_is_there() -> None:
    shown = whistled("U-2")
    assert presses(shown) == {"answer": ["U-2"], "arrive": ["U-2"]}
    assert {",", "."} <= set(having(case_buttons.section(shown), "data-key"))
    assert "应哨 · 司法所" in text(case_buttons.section(shown))


def test_of_several_awaited_the_seat_says_which() -> None:
    shown = whistled("U-1", "U-2")
    assert presses(shown)["answer"] == ["U-1", "U-2"]
    assert "城管中队" in text(case_buttons.section(shown))


def test_a_whistled_unit_speaks_for_itself_alone() -> None:
    own, other = Actor("u2", Role.UNIT, unit=UnitId("U-2")), Actor("u9", Role.UNIT, unit=UnitId("U-9"))
    assert presses(whistled("U-1", "U-2", actor=own))["answer"] == ["U-2"]
    assert presses(whistled("U-1", actor=other)) == {"answer": [], "arrive": []}


def test_nobody_is_asked_to_answer_where_nobody_was_called() -> None:
    assert presses(whistled()) == {"answer": [], "arrive": []}


def test_the_parts_of_a_case_stand_in_its_pane() -> None:
    child = case(2, parent=case().no, unit="U-2", stage=Stage.DISPATCHED)
    shown = text(case_parts.section(replace(dossier(case()), record=CaseRecord(children=[child]), units=UNITS)))
    assert "子任务1 件 · 1 件未结" in shown and "司法所" in shown and "分类派遣" in shown
    assert str(case().no) in text(case_parts.section(dossier(child)))
    assert case_parts.section(dossier(case())) is None


def test_values_are_listed_in_words() -> None:
    said = text(case_buttons.section(dossier(case(stage=Stage.CLOSED))))
    assert "5 非常满意" in said
    said = text(case_buttons.section(dossier(case(stage=Stage.REPORTED))))
    assert "不属于本中心受理范围" in said and "高风险" in said
    said = text(case_buttons.section(dossier(case(stage=Stage.DISPATCHED))))
    assert "访调对接 · 信访局" in said and "承诺几个工作日内答复" in str(case_buttons.section(dossier(case())))


@pytest.mark.parametrize(
    ("stage", "said", "unsaid"),
    [(Stage.REPORTED, ("单位", "吹哨叫"), ("派给",)), (Stage.ACCEPTED, ("派给", "吹哨叫／拆分给"), ())],
)
def test_a_field_says_what_it_is_for_and_only_what_is_possible(
    stage: Stage, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    names = [each for each in having(case_buttons.section(dossier(case(stage=stage))), "aria-label") if each]
    assert all(any(words in name for name in names) for words in said)
    assert not any(words in name for name in names for words in unsaid)
