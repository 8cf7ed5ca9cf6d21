"""Three life cycles as data: every (stage, action, role) of each, against a table written once more by hand."""

import itertools
from pathlib import Path

import pytest

from cases.errors import BadAction, CaseError, IllegalAction, NotAllowed
from cases.lifecycle import ACTION_NAMES, STATE_NAMES, advance
from cases.model import Action, Actor, Case, Loop, Role, Stage, State
from cases.schemes import SCHEMES, SchemeError, read_scheme
from tests.cases.build import DUTY, LEADER, MONDAY_9, UNIT, VERIFIER, case

DETAILS = {
    "reason": "不属本单位职责",
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
ROLES = {role.value[0].upper(): role for role in (Role.DUTY, Role.LEADER, Role.UNIT, Role.VERIFIER, Role.WORKER)}
STAGES = dict(zip("1234567", Stage, strict=True))

# Of a running case: at which stages (1 reported … 7 evaluated, 0 none), by whom (by first letter), and where to.
SEVEN = """
accept 1 DL 2 / refuse 1 DL 6 / dispatch 2 DL 3 / sign 3 DUW - / arrive 12345 DUW - / handle 3 DUW 4
report_back 34 DUW - / verify 4 DLV 5 / rework 4 DLV 3 / close 5 DLV 6 / evaluate 6 DV 7 / archive 67 DL -
return 3 DUW 2 / transfer 3 DLU - / suspend 234 DL - / extend 234 DLU - / approve 234 L - / reject 234 L -
void 12345 DL - / reopen 67 DL 2 / merge 12345 DL - / link 1234567 DL - / escalate 12345 DLU - / send_back 12345 DL -
urge 12345 DL - / supervise 12345 L - / note 1234567 DLUVW - / resume 0 DL - / unmerge 0 DL -
mediate 234 DLUW - / hand_off 234 DL - / hand_back 0 DL -
whistle 12345 DL - / answer 12345 DU - / split 23 DL 3 / undo 1234567 DLUVW -
prolong 0 L - / promise 12345 DLU - / assess 12345 DLU -
"""
FIVE = "verify 4 LV 5 / rework 4 LV 3 / close 5 DL 6 / approve 12345 L - / reject 12345 L -"
SIX = "approve 12345 L - / reject 12345 L -"
TABLES = {"seven": SEVEN, "five": SEVEN + "/" + FIVE, "six": SEVEN + "/" + SIX}


def by_hand(scheme: str) -> dict[Action, tuple[set[Stage], set[Role], Stage | None]]:
    rows = [row.split() for line in TABLES[scheme].strip().splitlines() for row in line.split("/") if row.strip()]
    return {
        Action(action): ({STAGES[n] for n in stages if n in STAGES}, {ROLES[r] for r in roles}, STAGES.get(to))
        for action, stages, roles, to in rows
    }


def actor_of(role: Role, before: Case) -> Actor:
    return Actor(str(before.worker) if role is Role.WORKER else "某人", role, unit=before.unit)


def outcome(before: Case, action: Action, actor: Actor) -> Case | CaseError:
    """The case after the action, or the refusal."""
    reason = "legal_way" if action is Action.REFUSE else "not_duty"
    try:
        return advance(before, action, DETAILS | {"reason": reason}, actor, MONDAY_9)[0]
    except CaseError as refused:
        return refused


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_stage_action_and_role_is_as_the_table_says(scheme: str) -> None:
    table = by_hand(scheme)
    for stage, action, role in itertools.product(Stage, Action, Role):
        before = case(scheme=scheme, stage=stage, loop=Loop.SMALL, pending="3", signed_at=MONDAY_9)
        stages, roles, to = table.get(action, (set(), set(), None))
        came = outcome(before, action, actor_of(role, before))
        where = f"{scheme}: {action} at {stage} by {role}: {came}"
        if role not in roles | {Role.SYSTEM}:
            assert isinstance(came, NotAllowed) and ACTION_NAMES[action] in came.msg, where
        elif stage not in stages:
            assert isinstance(came, IllegalAction) and SCHEMES[scheme].step_name(before) in came.msg, where
        else:
            assert isinstance(came, Case), where
            assert (came.stage, came.version) == (to or stage, 2), where


@pytest.mark.parametrize("scheme", SCHEMES)
def test_off_the_road_only_the_rows_for_it_hold(scheme: str) -> None:
    held = {State.VOID: {"reopen", "link", "note"}, State.MERGED: {"unmerge", "link", "note"}}
    held[State.SUSPENDED] = {"resume", "approve", "reject", "void", "merge", "link", "escalate", "send_back", "urge"}
    held[State.SUSPENDED] |= {
        "supervise",
        "note",
        "arrive",
        "whistle",
        "answer",
        "hand_back",
        "prolong",
        "promise",
        "assess",
    }
    held = {state: names | {"undo"} for state, names in held.items()}
    for state, action in itertools.product(held, Action):
        before = case(scheme=scheme, stage=Stage.ACCEPTED, state=state, loop=Loop.SMALL, pending="3")
        came = outcome(before, action, Actor("system", Role.SYSTEM))
        assert isinstance(came, Case) == (action in held[state]), (state, action)
        assert isinstance(came, Case) or STATE_NAMES[state] in came.msg


@pytest.mark.parametrize("scheme", SCHEMES)
def test_in_every_state_a_role_does_only_what_its_row_says(scheme: str) -> None:
    """Every (stage, state, action, role) against the file's rows, read here by themselves."""
    tried = 0
    rows = SCHEMES[scheme].moves
    for stage, state, action, role in itertools.product(Stage, State, Action, Role):
        before = case(scheme=scheme, stage=stage, state=state, loop=Loop.SMALL, pending="3", signed_at=MONDAY_9)
        fitting = [row for row in rows if row.action is action and stage in row.stages and state in row.states]
        may_ever = role is Role.SYSTEM or any(row.action is action and role in row.roles for row in rows)
        came = outcome(before, action, actor_of(role, before))
        where = f"{scheme}: {action} at {stage}·{state} by {role}: {came}"
        if not may_ever:
            assert isinstance(came, NotAllowed), where
        elif not fitting:
            assert isinstance(came, IllegalAction), where
        elif role is not Role.SYSTEM and role not in fitting[0].roles:
            assert isinstance(came, NotAllowed), where
        else:
            assert isinstance(came, Case), where
            waits = fitting[0].approval not in (None, role) and role is not Role.SYSTEM
            assert came.state is (state if waits else fitting[0].state or state), where
        tried += 1
    assert tried == len(Stage) * len(State) * len(Action) * len(Role)


def test_each_scheme_names_its_own_steps_on_the_same_seven_stages() -> None:
    named = {code: [scheme.stage_name(stage) for stage in Stage] for code, scheme in SCHEMES.items()}
    assert named["five"][1:6] == ["受理", "分流", "办理", "督办", "反馈"]
    assert [step.name for step in SCHEMES["six"].steps][1:7] == ["受理", "分流", "研判", "处置", "回访", "结案"]
    assert named["seven"][0] == "信息采集"


def test_the_six_steps_judge_before_they_handle() -> None:
    sent = case(scheme="six", stage=Stage.DISPATCHED)
    assert SCHEMES["six"].step_name(sent) == "分流"
    with pytest.raises(IllegalAction, match="须先签收"):
        advance(sent, Action.HANDLE, {}, UNIT, MONDAY_9)
    judged, _ = advance(sent, Action.SIGN, {}, UNIT, MONDAY_9)
    assert SCHEMES["six"].step_name(judged) == "研判"
    assert advance(judged, Action.HANDLE, {}, UNIT, MONDAY_9)[0].stage is Stage.HANDLED
    with pytest.raises(BadAction, match="内容"):
        advance(case(scheme="six", stage=Stage.HANDLED), Action.VERIFY, {}, VERIFIER, MONDAY_9)


@pytest.mark.parametrize(("action", "state"), [(Action.SUSPEND, State.SUSPENDED), (Action.VOID, State.VOID)])
def test_what_needs_approval_waits_for_the_leader(action: Action, state: State) -> None:
    working = case(scheme="five", stage=Stage.ACCEPTED)
    asked, event = advance(working, action, {"reason": "等待鉴定"}, DUTY, MONDAY_9)
    assert (asked.state, asked.pending, event.why) == (State.ACTIVE, action.value, "等待鉴定")
    granted, _ = advance(asked, Action.APPROVE, {}, LEADER, MONDAY_9)
    assert (granted.state, granted.pending) == (state, None)
    assert granted.suspended_at == (MONDAY_9 if state is State.SUSPENDED else None)
    refused, _ = advance(asked, Action.REJECT, {"reason": "依据不足"}, LEADER, MONDAY_9)
    assert (refused.state, refused.pending) == (State.ACTIVE, None)
    assert advance(working, action, {"reason": "等待鉴定"}, LEADER, MONDAY_9)[0].state is state


def test_the_default_scheme_lets_the_seat_suspend_at_once() -> None:
    assert advance(case(stage=Stage.ACCEPTED), Action.SUSPEND, {"reason": "x"}, DUTY, MONDAY_9)[0].suspended_at


def test_a_refusal_rests_on_a_listed_reason() -> None:
    _, event = advance(case(scheme="five"), Action.REFUSE, {"reason": "legal_way"}, DUTY, MONDAY_9)
    assert event.why == "已经或依法应当通过诉讼、仲裁、行政复议等法定途径解决"
    with pytest.raises(BadAction, match="理由须是") as refused:
        advance(case(scheme="five"), Action.REFUSE, {"reason": "太忙"}, DUTY, MONDAY_9)
    assert refused.value.field == "reason"
    assert advance(case(), Action.REFUSE, {"reason": "另有说明"}, DUTY, MONDAY_9)[1].why == "另有说明"


HEAD = 'name = "x"\nsource = "y"\n' + "".join(f'[[step]]\nname = "{s}"\nstage = "{s}"\n' for s in Stage)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD.replace("evaluated", "closed"), "no step for evaluated"),
        (HEAD + '[[move]]\naction = "fly"\nat = []\nby = []', "fly"),
        (HEAD + '[[move]]\naction = "note"\nat = "@nowhere"\nby = []', "nowhere"),
        (HEAD + '[[move]]\naction = "note"\nat = []\nby = []\nwhen = 3', "unknown when"),
        (HEAD + '[[move]]\naction = "note"\nat = []\nby = []\nafter = ["close"]', "after"),
        (HEAD + "[reasons.refuse]\nfree = false", "no rows"),
        (HEAD + "colour = 3", "unknown colour"),
        ('base = "nobody"', "nobody.toml"),
        ("name = ", "x.toml"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text if "colour" not in text else "colour = 3\n" + HEAD, encoding="utf-8")
    with pytest.raises(SchemeError, match=r"x\.toml") as refused:
        read_scheme(path)
    assert says in str(refused.value)


def test_every_refusal_is_in_chinese_words() -> None:
    for scheme, stage, action in itertools.product(SCHEMES, Stage, Action):
        try:
            advance(case(scheme=scheme, stage=stage), action, {}, LEADER, MONDAY_9)
        except CaseError as problem:
            refused = problem
            assert any("\u4e00" <= sign <= "\u9fff" for sign in str(refused)), (scheme, stage, action)
