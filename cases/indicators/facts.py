"""What a case adds to the named sets of the register: facts that only an event can change, and those that time changes.

A fact belongs to a local day: mostly that on which the case was received (批次口径: both sets of a rate then speak of
the same cases), else that of the act itself, as its set says. Exercises add nothing, parents count for their sub-tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cases.calendar import LOCAL
from cases.indicators.rates import SATISFIED, is_overdue
from cases.model import (
    Action,
    Case,
    Difficulty,
    Handoff,
    Loop,
    Mediation,
    Risk,
    Stage,
    StageClock,
    Standing,
    State,
    Whistle,
)

REPEAT_WITHIN = timedelta(days=30)
MISSENT = frozenset({"not_duty", "not_area"})  # reasons of a return that say: sent to the wrong unit
_ENDED = frozenset({Stage.CLOSED, Stage.EVALUATED})
_RISEN = {Loop.MICRO: (), Loop.SMALL: ("small",), Loop.LARGE: ("small", "large")}
_PATROLS = frozenset({"patrol", "video"})
_PETITIONS = frozenset({"letter", "visit", "superior", "leader_visit"})


class Fact(NamedTuple):
    """So much of a set on a day; of a waiting time (`wait.…`) the amount is its whole minutes."""

    name: str
    day: date
    amount: int = 1


class Mark(NamedTuple):
    """One step of a case that sets may count: its version, and the code of the reason that was given."""

    version: int
    action: Action
    reason: str = ""


class Earlier(NamedTuple):
    """A case that is linked with this one: kind of link, category, and when it was received."""

    kind: str
    category: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All that the facts of one case are made of."""

    case: Case
    marks: Sequence[Mark] = ()
    whistles: Sequence[Whistle] = ()
    mediations: Sequence[Mediation] = ()
    handoffs: Sequence[Handoff] = ()
    clocks: Sequence[StageClock] = ()
    linked: Sequence[Earlier] = ()


def local_day(at: datetime) -> date:
    """The day of an instant in Asia/Shanghai."""
    return at.astimezone(LOCAL).date()


def facts_of(history: History) -> list[Fact]:
    """The facts of one case that stay as they are until something happens to it."""
    case = history.case
    if case.exercise or case.parent is not None:
        return []
    day = local_day(case.received_at)
    came = [] if case.state is State.VOID else [Fact("visits", day), Fact("visitors", day, case.people or 1)]
    if case.state is State.VOID:
        return [Fact("void", day)]
    if case.state is State.MERGED:
        return [*came, Fact("merged", day)]
    found = [Fact(name, day) for name in _traits(case)] + [Fact(name, day) for name in _steps(case)]
    found += [Fact(name, day, amount) for name, amount in _moves(history.marks)]
    found += [Fact(f"wait.{step}", day, minutes) for step, minutes in _waits(case)]
    return [*came, *found, *_closing(case), *_linked(history, day), *_joint(history)]


def running(case: Case, now: datetime) -> list[Fact]:
    """The facts of an open case that time alone changes: how it stands, and how long it has waited so far."""
    if case.exercise or case.parent is not None or not case.is_open:
        return []
    day = local_day(case.received_at)
    names = ["open", *(["open_overdue"] if is_overdue(case, now) else [])]
    so_far = [Fact(f"wait.{step}", day, _minutes(since, now)) for step, since in _waiting(case) if since <= now]
    return [*(Fact(name, day) for name in names), *so_far]


def _traits(case: Case) -> Iterator[str]:
    """What a case is."""
    yield "received"
    yield from (f"reached_{loop}" for loop in ("micro", *_RISEN[case.loop]))
    traits: dict[str, bool] = {
        "dispute": case.category.startswith("dispute."),
        "petition": case.channel in _PETITIONS,
        "told_by_worker": case.channel == "grid_worker",
        "found_on_patrol": case.channel in _PATROLS,
        "hard": case.difficulty is Difficulty.HARD,
        "grave": case.severity == 1,
        "high_risk": case.risk is Risk.HIGH,
        "unplaced": not case.grids,
        "reopened": case.reopened > 0,
        "accepted": case.accepted_at is not None,
        "dispatched": case.dispatched_at is not None,
        "handled": case.handled_at is not None,
    }
    yield from (name for name, holds in traits.items() if holds)


def _steps(case: Case) -> Iterator[str]:
    """How a case ended, for one that did; of the day it was received."""
    if case.stage not in _ENDED:
        return
    yield from ("ended", f"ended_{case.outcome or 'settled'}")
    yield "ended_late" if case.standing is Standing.OVERDUE else "ended_on_time"
    if (case.outcome or "settled") == "settled":
        yield f"settled_{case.loop.value}"
        yield from (["risk_settled"] if case.risk is Risk.HIGH else [])
    if case.score is not None:
        yield "evaluated"
        yield from (["satisfied"] if case.score >= SATISFIED else [])


def _closing(case: Case) -> Iterator[Fact]:
    """What was closed, of the day it was."""
    if case.stage in _ENDED and case.closed_at is not None:
        day = local_day(case.closed_at)
        yield Fact("closed", day)
        if (case.outcome or "settled") == "settled":
            yield Fact("closed_settled", day)


def _moves(marks: Sequence[Mark]) -> Iterator[tuple[str, int]]:
    """Who had to handle it more than once; a step that was taken back never was."""
    undone = {mark.version - 1 for mark in marks if mark.action is Action.UNDO}
    kept = [mark for mark in marks if mark.version not in undone]
    counts = {action: sum(mark.action is action for mark in kept) for action in _COUNTED_ACTIONS}
    missent = sum(mark.action is Action.RETURN and mark.reason in MISSENT for mark in kept)
    hands = counts[Action.DISPATCH] + counts[Action.TRANSFER] + counts[Action.RETURN]
    amounts = {
        "hands": hands,
        "returns": counts[Action.RETURN],
        "returned": min(counts[Action.RETURN], 1),
        "missent": min(missent, 1),
        "reworked": min(counts[Action.REWORK], 1),
        "urged": min(counts[Action.URGE], 1),
        "supervised": min(counts[Action.SUPERVISE], 1),
        "suspended": min(counts[Action.SUSPEND], 1),
        "extended": min(counts[Action.EXTEND], 1),
    }
    return ((name, amount) for name, amount in amounts.items() if amount)


_COUNTED_ACTIONS = (
    Action.DISPATCH,
    Action.TRANSFER,
    Action.RETURN,
    Action.REWORK,
    Action.URGE,
    Action.SUPERVISE,
    Action.SUSPEND,
    Action.EXTEND,
)
MARKED = (*_COUNTED_ACTIONS, Action.UNDO)


class _Wait(NamedTuple):
    """One waiting time: its name, from when, and until when."""

    step: str
    since: Callable[[Case], datetime | None]
    until: Callable[[Case], datetime | None]


_WAITS = (
    _Wait("accept", lambda c: c.received_at, lambda c: c.accepted_at),
    _Wait("dispatch", lambda c: c.received_at, lambda c: c.dispatched_at),
    _Wait("sign", lambda c: c.dispatched_at, lambda c: c.signed_at),
    _Wait("arrive", lambda c: c.dispatched_at, lambda c: c.arrived_at),
    _Wait("handle", lambda c: c.received_at, lambda c: c.handled_at),
    _Wait("verify", lambda c: c.handled_at, lambda c: c.verified_at),
    _Wait("close", lambda c: c.received_at, lambda c: c.closed_at),
)
# An open case past this stage waits for that step no more, though nobody ever took it.
_ORDER = (Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLED, Stage.VERIFIED, *_ENDED)
_WAITS_AT = {
    "accept": _ORDER[:1],
    "dispatch": _ORDER[:2],
    "sign": (Stage.DISPATCHED,),
    "arrive": (),  # nobody is bound to come to every case
    "handle": _ORDER[:3],
    "verify": (Stage.HANDLED,),
    "close": _ORDER[:5],
}


def _waits(case: Case) -> Iterator[tuple[str, int]]:
    """The waiting times that are over."""
    for wait in _WAITS:
        since, until = wait.since(case), wait.until(case)
        if since is not None and until is not None and until >= since and not _goes_on(wait.step, case):
            yield wait.step, _minutes(since, until)


def _waiting(case: Case) -> Iterator[tuple[str, datetime]]:
    """The waiting times that go on, and since when."""
    for wait in _WAITS:
        since = wait.since(case)
        if since is not None and _goes_on(wait.step, case):
            yield wait.step, since


def _goes_on(step: str, case: Case) -> bool:
    if not case.is_open or case.stage not in _WAITS_AT[step]:
        return False
    return step != "sign" or case.signed_at is None or (case.dispatched_at or case.signed_at) > case.signed_at


def _minutes(since: datetime, until: datetime) -> int:
    """Whole minutes between."""
    return int((until - since) // timedelta(minutes=1))


def _linked(history: History, day: date) -> Iterator[Fact]:
    """重复反映: the same matter within thirty days; 民转刑: a dispute that a matter of public order followed."""
    case = history.case
    spans = [(each, case.received_at - each.received_at) for each in history.linked]
    if any(each.kind == "repeat" and timedelta() <= span <= REPEAT_WITHIN for each, span in spans):
        yield Fact("repeat", day)
    followed = any(each.category.startswith("order.") and span < timedelta() for each, span in spans)
    if case.category.startswith("dispute.") and followed:
        yield Fact("turned_criminal", day)


def _joint(history: History) -> Iterator[Fact]:
    """What several hands did, each of the day it began: whistles, mediations, hand-offs, step limits."""
    for whistle in history.whistles:
        yield from _whistled(whistle)
    for mediation in history.mediations:
        kinds = ("", ".marriage") if mediation.kind == "marriage" else ("",)
        for kind in kinds:
            yield Fact(f"mediations{kind}", local_day(mediation.at))
            if mediation.result == "settled":
                yield Fact(f"mediations_settled{kind}", local_day(mediation.at))
    for handoff in history.handoffs:
        yield Fact("handoffs", local_day(handoff.out_at))
        if handoff.back_at is not None:
            yield Fact("handoffs_back", local_day(handoff.out_at))
    for clock in history.clocks:
        if clock.ended_at is not None:
            kind = "promises" if clock.step == "promise" else "steps"
            yield Fact(kind, local_day(clock.since))
            if clock.ended_at <= clock.due_at:
                yield Fact(f"{kind}_kept", local_day(clock.since))


def _whistled(whistle: Whistle) -> Iterator[Fact]:
    day = local_day(whistle.called_at)
    yield Fact("whistles", day)
    for name, at, by in (
        ("answered", whistle.answered_at, whistle.answer_by),
        ("there", whistle.arrived_at, whistle.arrive_by),
    ):
        if at is not None:
            yield Fact(f"wait.whistle_{name}", day, _minutes(whistle.called_at, at))
            if at <= by:
                yield Fact(f"whistles_{name}", day)
