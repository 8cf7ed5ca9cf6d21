"""What an alert rule does with what it sees: rings once it has lasted, clears once it is over, then rests.

Nothing here knows a kind of rule, a store or a clock. A `Signal` says since when something is so, reckoned anew from
the facts each time: late or unordered facts, and a restart, change nothing. Only what rings or rests is kept (`Watch`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cases.model import AlertNo, Place


class See(StrEnum):
    """What is seen of a subject: it is so, it is over, or neither can be said (hysteresis, silence, gaps)."""

    ON = "on"
    OFF = "off"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Signal:
    """What is seen of one subject of a rule, and since when without a break; `text` says it in words."""

    subject: str
    see: See
    since: datetime
    text: str = ""
    place: Place = Place()
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """How long it must last to ring and to clear, how long the subject then rests, when it is too old to ring."""

    lasting: timedelta = timedelta(0)
    clear_after: timedelta = timedelta(0)
    cooldown: timedelta = timedelta(0)
    stale: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """A subject that a rule rings for (`cleared_at` is None), or that rests since it cleared."""

    rule: str
    subject: str
    alert: AlertNo
    raised_at: datetime
    cleared_at: datetime | None = None

    @property
    def is_ringing(self) -> bool:
        """Whether what raised it goes on."""
        return self.cleared_at is None


class Turn(StrEnum):
    """What becomes of a watch."""

    STAY = "stay"
    RAISE = "raise"
    CLEAR = "clear"
    FORGET = "forget"  # its rest is over


def judge(timing: Timing, watch: Watch | None, signal: Signal | None, now: datetime) -> Turn:
    """What a rule does at `now` about a subject it sees so; `signal` is None for one of which nothing is seen."""
    if watch is not None and watch.is_ringing:
        is_over = signal is not None and signal.see is See.OFF and now - signal.since >= timing.clear_after
        return Turn.CLEAR if is_over else Turn.STAY
    if watch is not None and watch.cleared_at is not None and now - watch.cleared_at < timing.cooldown:
        return Turn.STAY
    if signal is not None and signal.see is See.ON and _is_ripe(timing, signal, now):
        return Turn.RAISE
    return Turn.STAY if watch is None else Turn.FORGET


def _is_ripe(timing: Timing, signal: Signal, now: datetime) -> bool:
    """It has lasted, and not so long that it is history: after an outage nobody is called to what is long past."""
    return timing.lasting <= now - signal.since <= timing.lasting + timing.stale


@dataclass(frozen=True, slots=True)
class Rang:
    """One alert that a rule would have raised, and when it would have cleared; None while it rang on."""

    rule: str
    signal: Signal
    raised_at: datetime
    cleared_at: datetime | None


def relive(rule: str, timing: Timing, seen: Sequence[tuple[datetime, Signal]], until: datetime) -> list[Rang]:
    """What a rule would have rung for one subject that was seen so, each sighting from its instant on (oldest first).

    Between two sightings the rule is asked at the very instants at which it could change its mind, so a year is told
    in as many steps as it has sightings; the room itself asks every other second and says the same.
    """
    watch: Watch | None = None
    rang: list[Rang] = []
    ends = [*(at for at, _ in seen[1:]), until][: len(seen)]
    for (begin, signal), end in zip(seen, ends, strict=True):
        at: datetime | None = begin
        while at is not None:
            watch = _turned(rule, timing, watch, signal, at, rang)
            at = min((each for each in _instants(timing, watch, signal) if at < each < end), default=None)
    return rang


def _turned(
    rule: str, timing: Timing, watch: Watch | None, signal: Signal, at: datetime, rang: list[Rang]
) -> Watch | None:
    turn = judge(timing, watch, signal, at)
    if turn is Turn.RAISE:
        rang.append(Rang(rule, signal, at, None))
        return Watch(rule, signal.subject, AlertNo(""), at)
    if turn is Turn.CLEAR and watch is not None:
        rang[-1] = replace(rang[-1], cleared_at=at)
        return replace(watch, cleared_at=at)
    return None if turn is Turn.FORGET else watch


def _instants(timing: Timing, watch: Watch | None, signal: Signal) -> list[datetime]:
    """When a rule that goes on seeing the same could turn: it has lasted, it is over, its rest is over."""
    instants = [signal.since + timing.lasting, signal.since + timing.clear_after]
    return instants + ([watch.cleared_at + timing.cooldown] if watch is not None and watch.cleared_at else [])
