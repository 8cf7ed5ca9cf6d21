"""Alerts: who answered, who was told when nobody did, what is put aside, and which of them are one matter.

An alert waits for the seat; unanswered it goes to the commander after two minutes and to the next level after three
more. Shelved it rests and then waits anew. Every step is an event; nothing here knows of stores or screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, Actor, Alert, AlertNo, AlertState, CaseNo, IncidentReport, Role

ANSWERERS = frozenset({Role.DUTY, Role.LEADER})
SYSTEM = Actor("system", Role.SYSTEM)
LONGEST_SHELF = timedelta(days=1)
MOST_REASON = 200


class Level(IntEnum):
    """Whose business an unanswered alert is by now."""

    SEAT = 0
    COMMANDER = 1
    ABOVE = 2


LEVEL_WORDS: Mapping[Level, str] = {Level.SEAT: "", Level.COMMANDER: "已报指挥长", Level.ABOVE: "已报上一级"}


class AlertAction(StrEnum):
    """What happens to an alert; the last six nobody presses."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    RAISE_CASE = "raise_case"
    ESCALATE = "escalate"
    RETURN = "return"  # its shelving ran out
    CLEAR = "clear"  # what its rule watches is over
    WITHDRAW = "withdraw"  # who sent it took it back, or put another in its place
    EXPIRE = "expire"  # the time for which it was said to hold is over
    CARRY = "carry"  # it came in the place of one that was answered, and is no graver


BY_HAND = (AlertAction.ACKNOWLEDGE, AlertAction.SHELVE, AlertAction.UNSHELVE, AlertAction.RAISE_CASE)

ACTION_NAMES: Mapping[AlertAction, str] = {
    AlertAction.ACKNOWLEDGE: "确认",
    AlertAction.SHELVE: "静默",
    AlertAction.UNSHELVE: "取消静默",
    AlertAction.RAISE_CASE: "立案",
    AlertAction.ESCALATE: "升级",
    AlertAction.RETURN: "静默到时",
    AlertAction.CLEAR: "恢复",
    AlertAction.WITHDRAW: "解除",
    AlertAction.EXPIRE: "有效期满",
    AlertAction.CARRY: "沿用",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an alert may wait: for the seat, then for the commander; and how near doubles of one source lie."""

    seat: timedelta = timedelta(minutes=2)
    commander: timedelta = timedelta(minutes=3)
    same: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One step of an alert: who, when, why; `told` names the accounts an escalation to `level` was told to.

    `version` is that of the alert after the step; (alert, version) is unique. `changes` holds what the step changed
    (field → new value), so that an alert can be seen as it was (`as_it_was`).
    """

    alert: AlertNo
    version: int
    at: datetime
    by: str
    role: Role
    action: AlertAction
    why: str = ""
    level: Level = Level.SEAT
    told: tuple[str, ...] = ()
    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """An alert after a step, what happened, and the report of the case that it becomes, if it does."""

    after: Alert
    event: AlertEvent
    report: IncidentReport | None = None


# waiting ----------------------------------------------------------------------------------------------------


def is_waiting(alert: Alert, now: datetime) -> bool:
    """Whether a person still has to answer; shelving that has run out makes it wait again."""
    if alert.state is AlertState.SHELVED:
        return alert.shelved_until is not None and alert.shelved_until <= now
    return alert.state is AlertState.NEW


def waits_since(alert: Alert) -> datetime:
    """Since when it waits: since it was received, or since its last shelving ended."""
    return alert.shelved_until or alert.received_at


def level_due(alert: Alert, now: datetime, patience: Patience) -> Level:
    """Whose business the alert should be at `now`; what is over by itself is told to nobody further."""
    if not is_waiting(alert, now) or alert.cleared_at is not None:
        return Level.SEAT
    waited = now - waits_since(alert)
    if waited < patience.seat:
        return Level.SEAT
    return Level.COMMANDER if waited < patience.seat + patience.commander else Level.ABOVE


def told_to(level: Level, grids: Sequence[str], accounts: Iterable[Account]) -> tuple[str, ...]:
    """The accounts of commanders an alert in `grids` (outermost first) is told to at a level.

    Commanders are ranged by the area they answer for: the narrowest that holds the alert comes first, the next wider
    one is the next level. Empty where nobody stands at that level: then it must be told by telephone.
    """
    areas = [*reversed(grids), ""]
    leaders = [each for each in accounts if each.role is Role.LEADER and not each.disabled and each.area in areas]
    rungs = sorted({areas.index(leader.area) for leader in leaders})
    if not Level.SEAT < level <= len(rungs):
        return ()
    area = areas[rungs[level - 1]]
    return tuple(sorted(leader.name for leader in leaders if leader.area == area))


def turn(alert: Alert, now: datetime, patience: Patience, accounts: Sequence[Account]) -> list[Step]:
    """What the clock has to say about an alert at `now`, in order: back from its shelf, told one level, then the next.

    Nothing when it was said already: the alert itself remembers how far it has risen.
    """
    if has_expired(alert, now):
        return [_step(alert, _gone(alert, SYSTEM, now), AlertAction.EXPIRE, SYSTEM, now, "已过发布者写明的有效期")]
    steps: list[Step] = []
    if alert.state is AlertState.SHELVED and is_waiting(alert, now):
        back = replace(alert, state=AlertState.NEW, risen=0)
        steps.append(_step(alert, back, AlertAction.RETURN, SYSTEM, now, alert.why))
        alert = steps[-1].after
    due = level_due(alert, now, patience)
    while alert.risen < due:
        steps.append(_risen(alert, Level(alert.risen + 1), now, patience, accounts))
        alert = steps[-1].after
    return steps


def is_due(alert: Alert, now: datetime, patience: Patience) -> bool:
    """Whether `turn` has something to say."""
    returns = alert.state is AlertState.SHELVED and is_waiting(alert, now)
    return returns or has_expired(alert, now) or alert.risen < level_due(alert, now, patience)


def has_expired(alert: Alert, now: datetime) -> bool:
    """Whether an alert that nobody finished with has outlived the time for which it was said to hold."""
    resting = alert.state in (AlertState.NEW, AlertState.SHELVED)
    return resting and alert.expires_at is not None and alert.expires_at <= now


def _risen(alert: Alert, level: Level, now: datetime, patience: Patience, accounts: Sequence[Account]) -> Step:
    told = told_to(level, alert.place.grids, accounts)
    waited = patience.seat if level is Level.COMMANDER else patience.seat + patience.commander
    why = f"{waited.total_seconds() / 60:g} 分钟无人确认"
    risen = replace(alert, risen=int(level), risen_at=now, told=told)
    step = _step(alert, risen, AlertAction.ESCALATE, SYSTEM, now, why)
    return replace(step, event=replace(step.event, level=level, told=told))


def clear(alert: Alert, why: str, now: datetime) -> Step | None:
    """What a rule watched is over: said once, and the alert stays until a person has answered it."""
    if alert.cleared_at is not None:
        return None
    return _step(alert, replace(alert, cleared_at=now), AlertAction.CLEAR, SYSTEM, now, why)


# a person answers -------------------------------------------------------------------------------------------


def act(alert: Alert, action: str, details: Mapping[str, object], actor: Actor, now: datetime) -> Step | None:
    """Take a person's step; None when it is acknowledged already and says nothing new.

    Details: shelve takes `minutes` (1–1440) and `reason`; raise_case may take `category` and `title`. Raises
    NotAllowed, BadAction, IllegalAction.
    """
    if actor.role not in ANSWERERS:
        raise NotAllowed("您的岗位不能处理预警")
    if action == AlertAction.ACKNOWLEDGE:
        return _acknowledge(alert, actor, now)
    if action == AlertAction.SHELVE:
        return _shelve(alert, details, actor, now)
    if action == AlertAction.UNSHELVE:
        return _unshelve(alert, actor, now)
    if action == AlertAction.RAISE_CASE:
        return _raise_case(alert, details, actor, now)
    raise BadAction(f"预警只能{'、'.join(ACTION_NAMES[each] for each in BY_HAND)}", "action")


def _acknowledge(alert: Alert, actor: Actor, now: datetime) -> Step | None:
    if alert.state in (AlertState.ACKNOWLEDGED, AlertState.RAISED, AlertState.WITHDRAWN):
        return None
    answered = replace(_answered(alert, AlertState.ACKNOWLEDGED, actor, now), shelved_until=None)
    return _step(alert, answered, AlertAction.ACKNOWLEDGE, actor, now)


def _shelve(alert: Alert, details: Mapping[str, object], actor: Actor, now: datetime) -> Step:
    minutes, why = details.get("minutes"), str(details.get("reason") or "").strip()
    most = int(LONGEST_SHELF.total_seconds() // 60)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= most:
        raise BadAction(f"静默时间须为 1 到 {most} 分钟", "minutes")
    if not why:
        raise BadAction("静默需要填写理由", "reason")
    if alert.state is AlertState.RAISED:
        raise IllegalAction(f"该预警已立为案件 {alert.case}，不能静默", "action")
    if alert.state is AlertState.WITHDRAWN:
        raise IllegalAction("该预警已解除，不需静默", "action")
    until = now + timedelta(minutes=minutes)
    shelved = _answered(alert, AlertState.SHELVED, actor, now)
    shelved = replace(shelved, shelved_until=until, why=why[:MOST_REASON], risen=0, risen_at=None, told=())
    return _step(alert, shelved, AlertAction.SHELVE, actor, now, f"{minutes} 分钟：{why[:MOST_REASON]}")


def _unshelve(alert: Alert, actor: Actor, now: datetime) -> Step:
    if alert.state is not AlertState.SHELVED:
        raise IllegalAction("该预警没有在静默", "action")
    back = replace(_answered(alert, AlertState.NEW, actor, now), shelved_until=now, risen=0)
    return _step(alert, back, AlertAction.UNSHELVE, actor, now)


def _raise_case(alert: Alert, details: Mapping[str, object], actor: Actor, now: datetime) -> Step:
    if alert.case is not None:
        raise IllegalAction(f"该预警已立为案件 {alert.case}", "action")
    raised = replace(_answered(alert, AlertState.RAISED, actor, now), shelved_until=None)
    step = _step(alert, raised, AlertAction.RAISE_CASE, actor, now)
    return replace(step, report=_report_of(alert, details, now))


def became(step: Step, case: CaseNo) -> Step:
    """The step of an alert that is now this case."""
    changes = {**step.event.changes, "case": case}
    event = replace(step.event, why=f"立为案件 {case}", changes=changes)
    return replace(step, after=replace(step.after, case=case), event=event)


# its sender has more to say ----------------------------------------------------------------------------------


def withdrawn(alert: Alert, sender: Actor, now: datetime, why: str) -> Step | None:
    """An alert that its sender takes back; one that became a case stays that, and says it. None when it is gone."""
    if is_gone(alert):
        return None
    is_case = alert.state is AlertState.RAISED
    after = replace(alert, cleared_at=now) if is_case else _gone(alert, sender, now)
    return _step(alert, after, AlertAction.WITHDRAW, sender, now, why[:MOST_REASON])


def is_gone(alert: Alert) -> bool:
    """Whether an alert was taken back, replaced, or is past its time."""
    return alert.state is AlertState.WITHDRAWN


def carried(alert: Alert, earlier: Alert, now: datetime) -> Step:
    """A new alert with the answer that the one it replaces had: a person's word holds until there is more to say."""
    state = AlertState.SHELVED if earlier.state is AlertState.SHELVED else AlertState.ACKNOWLEDGED
    rests = replace(alert, state=state, by=earlier.by, acted_at=earlier.acted_at)
    if state is AlertState.SHELVED:
        rests = replace(rests, shelved_until=earlier.shelved_until, why=earlier.why)
    return _step(alert, rests, AlertAction.CARRY, SYSTEM, now, f"沿用 {earlier.no} 的处置：等级未升，范围未扩大")


def _gone(alert: Alert, by: Actor, now: datetime) -> Alert:
    return replace(_answered(alert, AlertState.WITHDRAWN, by, now), shelved_until=None, cleared_at=now)


def _answered(alert: Alert, state: AlertState, actor: Actor, now: datetime) -> Alert:
    return replace(alert, state=state, by=actor.name, acted_at=now)


def _step(before: Alert, after: Alert, action: AlertAction, actor: Actor, now: datetime, why: str = "") -> Step:
    after = replace(after, version=before.version + 1)
    changes = {name: new for name in _CHANGING if (new := getattr(after, name)) != getattr(before, name)}
    event = AlertEvent(after.no, after.version, now, actor.name, actor.role, action, why, changes=changes)
    return Step(after, event)


# as it was --------------------------------------------------------------------------------------------------

_FROM_BIRTH = frozenset({"exercise", "rule", "expires_at", "replaces", "outline"})
_UNTOUCHED: Mapping[str, object] = {
    each.name: each.default for each in fields(Alert) if each.default is not MISSING and each.name not in _FROM_BIRTH
} | {"state": AlertState.NEW}
"""What steps change, as it is before the first."""
_CHANGING = tuple(_UNTOUCHED)


def as_it_was(alert: Alert, steps: Iterable[AlertEvent], at: datetime) -> Alert | None:
    """An alert at an instant, from its steps (oldest first) up to then; None before it was received."""
    if alert.received_at > at:
        return None
    changed, version = dict(_UNTOUCHED), 1
    for step in steps:
        if step.at > at:
            break
        changed |= step.changes
        version = step.version
    return replace(alert, version=version, **changed)  # type: ignore[arg-type]


def _report_of(alert: Alert, details: Mapping[str, object], now: datetime) -> IncidentReport:
    severity = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}[alert.level]
    return IncidentReport(
        source="alerts",
        id=alert.no,
        fingerprint=alert.no,
        at=alert.at,
        received_at=now,
        channel=alert.origin if alert.origin in ("video", "iot") else "other",
        category=str(details.get("category") or "other"),
        title=str(details.get("title") or alert.text or alert.kind)[:200],
        text=alert.text,
        severity=severity,
        place=alert.place,
        exercise=alert.exercise,
    )


# one matter -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one source and kind that came close together, newest last; the first stands for all."""

    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The oldest: since then the matter waits."""
        return self.alerts[0]


def grouped(alerts: Sequence[Alert], now: datetime, patience: Patience) -> list[Group]:
    """Waiting alerts of the same source, kind and level, each within ten minutes of the one before, as one group.

    Answered alerts and exercises beside real ones stay by themselves. The order is that of each group's first alert
    in `alerts`.
    """
    groups: list[list[Alert]] = []
    for alert in sorted(alerts, key=lambda each: (each.at, each.no)):
        home = next((group for group in groups if _belongs(alert, group[-1], now, patience)), None)
        if home is None:
            groups.append([alert])
        else:
            home.append(alert)
    place = {alert.no: at for at, alert in enumerate(alerts)}
    groups.sort(key=lambda group: min(place[alert.no] for alert in group))
    return [Group(tuple(group)) for group in groups]


def _belongs(alert: Alert, other: Alert, now: datetime, patience: Patience) -> bool:
    same = (alert.source, alert.kind, alert.level, alert.exercise, alert.place.grids[-1:])
    return (
        is_waiting(alert, now)
        and is_waiting(other, now)
        and same == (other.source, other.kind, other.level, other.exercise, other.place.grids[-1:])
        and alert.at - other.at <= patience.same
    )
