"""A case's whole life is a table; `advance` reads it.

The tables are data (cases/schemes/*.toml); the seven-step loop (domain.md G1) is the default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter

from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Action, Actor, Case, Event, Loop, Risk, Role, Stage, State
from cases.schemes import DEFAULT, SCHEMES, Move, Reason, is_done

A, S, R = Action, Stage, Role

STAGE_NAMES: Mapping[Stage, str] = {stage: SCHEMES[DEFAULT].stage_name(stage) for stage in Stage}

STATE_NAMES: Mapping[State, str] = {
    State.ACTIVE: "办理中",
    State.SUSPENDED: "挂起",
    State.RETURNED: "已退单",
    State.VOID: "作废",
    State.MERGED: "已并案",
}

ACTION_NAMES: Mapping[Action, str] = {
    A.REPORT: "登记",
    A.ACCEPT: "受理",
    A.REFUSE: "不予受理",
    A.DISPATCH: "派遣",
    A.SIGN: "签收",
    A.HANDLE: "办结上报",
    A.REPORT_BACK: "反馈",
    A.VERIFY: "核查通过",
    A.REWORK: "返工",
    A.CLOSE: "结案",
    A.EVALUATE: "评价",
    A.ARCHIVE: "归档",
    A.RETURN: "退单",
    A.TRANSFER: "转办",
    A.SUSPEND: "挂起",
    A.RESUME: "恢复",
    A.EXTEND: "申请延期",
    A.APPROVE: "批准",
    A.REJECT: "不批准",
    A.VOID: "作废",
    A.REOPEN: "重开",
    A.MERGE: "并案",
    A.UNMERGE: "撤销并案",
    A.SPLIT: "拆分",
    A.LINK: "关联",
    A.ESCALATE: "提级",
    A.SEND_BACK: "下交",
    A.WHISTLE: "吹哨",
    A.ANSWER: "应哨",
    A.ARRIVE: "到场",
    A.URGE: "催办",
    A.SUPERVISE: "督办",
    A.NOTE: "备注",
    A.UNDO: "撤回",
    A.MEDIATE: "调解",
    A.HAND_OFF: "对接移送",
    A.HAND_BACK: "对接回传",
    A.PROLONG: "延长对接期限",
    A.PROMISE: "承诺",
    A.ASSESS: "研判风险",
    A.CLOCK: "时限变化",
    A.HAND_OVER: "交接",
}

_REACHED: Mapping[Stage, str] = {
    S.ACCEPTED: "accepted_at",
    S.DISPATCHED: "dispatched_at",
    S.HANDLED: "handled_at",
    S.VERIFIED: "verified_at",
    S.CLOSED: "closed_at",
    S.EVALUATED: "evaluated_at",
}
_STAMPED: Mapping[Action, str] = {
    A.SIGN: "signed_at",
    A.ARRIVE: "arrived_at",
    A.ARCHIVE: "archived_at",
    A.SUSPEND: "suspended_at",
    A.HAND_OFF: "suspended_at",  # the room's clock rests while the law's runs
}
_LOOPS = (Loop.MICRO, Loop.SMALL, Loop.LARGE)

Details = Mapping[str, object]


def find_move(case: Case, action: Action) -> Move:
    """The row that fits the case and the action; IllegalAction in words where there is none."""
    scheme = SCHEMES[case.scheme]
    for move in scheme.moves:
        if move.action is action and case.stage in move.stages and case.state in move.states:
            _check_after(move, case)
            return move
    raise IllegalAction(
        f"案件在“{scheme.step_name(case)}·{STATE_NAMES[case.state]}”，不能{ACTION_NAMES[action]}", "action"
    )


def _check_after(move: Move, case: Case) -> None:
    for earlier in sorted(move.after):
        if not is_done(case, earlier):
            raise IllegalAction(f"须先{ACTION_NAMES[earlier]}，才能{ACTION_NAMES[move.action]}", "action")


def may(move: Move, case: Case, actor: Actor, called: Collection[str] = ()) -> None:
    """NotAllowed unless the actor's role has this move and the actor's part in the case permits it.

    `called` are the units that a whistle called to the case and that may therefore answer, arrive and report.
    """
    name = ACTION_NAMES[move.action]
    if actor.role is not Role.SYSTEM and actor.role not in move.roles:
        raise NotAllowed(f"您的岗位不能{name}")
    if move.action in (A.VERIFY, A.REWORK) and actor.name == case.handler:
        raise NotAllowed("核查人不能是处置人本人")
    if move.action is A.UNDO:
        return  # whose step it was is the record's word
    was_called = actor.unit in called and move.action in _OF_THE_CALLED
    if actor.role is Role.UNIT and actor.unit != case.unit and not was_called:
        raise NotAllowed(f"本案不由您的单位承办，不能{name}")
    if actor.role is Role.WORKER and actor.name != case.worker:
        raise NotAllowed(f"本案没有派给您，不能{name}")


_OF_THE_CALLED = frozenset({A.ANSWER, A.ARRIVE, A.REPORT_BACK, A.NOTE})


def actions_for(case: Case, actor: Actor, called: Collection[str] = ()) -> tuple[Action, ...]:
    """What this actor can do with this case now, in the table's order: the buttons of the case pane.

    `called` are the units that a whistle called to the case.
    """
    found: dict[Action, None] = {}
    for action in dict.fromkeys(move.action for move in SCHEMES[case.scheme].moves):
        try:
            may(find_move(case, action), case, actor, called)
        except (NotAllowed, IllegalAction):
            continue
        if case.pending is not None or action not in (A.APPROVE, A.REJECT):
            found[action] = None
    return tuple(found)


def advance(
    case: Case, action: Action, details: Details, actor: Actor, at: datetime, called: Collection[str] = ()
) -> tuple[Case, Event]:
    """Apply one action, or refuse it. The event's `seq` is 0 until the store numbers it.

    Order of refusals (protocol.md §3): NotAllowed, IllegalAction, BadAction; staleness is the desk's business.
    """
    if actor.role is not Role.SYSTEM and not any(
        m.action is action and actor.role in m.roles for m in SCHEMES[case.scheme].moves
    ):
        raise NotAllowed(f"您的岗位不能{ACTION_NAMES[action]}")
    move = find_move(case, action)
    may(move, case, actor, called)
    reason = _check(move, case, details)
    if move.approval not in (None, actor.role) and actor.role is not Role.SYSTEM:
        changes: dict[str, object] = {"pending": action.value}
    else:
        changes = _stamps(move, case, actor, at) | _particulars(case, action, details, at)
        if action is A.RETURN:
            changes["falls_to"] = reason.falls_to or "duty"
    after = replace(case, version=case.version + 1, updated_at=at, **changes)  # type: ignore[arg-type]
    about = {name: said for name, said in (("reason", reason.code), ("notice", reason.notice)) if said}
    event = Event(0, case.no, after.version, at, actor.name, actor.role, action, reason.words, actor.origin)
    return after, told(replace(event, about=about), case, after)


def told(event: Event, before: Case, after: Case) -> Event:
    """The event with what it changed: every field that differs, new and old, but the version and its time."""
    pairs = zip(_FIELDS, _values(before), _values(after), strict=True)
    differing = [(name, old, new) for name, old, new in pairs if old is not new and old != new]
    return replace(
        event,
        changes={name: new for name, _, new in differing},
        before={name: old for name, old, _ in differing},
    )


_FIELDS = tuple(f.name for f in fields(Case) if f.name not in ("no", "version", "updated_at"))
_values = attrgetter(*_FIELDS)


def _check(move: Move, case: Case, details: Details) -> Reason:
    """The words of the event, once every needed detail is there and the reason is one that may be given."""
    for name in move.needs:
        if details.get(name) in (None, "", []):
            raise BadAction(f"{ACTION_NAMES[move.action]}需要填写“{_FIELD_NAMES.get(name, name)}”", name)
    said = Reason("", str(details.get("reason") or details.get("text") or ""))
    allowed = SCHEMES[case.scheme].reasons.get(move.action)
    if allowed is None or not details.get("reason"):
        return said
    found = allowed.find(said.words)
    if found is None:
        raise BadAction(f"{ACTION_NAMES[move.action]}的理由须是：{'；'.join(r.words for r in allowed.rows)}", "reason")
    besides = str(details.get("text") or "")
    is_more = besides not in ("", found.words, str(details["reason"]))
    return replace(found, words=f"{found.words}（{besides}）") if is_more else found


_FIELD_NAMES = {
    "reason": "理由",
    "text": "内容",
    "unit": "单位",
    "into": "并入的案件",
    "score": "评分",
    "days": "天数",
    "to": "关联的案件",
    "units": "单位",
    "lead": "牵头单位",
    "result": "结果",
    "kind": "种类",
    "by": "承诺的时间",
    "risk": "风险",
}


def _stamps(move: Move, case: Case, actor: Actor, at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {}
    if move.to is not None:
        changes["stage"] = move.to
        if move.to in _REACHED:
            changes[_REACHED[move.to]] = at
    if move.state is not None:
        changes["state"] = move.state
    if move.action in _STAMPED and (move.action is not A.ARRIVE or case.stage is S.DISPATCHED):
        changes[_STAMPED[move.action]] = at
    if move.action is A.HANDLE:
        changes["handler"] = actor.name
    if move.action is A.ACCEPT and case.first_contact is None:
        changes["first_contact"] = actor.name
    return changes


def _particulars(case: Case, action: Action, details: Details, at: datetime) -> dict[str, object]:
    """What an action changes beside stage, state and stamps."""
    if action in (A.APPROVE, A.REJECT):
        return _decided(case, action is A.APPROVE, at)
    rule = _PARTICULARS.get(action)
    return rule(case, details) if rule else {}


def _decided(case: Case, granted: bool, at: datetime) -> dict[str, object]:
    """What an approval or its refusal does to what waits for it; days of an extension are the clock's business."""
    if case.pending is None:
        raise IllegalAction("本案没有待批准的申请", "action")
    if not granted or case.pending.isdigit():
        return {"pending": None}
    move = find_move(case, Action(case.pending))
    changes: dict[str, object] = {"pending": None, "state": move.state}
    return changes | ({"suspended_at": at} if move.action is A.SUSPEND else {})


def _assign(case: Case, details: Details) -> dict[str, object]:
    unit, worker = details.get("unit"), details.get("worker")
    if not unit and not worker:
        raise BadAction("派遣需要指定单位或网格员", "unit")
    who = {"unit": unit or case.unit, "worker": worker or None}
    return {**who, "signed_at": None, "arrived_at": None, "falls_to": None}


def _transfer(case: Case, details: Details) -> dict[str, object]:
    if details["unit"] == case.unit:
        raise BadAction("转办的单位就是现承办单位", "unit")
    return {"unit": details["unit"], "worker": details.get("worker"), "signed_at": None, "arrived_at": None}


def _score(case: Case, details: Details) -> dict[str, object]:
    score = details["score"]
    if not isinstance(score, int) or isinstance(score, bool) or not 1 <= score <= 5:
        raise BadAction("评分须为 1 到 5 的整数", "score")
    return {"score": score}


def _extension(case: Case, details: Details) -> dict[str, object]:
    days = details["days"]
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 60:
        raise BadAction("延期天数须为 1 到 60 的整数", "days")
    return {"pending": str(days)}


def _rise(case: Case, details: Details) -> dict[str, object]:
    return {"loop": _step(case.loop, +1)}


def _sink(case: Case, details: Details) -> dict[str, object]:
    return {"loop": _step(case.loop, -1)}


def _step(loop: Loop, by: int) -> Loop:
    place = _LOOPS.index(loop) + by
    if not 0 <= place < len(_LOOPS):
        raise IllegalAction("已在最高一级循环" if by > 0 else "已在网格内微循环", "action")
    return _LOOPS[place]


def _into(case: Case, details: Details) -> dict[str, object]:
    if details["into"] == case.no:
        raise BadAction("案件不能并入自己", "into")
    return {"merged_into": details["into"]}


def _reopened(case: Case, details: Details) -> dict[str, object]:
    afresh = {"outcome": None, "handler": None, "closed_at": None, "evaluated_at": None}
    return afresh | ({"reopened": case.reopened + 1} if case.stage in (S.CLOSED, S.EVALUATED) else {})


def _led(case: Case, details: Details) -> dict[str, object]:
    units = names_of(details["units"])
    if case.parent is not None:
        raise IllegalAction("子任务不能再拆分", "action")
    if len(units) < 2:
        raise BadAction("拆分至少需要两个单位", "units")
    if details["lead"] not in units:
        raise BadAction("牵头单位须在所列单位之中", "lead")
    kept = {} if details["lead"] == case.unit else {"worker": None, "signed_at": None, "arrived_at": None}
    return {"unit": details["lead"], "falls_to": None, **kept}


def names_of(said: object) -> tuple[str, ...]:
    """Several units as a list, or in one text with commas; each once, in order."""
    listed = said if isinstance(said, list | tuple) else re.split(r"[,，、;；\s]+", str(said))
    return tuple(dict.fromkeys(str(name) for name in listed if name))


def _tried(case: Case, details: Details) -> dict[str, object]:
    return {"failed_mediations": case.failed_mediations + (details["result"] == "failed")}


def _judged(case: Case, details: Details) -> dict[str, object]:
    said = str(details["risk"])
    if said not in tuple(Risk):
        raise BadAction("风险须是 high（高）、medium（中）或 low（低）", "risk")
    return {"risk": Risk(said)}


_PARTICULARS: Mapping[Action, Callable[[Case, Details], dict[str, object]]] = {
    A.DISPATCH: _assign,
    A.SPLIT: _led,
    A.MEDIATE: _tried,
    A.ASSESS: _judged,
    A.TRANSFER: _transfer,
    A.EVALUATE: _score,
    A.EXTEND: _extension,
    A.ESCALATE: _rise,
    A.SEND_BACK: _sink,
    A.MERGE: _into,
    A.UNMERGE: lambda case, details: {"merged_into": None},
    A.REOPEN: _reopened,
    A.RETURN: lambda case, details: {"unit": None, "worker": None, "signed_at": None, "arrived_at": None},
    A.REWORK: lambda case, details: {"handler": None, "handled_at": None},
    A.REFUSE: lambda case, details: {"outcome": "refused"},
    A.CLOSE: lambda case, details: {"outcome": str(details.get("outcome") or "settled")},
}
