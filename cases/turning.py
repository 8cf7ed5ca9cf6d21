"""Time itself at work on cases: lights that turn, loops that rise, clocks told anew by another calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cases import deadlines, stages, whistles
from cases.acting import Acting
from cases.clocks import Clocks
from cases.lifecycle import told
from cases.loops import LoopRules
from cases.model import EVERYWHERE, Action, Case, Event, Role, StageClock
from cases.ports import Change, Overview, Transaction

WHY = "工作日历或时限有更新，时限重新计算"


def is_due(seen: Overview, now: datetime) -> bool:
    """Whether any clock has something new to say."""
    return bool(seen.clocks_due(now, 1) or seen.whistles_late(now, 1) or seen.due(now, 1))


def turn(acting: Acting, loops: LoopRules, limit: int) -> int:
    """Let every clock that has something new to say speak once; how many did."""
    said = _turn_stages(acting, limit) + _turn_whistles(acting, limit)
    looked = [(case, *deadlines.watch(case, acting.now)) for case in acting.tx.due(acting.now, limit)]
    for before, after, event in looked:
        if event is not None:
            acting.leave(before, after, event)
            rise(acting, loops, before, after, acting.last_of[after.no])
            said += 1
    return said


def rise(acting: Acting, loops: LoopRules, before: Case, after: Case, event: Event) -> Case:
    """Lift a case by the rules for the three loops, as the system's own step."""
    lifted = loops.rise(before, after, event)
    if lifted is None:
        return after
    loop, why = lifted
    risen = replace(after, loop=loop, version=after.version + 1, updated_at=acting.now)
    step = Event(0, risen.no, risen.version, acting.now, "system", Role.SYSTEM, Action.ESCALATE, why)
    acting.leave(after, risen, step)
    return risen


def _turn_stages(acting: Acting, limit: int) -> int:
    turned = [stages.turn(clock, acting.now) for clock in acting.tx.clocks_due(acting.now, limit)]
    acting.tx.save_clocks(turned)
    for clock in turned:
        case = acting.tx.case(clock.case, EVERYWHERE)
        if case is not None:
            acting.leave(case, *stages.spoken(clock, case, acting.now))
    return len(turned)


def _turn_whistles(acting: Acting, limit: int) -> int:
    """Say once of each whistle that its answer, and once that its arrival, is late."""
    said = 0
    for whistle in acting.tx.whistles_late(acting.now, limit):
        case = acting.tx.case(whistle.case, EVERYWHERE)
        told_of = whistles.told_late(whistle, case, acting.now) if case is not None else None
        if case is not None and told_of is not None:
            acting.tx.save_whistles([told_of[0]])
            acting.leave(case, *told_of[1:])
            said += 1
    return said


def recompute(tx: Transaction, clocks: Clocks, now: datetime) -> list[Change]:
    """Give every open case the due times that today's calendar and limits say; each change is an event.

    For when a year's calendar arrives or is corrected. A sub-task follows its parent.
    """
    changes: list[Change] = []
    moved: dict[str, tuple[Case, Case]] = {}
    for case in sorted(tx.open_cases(), key=lambda case: (case.parent is not None, case.no)):
        events = tx.events(case.no)
        fresh, steps = _retold(case, events, clocks, moved), _retold_steps(tx, case, events, clocks, now)
        is_moved = (fresh.due_at, fresh.warn_at) != (case.due_at, case.warn_at)
        if not is_moved and not steps:
            continue
        light = deadlines.standing(fresh, now)
        after = replace(fresh, standing=light, version=case.version + 1, updated_at=now)
        if is_moved:
            moved[case.no] = case, after
        tx.save_clocks(steps)
        tx.save_case(after)
        tx.add_events([told(_recomputed(after, steps, tx.next("event", 1)), case, after)])
        changes.append(Change("case", after.no, after.version))
    return changes


def _retold(case: Case, events: list[Event], clocks: Clocks, moved: Mapping[str, tuple[Case, Case]]) -> Case:
    if case.parent is not None:
        before, after = moved.get(case.parent, (case, case))
        follows = case.due_at == before.due_at
        return replace(case, due_at=after.due_at, warn_at=after.warn_at) if follows else case
    return deadlines.retold(case, events, clocks.limit(case), clocks.calendar, clocks.limits.yellow_at)


def _retold_steps(tx: Transaction, case: Case, events: list[Event], clocks: Clocks, now: datetime) -> list[StageClock]:
    """The running step clocks that another calendar moves."""
    running = [clock for clock in tx.clocks(case.no) if clock.ended_at is None]
    fresh = [clocks.stages.retold(clock, case, events, now) for clock in running]
    both = zip(fresh, running, strict=True)
    return [new for new, old in both if (new.due_at, new.warn_at) != (old.due_at, old.warn_at)]


def _recomputed(case: Case, steps: list[StageClock], seq: int) -> Event:
    due = {clock.step: clock.due_at.isoformat() for clock in steps}
    event = Event(seq, case.no, case.version, case.updated_at, "system", Role.SYSTEM, Action.CLOCK, WHY)
    return replace(event, about={"steps": due} if due else {})
