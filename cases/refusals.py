"""不予受理须告知: what the reporter of a refused case is told, and what the refusal rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cases.model import Action, Case, Event
from cases.schemes import SCHEMES


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: when, by whom, why in words, what the reporter is told besides, what it rests on ("" unknown).

    `why` is the listed reason's own words: what an officer wrote besides is for the file, not for the letter.
    """

    at: datetime
    by: str
    why: str
    notice: str
    basis: str


def refusal_of(case: Case, events: Iterable[Event]) -> Refusal | None:
    """The refusal that stands; None where the case was never refused, or that was undone or the case reopened."""
    if case.outcome != "refused":
        return None
    refused = [event for event in events if event.action is Action.REFUSE]
    if not refused:
        return None
    last = refused[-1]
    reasons = SCHEMES[case.scheme].reasons.get(Action.REFUSE)
    code = str(last.about.get("reason") or "")
    row = next((row for row in reasons.rows if row.code == code), None) if reasons else None
    notice = str(last.about.get("notice") or (row.notice if row else ""))
    return Refusal(last.at, last.by, row.words if row else last.why, notice, row.basis if row else "")
