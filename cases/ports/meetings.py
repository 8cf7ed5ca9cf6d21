"""What meetings, supervision and assessment need of storage; bootstrap fills it with the real thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from cases.agenda import Matters
from cases.assessment import Objection, Ruling
from cases.decisions import Decision
from cases.meetings import Meeting
from cases.model import Case, CaseNo, Event, Scope
from cases.supervision import LookBack, Rectification, Supervision


class MeetingTransaction(Protocol):
    """One write transaction; leaving its context commits, an exception undoes all of it."""

    def next(self, counter: str, count: int) -> int:
        """Take `count` consecutive numbers of a counter; the first of them (counters begin at 1)."""

    def case(self, no: CaseNo, scope: Scope) -> Case | None:
        """One case as it stands, held against other writers; None when absent or outside the scope."""

    def save_case(self, case: Case) -> None:
        """Write a case that was read in this transaction."""

    def add_events(self, events: Sequence[Event]) -> None:
        """Append events, already numbered."""

    def meeting(self, no: str) -> Meeting | None:
        """One meeting."""

    def open_meeting(self, area: str) -> Meeting | None:
        """The newest meeting of an area that is being held."""

    def save_meeting(self, meeting: Meeting) -> None:
        """Enter a meeting or write it; one that is closed is never written again."""

    def decision(self, no: str) -> Decision | None:
        """One decision."""

    def save_decision(self, decision: Decision) -> None:
        """Enter a decision or write it."""

    def supervision(self, no: str) -> Supervision | None:
        """One supervision."""

    def save_supervision(self, one: Supervision) -> None:
        """Enter a supervision or write it."""

    def rectification(self, no: str) -> Rectification | None:
        """One entry of the ledger."""

    def save_rectification(self, one: Rectification) -> None:
        """Enter a problem into the ledger or write it."""

    def add_look_back(self, one: LookBack) -> None:
        """Keep a drawing; it is never changed."""

    def add_ruling(self, area: str, ruling: Ruling) -> None:
        """Keep a person's word on a proposal of an area; it is given once."""

    def save_objection(self, area: str, objection: Objection) -> None:
        """Enter an objection, or write what was ruled on it."""


class Meetings(Protocol):
    """Meetings, their decisions, supervision and rulings. Blocking; StoreUnavailable as everywhere."""

    def transaction(self) -> AbstractContextManager[MeetingTransaction]:
        """Begin a write transaction."""

    def open_meeting(self, area: str) -> Meeting | None:
        """The newest meeting of an area that is being held."""

    def meeting(self, no: str, area: str) -> Meeting | None:
        """One meeting of an area; None when absent or another area's."""

    def past(self, area: str, limit: int = 20) -> list[Meeting]:
        """Meetings of an area that are over, newest first."""

    def matters(self, codes: Sequence[str], scope: Scope, now: datetime) -> Mapping[str, Matters]:
        """What is to be spoken of in each of these grids."""

    def decisions(self, scope: Scope, *, meeting: str | None = None, limit: int = 500) -> list[Decision]:
        """Decisions of a scope (its own meetings', and those about or for its grid), newest first."""

    def decisions_for(self, unit: str | None, grid: str) -> list[Decision]:
        """Unverified decisions that a unit, or a grid's seat, answers for; the most urgent first."""

    def supervisions(self, scope: Scope, limit: int = 200, *, unit: str | None = None) -> list[Supervision]:
        """Matters under supervision, the open ones first, newest first; `unit`: those that a unit is meant by."""

    def supervision(self, no: str) -> Supervision | None:
        """One supervision, of whatever area: the caller looks whom it concerns."""

    def rectification(self, no: str) -> Rectification | None:
        """One entry of the ledger, of whatever area: the caller looks whom it concerns."""

    def rectifications(self, scope: Scope, limit: int = 500, *, unit: str | None = None) -> list[Rectification]:
        """The ledger, newest first; `unit`: the entries that a unit is meant by."""

    def look_backs(self, scope: Scope) -> list[LookBack]:
        """All drawings, newest first."""

    def rulings(self, area: str) -> list[Ruling]:
        """What persons ruled on an area's proposals, oldest first."""

    def objections(self, area: str, month: str = "") -> list[Objection]:
        """The objections to a month's cases (all months for ""), oldest first."""
