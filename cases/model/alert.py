"""A call for a person to act now, and who answered it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases.model.arrivals import AlertLevel, Place
from cases.model.ids import AlertNo, CaseNo
from cases.model.quick import quick


class AlertState(StrEnum):
    """Whether a person has seen an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    RAISED = "raised"  # became a case
    WITHDRAWN = "withdrawn"  # taken back by who sent it, replaced, or past its time


@quick
@dataclass(frozen=True, slots=True)
class Alert:
    """A call for attention and who answered it."""

    no: AlertNo
    version: int
    level: AlertLevel
    state: AlertState
    origin: str
    kind: str
    text: str
    place: Place
    at: datetime
    received_at: datetime
    source: str
    by: str | None = None
    acted_at: datetime | None = None
    shelved_until: datetime | None = None
    why: str = ""
    case: CaseNo | None = None
    exercise: bool = False
    risen: int = 0  # how many levels it was told while nobody answered (cases.alerts.Level)
    risen_at: datetime | None = None
    told: tuple[str, ...] = ()  # the accounts it was last told to
    rule: str = ""  # the id of the rule of ours that raised it (cases.rule_book); empty: it came from outside
    cleared_at: datetime | None = None  # when what raised it was over; it stays until somebody answers
    expires_at: datetime | None = None  # until when who sent it says that it holds
    replaces: tuple[AlertNo, ...] = ()  # the alerts in whose place it came
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()  # rings of (lon, lat), WGS-84: the area it was told for

    @property
    def is_wide(self) -> bool:
        """Whether it holds in an area, of which its point is only a mark: nobody is near to that, or far from it."""
        return self.origin == "cap" and self.place.accuracy_m is not None
