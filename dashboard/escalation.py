"""Alerts nobody answers rise: after 2 min to the commander, 3 more to the next level; doubles are grouped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from cases.model import Alert, AlertState


class Level(IntEnum):
    """Whose business an unanswered alert is by now."""

    SEAT = 0
    COMMANDER = 1
    ABOVE = 2


LEVEL_WORDS = {Level.SEAT: "", Level.COMMANDER: "已报指挥长", Level.ABOVE: "已报上一级"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an alert may wait: for the seat, then for the commander; and how near doubles of one source lie."""

    seat: timedelta = timedelta(minutes=2)
    commander: timedelta = timedelta(minutes=3)
    same: timedelta = timedelta(minutes=10)


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one source and kind that came close together, newest last; the first stands for all."""

    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The oldest: since then the matter waits."""
        return self.alerts[0]


def is_waiting(alert: Alert, now: datetime) -> bool:
    """Whether a person still has to answer; shelving that has run out makes it wait again."""
    if alert.state is AlertState.SHELVED:
        return alert.shelved_until is not None and alert.shelved_until <= now
    return alert.state is AlertState.NEW


def level_of(alert: Alert, now: datetime, patience: Patience = PATIENCE) -> Level:
    """Whose business the alert is at `now`: it waits since it was received, or since its shelving ran out."""
    if not is_waiting(alert, now):
        return Level.SEAT
    since = alert.shelved_until if alert.state is AlertState.SHELVED else alert.received_at
    waited = now - (since or alert.received_at)
    if waited < patience.seat:
        return Level.SEAT
    return Level.COMMANDER if waited < patience.seat + patience.commander else Level.ABOVE


def grouped(alerts: Sequence[Alert], now: datetime, patience: Patience = PATIENCE) -> list[Group]:
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
