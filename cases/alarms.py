"""Alarms: which alerts call out to the seat and when, and how many of them fit before its eyes at once.

An alert is a row; an alarm is a card and a sound that pull a person away from his work. Of those a seat can take ten
in ten minutes (ISA-18.2, screens.md §3.4): one matter calls once, and in a flood several matters call together.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cases.alerts import Group, Patience
from cases.model import Alert, AlertLevel, AlertNo, AlertState

WINDOW = timedelta(minutes=10)
MOST_CALLS = 10  # in any WINDOW
ALONE = {AlertLevel.RED: 6, AlertLevel.ORANGE: 4}  # calls in a WINDOW after which a matter of this level joins others
PAUSE = timedelta(seconds=150)  # between two calls for many: four in a WINDOW, so that 6 + 4 is the most

WEIGHT = {AlertLevel.RED: 0, AlertLevel.ORANGE: 1, AlertLevel.YELLOW: 2, AlertLevel.BLUE: 3}


class Why(StrEnum):
    """Why it calls out: a matter came (or came back from its shelf), it rose a level, or many came at once."""

    CAME = "came"
    ROSE = "rose"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class Call:
    """One sounding before the seat: when, how grave the gravest of its alerts is, why, and which alerts."""

    at: datetime
    level: AlertLevel
    why: Why
    alerts: tuple[AlertNo, ...]

    @property
    def id(self) -> str:
        """The same for every screen, so that each sounds it once."""
        return f"{self.at.timestamp():.3f}-{self.why}-{self.alerts[0]}"


def calls(alerts: Sequence[Alert], patience: Patience, now: datetime) -> list[Call]:
    """What sounded until `now`, oldest first; made from the alerts alone, so every screen of a seat says the same.

    Red and orange matters call; whatever rose a level calls; yellow and blue only stand in the list. In any ten
    minutes there are at most ten calls: what comes in a flood waits for a call for many, at most PAUSE.
    """
    given: list[Call] = []
    held: list[Call] = []
    for wish in _wishes(alerts, patience, now):
        _let_go(given, held, wish.at)
        if held or not _may_call_alone(wish, given):
            held.append(wish)
            _let_go(given, held, wish.at)
        else:
            given.append(wish)
    _let_go(given, held, now)
    return given


def _may_call_alone(wish: Call, given: Sequence[Call]) -> bool:
    recent = [each for each in given if wish.at - each.at < WINDOW]
    return len(recent) < ALONE.get(wish.level, ALONE[AlertLevel.ORANGE])


def _next_flood(given: Sequence[Call], held: Sequence[Call]) -> datetime:
    floods = [each.at for each in given if each.why is Why.FLOOD]
    return max(held[0].at, floods[-1] + PAUSE) if floods else held[0].at


def _let_go(given: list[Call], held: list[Call], now: datetime) -> None:
    """Sound what is held back as one call, when the pause is over."""
    if not held or (at := _next_flood(given, held)) > now:
        return
    ripe = [each for each in held if each.at <= at]
    gravest = min((each.level for each in ripe), key=WEIGHT.__getitem__)
    given.append(Call(at, gravest, Why.FLOOD, tuple(no for each in ripe for no in each.alerts)))
    del held[: len(ripe)]
    _let_go(given, held, now)


def _wishes(alerts: Sequence[Alert], patience: Patience, now: datetime) -> list[Call]:
    """Every call that would be made until `now` if a seat had no limit, oldest first."""
    wishes = [wish for matter in matters(alerts, patience) for wish in _of_matter(matter) if wish.at <= now]
    return sorted(wishes, key=lambda wish: (wish.at, WEIGHT[wish.level], wish.alerts))


def _of_matter(matter: Sequence[Alert]) -> Iterable[Call]:
    """When it came; when it came back from its shelf; when it rose, once a level however many alerts it has."""
    first = matter[0]
    if first.level in ALONE:
        yield Call(first.received_at, first.level, Why.CAME, (first.no,))
        if first.shelved_until is not None and first.state is not AlertState.SHELVED:
            yield Call(first.shelved_until, first.level, Why.CAME, (first.no,))
    rises = {each.risen: (each.risen_at, each.no) for each in reversed(matter) if each.risen_at is not None}
    yield from (Call(at, first.level, Why.ROSE, (no,)) for at, no in rises.values())


def matters(alerts: Sequence[Alert], patience: Patience) -> list[list[Alert]]:
    """Alerts of one source, kind, level and place, each within `same` of the one before, answered or not.

    Unlike `alerts.grouped` it does not ask who answered: an answer must not make an old matter call anew.
    """
    last: dict[object, list[Alert]] = {}
    found: list[list[Alert]] = []
    for alert in sorted(alerts, key=lambda each: (each.received_at, each.no)):
        key = (alert.source, alert.kind, alert.level, alert.exercise, alert.place.grids[-1:])
        home = last.get(key)
        if home is not None and alert.received_at - home[-1].received_at <= patience.same:
            home.append(alert)
        else:
            last[key] = [alert]
            found.append(last[key])
    return found


# what stands before the seat ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tile:
    """Unanswered alerts that share one place on the screen; the first is the oldest."""

    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The oldest: since then the tile waits."""
        return self.alerts[0]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds in it, most frequent first."""
        counts: dict[str, int] = {}
        for alert in self.alerts:
            counts[alert.kind] = counts.get(alert.kind, 0) + 1
        return tuple(sorted(counts, key=lambda kind: (-counts[kind], kind)))


def tiles(groups: Sequence[Group], most: int) -> list[Tile]:
    """Every alert of the groups in at most `most` tiles, oldest first; what does not fit alone is put with its like.

    First one tile a group, then one for a kind in an outermost grid, then one an outermost grid, then one for all:
    tiles grow, none is left out.
    """
    every = [alert for group in groups for alert in group.alerts]
    ways: tuple[Callable[[Alert], Hashable], ...] = (
        lambda alert: (alert.kind, alert.exercise, alert.place.grids[:1]),
        lambda alert: (alert.exercise, alert.place.grids[:1]),
        lambda alert: alert.exercise,
    )
    found = [Tile(group.alerts) for group in groups]
    for way in ways:
        if len(found) <= most:
            break
        found = _together(every, way)
    return sorted(found, key=lambda tile: (tile.first.received_at, tile.first.no))


def _together(alerts: Sequence[Alert], way: Callable[[Alert], Hashable]) -> list[Tile]:
    heaps: dict[Hashable, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda each: (each.received_at, each.no)):
        heaps.setdefault(way(alert), []).append(alert)
    return [Tile(tuple(heap)) for heap in heaps.values()]
