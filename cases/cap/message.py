"""A CAP 1.2 message as plain values, by the words of the specification (OASIS CAP-v1.2, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPE = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPE = ("Public", "Restricted", "Private")
CATEGORY = (
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
)
RESPONSE = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCY = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITY = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTY = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

Point = tuple[float, float]  # (lon, lat), WGS-84 degrees; on the wire CAP writes lat,lon


class CapProblem(Exception):
    """Why a message is not taken: a code of the intake protocol, one Chinese sentence, and the element it is about."""

    def __init__(self, code: str, msg: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code, self.msg, self.field = code, msg, field


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc around a point; a radius of 0 is the point itself."""

    centre: Point
    radius_km: float


@dataclass(frozen=True, slots=True)
class CapArea:
    """Where a warning holds: in words, as shapes, by codes of (valueName, value)."""

    words: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CapInfo:
    """What a warning says in one language."""

    event: str
    categories: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    language: str = "en-US"  # the specification's own default
    responses: tuple[str, ...] = ()
    onset: datetime | None = None
    effective: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message: its sender, its identifier, when it was sent as written there."""

    sender: str
    identifier: str
    sent: str


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One message."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str = "Public"
    source: str = ""
    restriction: str = ""
    addresses: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: str = ""
    infos: tuple[CapInfo, ...] = ()


ENUMS: Mapping[str, tuple[str, ...]] = {
    "status": STATUS,
    "msgType": MSG_TYPE,
    "scope": SCOPE,
    "category": CATEGORY,
    "responseType": RESPONSE,
    "urgency": URGENCY,
    "severity": SEVERITY,
    "certainty": CERTAINTY,
}
"""The values that an element may have, where the specification lists them."""
