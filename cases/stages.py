"""The clocks of single steps (受理 派遣 签收 办理 核查) and of promises: which run, when they rest, what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from cases.calendar import WorkCalendar
from cases.deadlines import TimeLimit, light, rested
from cases.errors import BadAction
from cases.limits import LimitTable
from cases.model import Action, Case, Event, Role, Stage, StageClock, Standing

PROMISE = "promise"
LONGEST_PROMISE = timedelta(days=366)
STEP_NAMES: Mapping[str, str] = {
    "accept": "受理",
    "dispatch": "派遣",
    "sign": "签收",
    "handle": "办理",
    "verify": "核查",
    PROMISE: "承诺",
}
_ANEW = frozenset({Action.DISPATCH, Action.TRANSFER, Action.SPLIT, Action.RETURN, Action.REWORK, Action.REOPEN})
_STANDING_WORDS = {Standing.ON_TIME: "时限内", Standing.AT_RISK: "将到时限", Standing.OVERDUE: "已超时限"}


@dataclass(frozen=True, slots=True)
class Stages:
    """The rules for step clocks: the table of limits and the working calendar."""

    limits: LimitTable
    calendar: WorkCalendar

    def follow(self, clocks: Sequence[StageClock], before: Case, after: Case, action: Action) -> list[StageClock]:
        """The clocks that an action started, ended or moved; `clocks` are all of the case, in any order.

        A step that ran before this release has its clock from the first action on. An action taken back, or a case
        that comes back from a merging, finds its old clock, as late as it is.
        """
        now = after.updated_at
        known = {_key(clock): clock for clock in clocks or self.start(before)}
        wanted = [*self._step(known.values(), after, action), *self._promise(known.values(), after)]
        if action in (Action.RESUME, Action.HAND_BACK) and before.suspended_at is not None:
            wanted = [self._rested(clock, before.suspended_at, now, after) for clock in wanted]
        running = {_key(clock): replace(clock, ended_at=None) for clock in wanted}
        ended = {key: replace(turn(clock, now), ended_at=now) for key, clock in known.items() if clock.ended_at is None}
        fresh = {**ended, **running}
        old = {_key(clock): clock for clock in clocks}
        return [clock for key, clock in fresh.items() if clock != old.get(key)]

    def start(self, case: Case) -> list[StageClock]:
        """The clocks of a case that has none yet, running since its step is awaited."""
        return [*self._step((), case, Action.NOTE), *self._promise((), case)]

    def retold(self, clock: StageClock, case: Case, events: Iterable[Event], now: datetime) -> StageClock:
        """A running step clock as this calendar and table have it, rests since its begin included; a promise stays."""
        limit = self.limits.stage(clock.step, case.category, case.difficulty, case.grids)
        if clock.step == PROMISE or limit is None:
            return clock
        fresh, since = self._timed(case, clock.step, clock.since, limit), None
        for event in events:
            if event.at < clock.since:
                continue
            if event.changes.get("suspended_at") is not None:
                since = event.at
            elif "suspended_at" in event.changes:
                is_rest = since is not None and event.action is not Action.UNDO
                fresh = self._rested(fresh, since or event.at, event.at, case) if is_rest else fresh
                since = None
        return replace(fresh, standing=light(fresh.warn_at, fresh.due_at, now))

    def _step(self, known: Iterable[StageClock], case: Case, action: Action) -> list[StageClock]:
        waited = waited_for(case)
        if waited is None or not case.is_open:
            return []
        step, since = waited
        limit = self.limits.stage(step, case.category, case.difficulty, case.grids)
        since = case.updated_at if action in _ANEW else since
        same = [clock for clock in known if clock.step == step and clock.since >= since]
        if same:
            return [max(same, key=lambda clock: clock.since)]
        return [] if limit is None else [self._timed(case, step, since, limit)]

    def _promise(self, known: Iterable[StageClock], case: Case) -> list[StageClock]:
        if case.promised_at is None or not case.is_open:
            return []
        same = [clock for clock in known if clock.step == PROMISE and clock.due_at == case.promised_at]
        return [max(same, key=lambda clock: clock.since)] if same else [self._promised(case, case.promised_at)]

    def _promised(self, case: Case, at: datetime) -> StageClock:
        since = min(case.updated_at, at)
        return StageClock(case.no, PROMISE, since, since + (at - since) * self.limits.yellow_at, at)

    def _timed(self, case: Case, step: str, since: datetime, limit: TimeLimit) -> StageClock:
        due_at = limit.after(since, self.calendar)
        return StageClock(case.no, step, since, since + (due_at - since) * self.limits.yellow_at, due_at)

    def _rested(self, clock: StageClock, since: datetime, until: datetime, case: Case) -> StageClock:
        """The clock moved by what a rest took from it; a promise to the reporter does not rest."""
        limit = self.limits.stage(clock.step, case.category, case.difficulty, case.grids)
        if clock.step == PROMISE or limit is None:
            return clock
        since = max(since, clock.since)
        warn_at, due_at = (rested(at, since, until, limit, self.calendar) for at in (clock.warn_at, clock.due_at))
        return replace(clock, warn_at=warn_at, due_at=due_at, standing=light(warn_at, due_at, until))


def waited_for(case: Case) -> tuple[str, datetime] | None:
    """The step that a case waits for, and since when; None where it waits for nothing that has a limit."""
    if case.stage is Stage.DISPATCHED and case.dispatched_at:
        signed = case.signed_at
        return ("handle", max(signed, case.dispatched_at)) if signed else ("sign", case.dispatched_at)
    since = {
        Stage.REPORTED: ("accept", case.received_at),
        Stage.ACCEPTED: ("dispatch", case.accepted_at),
        Stage.HANDLED: ("verify", case.handled_at),
    }
    step, at = since.get(case.stage, ("", None))
    return (step, at) if at else None


_MOVING = attrgetter(
    "stage", "state", "accepted_at", "dispatched_at", "signed_at", "handled_at", "suspended_at", "promised_at"
)


def is_moved(before: Case, after: Case, action: Action) -> bool:
    """Whether an action may start, end or move any of the clocks."""
    return action in _ANEW or _MOVING(before) != _MOVING(after)


def promised_at(said: object, now: datetime, calendar: WorkCalendar) -> datetime:
    """When something is promised for: an instant with a zone, or the close of so many working days from now."""
    if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= 60:
        return calendar.add_working_days(now, said)
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not now < at <= now + LONGEST_PROMISE:
        raise BadAction("承诺须是 1 到 60 个工作日，或一年以内带时区的时间", "by")
    return at


def turn(clock: StageClock, now: datetime) -> StageClock:
    """The clock with the light it shows now."""
    return replace(clock, standing=light(clock.warn_at, clock.due_at, now))


def spoken(clock: StageClock, case: Case, now: datetime) -> tuple[Case, Event]:
    """The case and the event with which a step's clock says that its light changed."""
    after = replace(case, version=case.version + 1, updated_at=now)
    why = f"{STEP_NAMES[clock.step]}{_STANDING_WORDS[clock.standing]}"
    about = {"clock": clock.step, "standing": clock.standing.value, "due_at": clock.due_at.isoformat()}
    return after, Event(0, case.no, after.version, now, "system", Role.SYSTEM, Action.CLOCK, why, about=about)


def _key(clock: StageClock) -> tuple[str, datetime]:
    return clock.step, clock.since
