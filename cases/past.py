"""The room as it was at an instant of the past, and what in it is worth going to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cases.model import Alert, Case, Event, Fix, Scope
from cases.ports import Figures


class Landmark(StrEnum):
    """What a person goes to next in the past."""

    RED = "red"  # a red alert was received
    OVERDUE = "overdue"  # a case became overdue
    CASE = "case"  # a case was filed


@dataclass(frozen=True, slots=True)
class RoomThen:
    """What the record said at `at` (UTC), each part in the order in which the live screens get it."""

    at: datetime
    board: Sequence[Case]
    figures: Figures
    alerts: Sequence[Alert]
    recent: Sequence[tuple[Event, Case]]
    ticks: Sequence[tuple[datetime, int]]


class Past(Protocol):
    """The kept past, from events and kept fixes, never from what the rows say today. Blocking.

    Every method raises StoreUnavailable when the database does not answer.
    """

    def room(self, scope: Scope, at: datetime, since: datetime, most_alerts: int) -> RoomThen:
        """The room at an instant that has passed; `since` begins the ticks.

        Raises TooLongAgo where too much happened since, or where old events do not say what was before.
        """

    def fixes(self, scope: Scope, at: datetime) -> list[Fix]:
        """Where each worker of the scope was last known to be at an instant, by worker id."""

    def next(self, scope: Scope, after: datetime, landmark: Landmark) -> datetime | None:
        """When the next one of a kind came after an instant; None when there is none yet."""

    def begins(self) -> datetime | None:
        """The first instant on record; None while there is none."""
