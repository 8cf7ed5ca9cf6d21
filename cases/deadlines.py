"""Deadlines: when a case's limit runs out, when its light turns, and a clock that speaks once per change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.calendar import WorkCalendar
from cases.model import OPEN_STAGES, Action, Case, Event, Role, Standing, State

UNITS = ("working_hours", "working_days", "hours", "days")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """An amount of time in one of four units (domain.md b4)."""

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit must be one of {UNITS}, not {self.unit!r}")

    def after(self, start: datetime, calendar: WorkCalendar) -> datetime:
        """The instant at which the limit that began at `start` runs out."""
        if self.unit == "working_days":
            return calendar.add_working_days(start, self.amount)
        if self.unit == "working_hours":
            return calendar.add_working_time(start, timedelta(hours=self.amount))
        return start + timedelta(**{self.unit: self.amount})


def due(start: datetime, limit: TimeLimit, calendar: WorkCalendar, yellow_at: float = 0.7) -> tuple[datetime, datetime]:
    """`(warn_at, due_at)`: the light turns yellow when `yellow_at` of the span is used, red when all of it is."""
    end = limit.after(start, calendar)
    return start + (end - start) * yellow_at, end


def standing(case: Case, now: datetime) -> Standing:
    """How the clock of an open case looks now; a suspended case's clock rests at what it last said."""
    if case.due_at is None or case.state is State.SUSPENDED or not case.is_open:
        return case.standing
    return light(case.warn_at, case.due_at, now)


def light(warn_at: datetime | None, due_at: datetime, now: datetime) -> Standing:
    """Green until `warn_at`, yellow until `due_at`, red from then on."""
    if now >= due_at:
        return Standing.OVERDUE
    return Standing.AT_RISK if warn_at is not None and now >= warn_at else Standing.ON_TIME


def watch(case: Case, now: datetime) -> tuple[Case, Event | None]:
    """Look at the clock once; say something only when the answer is new."""
    answer = standing(case, now)
    if answer is case.standing:
        return case, None
    after = replace(case, standing=answer, version=case.version + 1, updated_at=now)
    event = Event(0, case.no, after.version, now, "system", Role.SYSTEM, Action.CLOCK)
    event = replace(event, changes={"standing": answer}, before={"standing": case.standing})
    return after, event


def restart(case: Case, now: datetime, limit: TimeLimit, calendar: WorkCalendar, yellow_at: float = 0.7) -> Case:
    """Begin the clock anew, as after a reopening."""
    warn_at, due_at = due(now, limit, calendar, yellow_at)
    return replace(case, warn_at=warn_at, due_at=due_at, standing=Standing.ON_TIME)


def resume(case: Case, now: datetime, calendar: WorkCalendar, limit: TimeLimit) -> Case:
    """Give back the time that a suspension took, in the limit's own kind of time."""
    if case.suspended_at is None or case.due_at is None or case.warn_at is None:
        return replace(case, suspended_at=None)
    warn_at, due_at = (rested(at, case.suspended_at, now, limit, calendar) for at in (case.warn_at, case.due_at))
    return replace(case, warn_at=warn_at, due_at=due_at, suspended_at=None)


def rested(at: datetime, since: datetime, until: datetime, limit: TimeLimit, calendar: WorkCalendar) -> datetime:
    """An instant of a clock that rested from `since` to `until`; what had passed before the rest stays passed."""
    if at <= since:
        return at
    if limit.unit in ("hours", "days"):
        return at + (until - since)
    return calendar.add_working_time(until, calendar.working_time(since, at))


def prolong(case: Case, days: int, calendar: WorkCalendar) -> Case:
    """Move the end of the limit by approved working days."""
    if case.due_at is None:
        return case
    later = calendar.add_working_days(case.due_at, days)
    warn_at = case.warn_at + (later - case.due_at) if case.warn_at else None
    return replace(case, due_at=later, warn_at=warn_at)


def retold(case: Case, events: Iterable[Event], limit: TimeLimit, calendar: WorkCalendar, yellow_at: float) -> Case:
    """The case with the due time that its whole history gives by this calendar.

    Begins anew at the last reopening; every suspension and approved extension since counts, what was undone does not.
    """
    happened = list(events)
    undone = {event.about.get("undone") for event in happened}
    clock = restart(replace(case, suspended_at=None), case.received_at, limit, calendar, yellow_at)
    pending: object = None
    for event in happened:
        if event.action is Action.UNDO or event.version in undone:
            continue
        if event.action is Action.APPROVE and isinstance(pending, str) and pending.isdigit():
            clock = prolong(clock, int(pending), calendar)
        pending = event.changes.get("pending", pending)
        if event.action is Action.REOPEN and event.changes.get("stage") in OPEN_STAGES:
            clock = restart(clock, event.at, limit, calendar, yellow_at)
        if event.changes.get("state") is State.SUSPENDED and clock.suspended_at is None:
            clock = replace(clock, suspended_at=event.at)
        elif event.action in (Action.RESUME, Action.HAND_BACK):
            clock = resume(clock, event.at, calendar, limit)
    return replace(case, due_at=clock.due_at, warn_at=clock.warn_at)
