"""What a case's own citizen is told by its code (一案一码, domain.md §0.5): its way in plain words.

Never who did it, never inner notes, never another case, never personal data: a sentence is made from the kind of step
and the name of a unit alone, and a step without a row in the table is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.calendar import LOCAL
from cases.errors import IllegalAction
from cases.lifecycle import find_move
from cases.mediation import KINDS
from cases.model import Action, Actor, Case, Event, Role, Stage, State
from cases.schemes import SCHEMES

CITIZEN = Actor("群众", Role.SYSTEM, "code")
"""Whoever holds the code: no account, one right, kept in the record as what it is."""

MOST_WORDS = 200  # of an evaluation
SCORE_NAMES: Mapping[int, str] = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
_WEEKDAYS = "一二三四五六日"

Units = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, as the citizen reads it."""

    at: datetime
    words: str


def day_words(at: datetime) -> str:
    """11月25日（周三）18:00, local time; with the year, for a paper is read years later."""
    here = at.astimezone(LOCAL)
    return f"{here.year}年{here.month}月{here.day}日（周{_WEEKDAYS[here.weekday()]}）{here:%H:%M}"


def may_evaluate(case: Case) -> bool:
    """Whether the case's scheme takes the citizen's word now."""
    try:
        find_move(case, Action.EVALUATE)
    except IllegalAction:
        return False
    return True


def steps(case: Case) -> tuple[Sequence[str], int]:
    """The names of the scheme's steps, and how many of them are done."""
    scheme = SCHEMES[case.scheme]
    names = [step.name for step in scheme.steps]
    return names, names.index(scheme.step_name(case)) + 1


def headline(case: Case, units: Units) -> str:
    """Where the case is, in one line."""
    if case.outcome == "refused":
        return "不予受理"
    if case.state is not State.ACTIVE:
        return _RESTING[case.state]
    return _MOVING[case.stage].format(unit=_unit(case.unit, units))


_RESTING: Mapping[State, str] = {
    State.SUSPENDED: "暂停办理",
    State.RETURNED: "正在重新安排承办单位",
    State.VOID: "此件已终止办理",
    State.MERGED: "与同一事项合并办理",
}
_MOVING: Mapping[Stage, str] = {
    Stage.REPORTED: "已收到，等待受理",
    Stage.ACCEPTED: "已受理，正在安排承办单位",
    Stage.DISPATCHED: "{unit}正在办理",
    Stage.HANDLED: "{unit}已办理，等待核查",
    Stage.VERIFIED: "核查通过，即将办结",
    Stage.CLOSED: "已办结",
    Stage.EVALUATED: "已办结，谢谢您的评价",
}


def promise(case: Case, now: datetime) -> str:
    """By when it is to be done, how that stands, or when it was done."""
    if case.state in (State.VOID, State.MERGED) or case.outcome == "refused":
        return ""
    if case.closed_at is not None:
        return f"{day_words(case.closed_at)} 办结{_kept(case, case.closed_at)}"
    answer = _pledge(case.promised_at, "答复", now) if case.promised_at else ""  # it does not rest (G14)
    if case.due_at is None:
        return answer or "按流程办理，未设时限"
    rests = case.suspended_at is not None
    limit = f"{_by(case.due_at, '办结')}；暂停期间时限不计，恢复后顺延" if rests else _pledge(case.due_at, "办结", now)
    return "；".join(each for each in (answer, limit) if each)


def _by(at: datetime, what: str) -> str:
    return f"承诺 {day_words(at)} 前{what}"


def _pledge(at: datetime, what: str, now: datetime) -> str:
    """What was promised by when, and how that stands."""
    if now >= at:
        return f"{_by(at, what)}，已超过 {_span(now - at)}，本中心正在督促"
    return f"{_by(at, what)}，还有 {_span(at - now)}"


def _kept(case: Case, closed_at: datetime) -> str:
    if case.due_at is None:
        return ""
    late = closed_at - case.due_at
    return f"，比承诺晚 {_span(late)}" if late > timedelta() else "，在承诺时间内"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60
    return f"{days} 天" if days else f"{hours} 小时" if hours else f"{max(1, minutes)} 分钟"


def way(events: Iterable[Event], case: Case, units: Units) -> list[Told]:
    """What happened so far, oldest first; steps taken back are as if they had never been."""
    listed = list(events)
    undone = {event.about["undone"] for event in listed if "undone" in event.about}
    kept = (event for event in listed if event.version not in undone)
    said = ((event.at, _SAYS[event.action](event, case, units)) for event in kept if event.action in _SAYS)
    return [Told(at, words) for at, words in said if words]


def _unit(unit: object, units: Units) -> str:
    """A unit's public name; ours where there is none yet or the id is not that of a unit."""
    return units.get(str(unit or ""), "本中心")


def _plain(words: str) -> Callable[[Event, Case, Units], str]:
    return lambda event, case, units: words


def _by_unit(words: str) -> Callable[[Event, Case, Units], str]:
    """A sentence with the unit that the event names, or that it did not change."""
    return lambda event, case, units: words.format(unit=_unit(event.changes.get("unit", case.unit), units))


def _when_state(state: State, words: str) -> Callable[[Event, Case, Units], str]:
    """Told once it takes effect, not while it waits for approval."""
    return lambda event, case, units: words if event.changes.get("state") is state else ""


def _refused(event: Event, case: Case, units: Units) -> str:
    """Refused, with the reason where the law lists it; words of one's own stay inside."""
    listed = SCHEMES[case.scheme].reasons[Action.REFUSE].rows if Action.REFUSE in SCHEMES[case.scheme].reasons else ()
    reason = next((row.words for row in listed if row.code == event.about.get("reason")), "")
    return f"不予受理：{reason}" if reason else "不予受理"


def _approved(event: Event, case: Case, units: Units) -> str:
    if isinstance(event.changes.get("due_at"), datetime):
        return f"经批准，办理期限延长至 {day_words(event.changes['due_at'])}"  # type: ignore[arg-type]
    by_state = {State.VOID: "此件已终止办理", State.SUSPENDED: "办理暂停"}
    return by_state.get(event.changes.get("state"), "")  # type: ignore[call-overload, no-any-return]


def _promised(event: Event, case: Case, units: Units) -> str:
    at = event.changes.get("promised_at")
    return _by(at, "答复") if isinstance(at, datetime) else ""


def _merged(event: Event, case: Case, units: Units) -> str:
    return "与同一事项合并办理" if event.changes.get("merged_into") else ""  # else another was merged into this one


def _unmerged(event: Event, case: Case, units: Units) -> str:
    return "恢复单独办理" if event.before.get("merged_into") else ""


def _split(event: Event, case: Case, units: Units) -> str:
    return f"由多个单位联合办理，{_unit(event.about.get('lead'), units)}牵头" if "lead" in event.about else ""


def _handed_off(event: Event, case: Case, units: Units) -> str:
    kind = KINDS.get(str(event.about.get("kind")))
    return f"移交{kind.party}（{kind.name}）" if kind else "移交有关单位办理"


def _evaluated(event: Event, case: Case, units: Units) -> str:
    score = event.changes.get("score", case.score)
    return f"您的评价：{score} 分（{SCORE_NAMES.get(score, '')}）" if isinstance(score, int) else ""


_SAYS: Mapping[Action, Callable[[Event, Case, Units], str]] = {
    Action.REPORT: _plain("您反映的事项已登记"),
    Action.ACCEPT: _plain("已受理"),
    Action.REFUSE: _refused,
    Action.DISPATCH: _by_unit("已交由{unit}办理"),
    Action.SIGN: _by_unit("{unit}已签收"),
    Action.ARRIVE: _plain("工作人员已到现场"),
    Action.HANDLE: _by_unit("{unit}报告已办理，等待核查"),
    Action.VERIFY: _plain("已核查"),
    Action.REWORK: _plain("核查未通过，继续办理"),
    Action.CLOSE: _plain("已办结"),
    Action.EVALUATE: _evaluated,
    Action.RETURN: _plain("正在重新安排承办单位"),
    Action.TRANSFER: _by_unit("已转由{unit}办理"),
    Action.SUSPEND: _when_state(State.SUSPENDED, "办理暂停"),
    Action.RESUME: _plain("恢复办理"),
    Action.APPROVE: _approved,
    Action.VOID: _when_state(State.VOID, "此件已终止办理"),
    Action.REOPEN: _plain("重新办理"),
    Action.PROMISE: _promised,
    Action.MERGE: _merged,
    Action.UNMERGE: _unmerged,
    Action.SPLIT: _split,
    Action.ESCALATE: _plain("已提级办理"),
    Action.MEDIATE: _plain("已组织调解"),
    Action.HAND_OFF: _handed_off,
    Action.HAND_BACK: _plain("对接单位已办理，回到本中心"),
}
"""The only steps that are told; what is not here (notes, urgings, whistles, links, the clock) stays inside."""
