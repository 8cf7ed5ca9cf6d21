"""中心吹哨、部门报到 (domain.md G16): units called to a case, by when they must answer and arrive, and did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from cases.errors import BadAction, IllegalAction
from cases.lifecycle import Details, names_of
from cases.model import Action, Actor, Case, Event, Role, Stage, Whistle

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WhistleTimes:
    """How long a whistled unit has to answer and to arrive where the call does not say."""

    answer: timedelta = timedelta(minutes=15)
    arrive: timedelta = timedelta(minutes=60)


class Late(IntEnum):
    """What of a whistle is later than asked for, the gravest first said last."""

    NOTHING = 0
    ANSWER = 1
    ARRIVAL = 2


LATE_WORDS: Mapping[Late, str] = {Late.ANSWER: "应哨超时", Late.ARRIVAL: "到场超时"}


def call(
    after: Case,
    details: Details,
    actor: Actor,
    now: datetime,
    so_far: Sequence[Whistle],
    times: WhistleTimes = WhistleTimes(),
) -> list[Whistle]:
    """One whistle a unit. `answer_by` and `arrive_by` are minutes from now or instants with a zone.

    Raises BadAction for times that cannot be, and for a unit that is called already and not there yet.
    """
    answer_by = _instant(details.get("answer_by"), now, times.answer, "answer_by")
    arrive_by = _instant(details.get("arrive_by"), now, max(times.arrive, answer_by - now), "arrive_by")
    if arrive_by < answer_by:
        raise BadAction("到场时限不能早于应哨时限", "arrive_by")
    waiting = {whistle.unit for whistle in so_far if whistle.arrived_at is None}
    units = names_of(details["units"])
    twice = [unit for unit in units if unit in waiting]
    if twice or not units:
        raise BadAction(f"{'、'.join(twice)}已被吹哨，尚未到场" if twice else "吹哨需要指明单位", "units")
    why = str(details.get("reason") or "")
    return [Whistle(after.no, after.version, unit, actor.name, now, answer_by, arrive_by, why) for unit in units]


def answer(whistles: Sequence[Whistle], unit: str, text: str, actor: Actor, now: datetime) -> Whistle:
    """The unit's oldest unanswered whistle, answered; IllegalAction where there is none."""
    for whistle in whistles:
        if whistle.unit == unit and whistle.answered_at is None:
            return replace(whistle, answered_at=now, answered_by=actor.name, answer=text)
    raise IllegalAction(f"没有等待{unit}应哨的吹哨", "action")


def arrive(whistles: Sequence[Whistle], unit: str, actor: Actor, now: datetime) -> Whistle:
    """The unit's oldest open whistle, arrived at; who comes without a word has answered by coming."""
    for whistle in whistles:
        if whistle.unit == unit and whistle.arrived_at is None:
            answered = {} if whistle.answered_at else {"answered_at": now, "answered_by": actor.name}
            return replace(whistle, arrived_at=now, arrived_by=actor.name, **answered)  # type: ignore[arg-type]
    raise IllegalAction(f"没有等待{unit or '任何单位'}到场的吹哨", "action")


def awaited(case: Case, whistles: Sequence[Whistle], action: Action, actor: Actor) -> tuple[str, ...]:
    """The units whose answer (应哨) or arrival (到场) is still awaited, as far as the actor may speak for them.

    A unit speaks for itself, the seat for each it heard from. On a dispatched case the unit that has it is awaited too.
    """
    if action is Action.ANSWER:
        units = [whistle.unit for whistle in whistles if whistle.answered_at is None]
    else:
        own = case.stage is Stage.DISPATCHED and case.arrived_at is None and case.unit is not None
        units = [str(case.unit)] if own else []
        units += [whistle.unit for whistle in whistles if whistle.arrived_at is None]
    mine = (unit for unit in units if actor.role is not Role.UNIT or unit == actor.unit)
    return tuple(dict.fromkeys(mine))


def is_late(whistle: Whistle, now: datetime) -> bool:
    """Whether an answer or an arrival was, or is, later than asked for."""
    return (whistle.answered_at or now) > whistle.answer_by or (whistle.arrived_at or now) > whistle.arrive_by


def lateness(whistle: Whistle, now: datetime) -> Late:
    """What still does not come although its time is over; nothing once somebody is there."""
    if whistle.arrived_at is not None:
        return Late.NOTHING
    if now > whistle.arrive_by:
        return Late.ARRIVAL
    return Late.ANSWER if whistle.answered_at is None and now > whistle.answer_by else Late.NOTHING


def told_late(whistle: Whistle, case: Case, now: datetime) -> tuple[Whistle, Case, Event] | None:
    """The whistle, the case and the event that say what became late; None when there is nothing new to say."""
    late = lateness(whistle, now)
    if late <= whistle.told_late:
        return None
    after = replace(case, version=case.version + 1, updated_at=now)
    due_at = whistle.answer_by if late is Late.ANSWER else whistle.arrive_by
    about = {"whistle": whistle.unit, "late": late.name.lower(), "due_at": due_at.isoformat()}
    event = Event(0, case.no, after.version, now, "system", Role.SYSTEM, Action.CLOCK, LATE_WORDS[late], about=about)
    return replace(whistle, told_late=int(late)), after, event


def _instant(said: object, now: datetime, usual: timedelta, field: str) -> datetime:
    if said in (None, ""):
        return now + usual
    at = _read(said, now)
    if at is None or not now < at <= now + LONGEST:
        raise BadAction("时限须是从现在起的分钟数，或 30 天以内带时区的时间", field)
    return at


def _read(said: object, now: datetime) -> datetime | None:
    if isinstance(said, int | float) and not isinstance(said, bool):
        return now + timedelta(minutes=min(max(said, 0), 1e6))
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else None
