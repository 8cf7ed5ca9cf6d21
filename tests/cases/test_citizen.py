"""What the citizen is told: every step in plain words from the table, nothing of who, why or others."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from cases import citizen
from cases.citizen import CITIZEN, Told, headline, may_evaluate, promise, steps, way
from cases.lifecycle import advance
from cases.model import Action, Actor, Case, Event, Role, Stage, State
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, case

UNITS = {"U-urban": "城管中队", "U-justice": "司法所"}
SECRET = "机密"
DUE = MONDAY_9 + timedelta(days=3)


def lived(*walked: tuple[Actor, Action, dict[str, object]], scheme: str = "seven") -> tuple[Case, list[Event]]:
    """A case and its events after these steps, a minute apart."""
    now = case(scheme=scheme, due_at=DUE, title=SECRET, text=SECRET)
    events = [Event(1, now.no, 1, MONDAY_9, "gate-01", Role.SYSTEM, Action.REPORT)]
    for minute, (actor, action, details) in enumerate(walked, 1):
        now, event = advance(now, action, details, actor, MONDAY_9 + timedelta(minutes=minute))
        events.append(event)
    return now, events


ROAD: tuple[tuple[Actor, Action, dict[str, object]], ...] = (
    (DUTY, Action.ACCEPT, {}),
    (DUTY, Action.DISPATCH, {"unit": "U-urban", "worker": "W-0001", "reason": SECRET}),
    (UNIT, Action.SIGN, {}),
    (UNIT, Action.ARRIVE, {}),
    (UNIT, Action.HANDLE, {"text": SECRET}),
    (VERIFIER, Action.VERIFY, {"text": SECRET}),
    (VERIFIER, Action.CLOSE, {"text": SECRET}),
    (CITIZEN, Action.EVALUATE, {"score": 4, "text": "办得快"}),
)


def words(case: Case, events: list[Event]) -> list[str]:
    return [told.words for told in way(events, case, UNITS)]


def test_the_whole_road_in_plain_words() -> None:
    now, events = lived(*ROAD)
    assert words(now, events) == [
        "您反映的事项已登记",
        "已受理",
        "已交由城管中队办理",
        "城管中队已签收",
        "工作人员已到现场",
        "城管中队报告已办理，等待核查",
        "已核查",
        "已办结",
        "您的评价：4 分（满意）",
    ]
    assert way(events, now, UNITS)[1] == Told(MONDAY_9 + timedelta(minutes=1), "已受理")


@pytest.mark.parametrize("length", range(len(ROAD) + 1))
def test_every_point_of_the_road_has_a_line_a_promise_and_steps(length: int) -> None:
    now, _ = lived(*ROAD[:length])
    names, done = steps(now)
    assert (len(names), done) == (7, list(Stage).index(now.stage) + 1)
    assert headline(now, UNITS)
    assert promise(now, MONDAY_9 + timedelta(minutes=20))
    assert may_evaluate(now) == (now.stage is Stage.CLOSED)


@pytest.mark.parametrize("action", sorted(set(Action) - citizen._SAYS.keys()))
def test_what_is_not_in_the_table_is_never_told(action: Action) -> None:
    event = Event(
        1, case().no, 2, MONDAY_9, SECRET, Role.DUTY, action, SECRET, SECRET, {"x": SECRET}, {}, {"x": SECRET}
    )
    assert way([event], case(), UNITS) == []


@pytest.mark.parametrize("action", sorted(Action))
def test_no_sentence_holds_a_name_a_reason_or_another_case(action: Action) -> None:
    """Every field of the event that can hold words holds a secret; none comes out."""
    about = {"reason": SECRET, "to": SECRET, "merged": SECRET, "unmerged": SECRET, "kind": SECRET, "lead": SECRET}
    changes = {"unit": SECRET, "worker": SECRET, "handler": SECRET, "merged_into": SECRET, "state": State.VOID}
    event = Event(1, case().no, 2, MONDAY_9, SECRET, Role.DUTY, action, SECRET, SECRET, changes, {}, about)
    loud = case(**{f.name: SECRET for f in fields(Case) if f.name in ("unit", "worker", "handler", "first_contact")})
    for told in way([event], replace(loud, title=SECRET, text=SECRET), UNITS):
        assert SECRET not in told.words
    assert SECRET not in headline(loud, UNITS)


def test_a_step_taken_back_was_never_told() -> None:
    now, events = lived(*ROAD[:1])
    back = Event(3, now.no, 3, MONDAY_9, DUTY.name, Role.DUTY, Action.UNDO, "撤回", about={"undone": 2})
    assert words(now, [*events, back]) == ["您反映的事项已登记"]


def test_a_merge_of_another_case_is_none_of_this_citizens_business() -> None:
    other = Event(2, case().no, 2, MONDAY_9, "duty", Role.DUTY, Action.MERGE, about={"merged": "20261116-000009"})
    own = replace(other, about={}, changes={"merged_into": "20261116-000009", "state": State.MERGED})
    assert words(case(), [other]) == []
    assert words(case(), [own]) == ["与同一事项合并办理"]


def test_a_refusal_gives_the_listed_reason_and_keeps_other_words_inside() -> None:
    listed, events = lived((DUTY, Action.REFUSE, {"reason": "legal_way"}))
    assert words(listed, events)[-1] == "不予受理：已经或依法应当通过诉讼、仲裁、行政复议等法定途径解决"
    own, events = lived((DUTY, Action.REFUSE, {"reason": SECRET}))
    assert words(own, events)[-1] == headline(own, UNITS) == "不予受理"
    assert promise(own, MONDAY_9) == ""


def test_what_waits_for_approval_is_not_told_yet() -> None:
    asked, events = lived((DUTY, Action.VOID, {"reason": SECRET}), scheme="six")
    assert words(asked, events) == ["您反映的事项已登记"]
    gone, event = advance(asked, Action.APPROVE, {}, LEADER, MONDAY_9)
    assert words(gone, [*events, event])[-1] == headline(gone, UNITS) == "此件已终止办理"


def test_an_extension_says_the_new_promise() -> None:
    event = Event(2, case().no, 2, MONDAY_9, "leader", Role.LEADER, Action.APPROVE, changes={"due_at": DUE})
    assert words(case(), [event]) == ["经批准，办理期限延长至 2026年11月19日（周四）09:00"]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (MONDAY_9, "承诺 2026年11月19日（周四）09:00 前办结，还有 3 天"),
        (DUE - timedelta(hours=2), "承诺 2026年11月19日（周四）09:00 前办结，还有 2 小时"),
        (DUE, "承诺 2026年11月19日（周四）09:00 前办结，已超过 1 分钟，本中心正在督促"),
        (DUE + timedelta(days=2), "承诺 2026年11月19日（周四）09:00 前办结，已超过 2 天，本中心正在督促"),
    ],
)
def test_the_promise_in_words(now: datetime, said: str) -> None:
    assert promise(case(due_at=DUE), now) == said


def test_an_answer_that_was_promised_stands_before_the_limit_and_never_rests() -> None:
    promised = case(promised_at=DUE - timedelta(days=1), due_at=DUE, state=State.SUSPENDED, suspended_at=MONDAY_9)
    assert promise(promised, DUE) == (
        "承诺 2026年11月18日（周三）09:00 前答复，已超过 1 天，本中心正在督促；"
        "承诺 2026年11月19日（周四）09:00 前办结；暂停期间时限不计，恢复后顺延"
    )
    event = Event(2, case().no, 2, MONDAY_9, "duty", Role.DUTY, Action.PROMISE, SECRET, changes={"promised_at": DUE})
    assert words(case(), [event]) == ["承诺 2026年11月19日（周四）09:00 前答复"]


def test_the_promise_after_the_end_and_while_it_rests() -> None:
    early = case(due_at=DUE, stage=Stage.CLOSED, closed_at=DUE - timedelta(hours=1))
    late = replace(early, closed_at=DUE + timedelta(days=1, hours=2))
    assert promise(early, DUE) == "2026年11月19日（周四）08:00 办结，在承诺时间内"
    assert promise(late, DUE) == "2026年11月20日（周五）11:00 办结，比承诺晚 1 天"
    resting = case(due_at=DUE, state=State.SUSPENDED, suspended_at=MONDAY_9)
    assert "暂停期间时限不计" in promise(resting, DUE + timedelta(days=9))
    assert promise(case(due_at=None), DUE) == "按流程办理，未设时限"
