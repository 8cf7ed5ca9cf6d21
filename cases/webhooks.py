"""Telling other systems what happened (webhooks): which events, in what words, how signed, how often tried.

A notice never carries a person, a free text or a place finer than a grid: whoever may know more asks the address in
`link` with an account of its own. Signed as Standard Webhooks 1.0 has it, so that its libraries check us.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from fnmatch import fnmatchcase
from typing import Protocol

from cases.alerts import AlertAction, AlertEvent
from cases.model import Action, Alert, Case, Event

MOST_SUBSCRIPTIONS = 50
MOST_TRIES = 12  # about an hour and a quarter of them
REFUSED_TRIES = 3  # of what the receiver says it will never take
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
LONGEST_ASKED = timedelta(hours=6)  # a receiver may ask us to wait, by Retry-After, not to forget it
GONE = 410
NEW_ALERT = "alert.new"
TYPES = (*(f"case.{each.value}" for each in Action), NEW_ALERT, *(f"alert.{each.value}" for each in AlertAction))
TOLD_OF_A_CASE = frozenset(
    {"stage", "state", "standing", "severity", "difficulty", "loop", "risk", "category", "unit"}
) | {
    *("due_at", "merged_into", "parent", "outcome", "reopened"),
}
"""What of a case's changes leaves the room."""
TOLD_OF_AN_ALERT = frozenset({"state", "level", "risen", "case", "cleared_at", "shelved_until"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told what. `case_seq` and `alert_seq` are the last events delivered; `edition` counts people's changes."""

    name: str
    url: str
    events: tuple[str, ...]
    area: str
    salt: str
    made_at: datetime
    paused: bool = False
    case_seq: int = 0
    alert_seq: int = 0
    tries: int = 0  # of the event that waits at the head
    next_at: datetime | None = None
    delivered: int = 0
    last_at: datetime | None = None
    last_error: str = ""
    edition: int = 0
    old_salt: str = ""  # of the secret before this one, which signs as well until `old_until`
    old_until: datetime | None = None

    def salts(self, now: datetime) -> tuple[str, ...]:
        """What its secrets are made with that sign now, the present one first."""
        is_both = self.old_until is not None and now < self.old_until
        return (self.salt, self.old_salt) if is_both else (self.salt,)

    def wants(self, kind: str, grids: Sequence[str]) -> bool:
        """Whether an event of this kind, in these grids, is told here."""
        return (not self.area or self.area in grids) and any(fnmatchcase(kind, each) for each in self.events)


@dataclass(frozen=True, slots=True)
class Notice:
    """One event as a receiver gets it; `stream` is case or alert, `seq` counts within it."""

    stream: str
    seq: int
    kind: str
    at: datetime
    told: Mapping[str, object]

    def body(self, subscription: str) -> bytes:
        """The JSON; its `id` is the same at every try, so that a receiver knows a repeat."""
        head = {"id": f"{subscription}-{self.stream}-{self.seq}", "type": self.kind, "at": _written(self.at)}
        head["timestamp"] = head["at"]  # the name that Standard Webhooks has for it
        return json.dumps(head | {"seq": self.seq} | dict(self.told), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Passed:
    """One event in its order; `notice` is None for one that this subscription is not told of."""

    stream: str
    seq: int
    at: datetime
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice that no try could deliver; what it says is read from the record again."""

    stream: str
    seq: int
    tries: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """How a subscription does: events that wait behind its cursor, and dead letters."""

    subscription: Subscription
    behind: int
    dead: int


class Webhooks(Protocol):
    """The subscriptions, as a page reads them. Blocking."""

    def states(self) -> Sequence[SubscriptionState]:
        """Every subscription by name, and how it does."""


def unknown_events(events: Sequence[str]) -> list[str]:
    """The patterns that no kind of event matches."""
    return [each for each in events if not any(fnmatchcase(kind, each) for kind in TYPES)]


def of_case(event: Event, case: Case, public_url: str) -> Notice:
    """What is told of one event of a case; the case is as it stands when told, `version` is the event's."""
    about = {
        "case": case.no,
        "version": case.version,
        "stage": case.stage,
        "state": case.state,
        "standing": case.standing,
        "severity": case.severity,
        "category": case.category,
        "channel": case.channel,
        "grids": case.grids,
        "unit": case.unit,
        "reported_at": case.reported_at,
        "due_at": case.due_at,
    }
    told = {
        "version": event.version,
        "exercise": case.exercise,
        "case": about,
        "changes": _told(event.changes, TOLD_OF_A_CASE),
    }
    told["link"] = f"{public_url}/api/v1/cases/{case.no}"
    return Notice("case", event.seq, f"case.{event.action.value}", event.at, _plain(told))


def of_alert(seq: int, alert: Alert, step: AlertEvent | None, grids: Sequence[str], public_url: str) -> Notice:
    """What is told of an alert that came (`step` is None) or moved; `grids` are all in which it is seen."""
    about = {
        "alert": alert.no,
        "version": alert.version,
        "level": alert.level,
        "state": alert.state,
        "kind": alert.kind,
        "source": alert.origin,
        "grids": sorted(grids),
        "replaces": alert.replaces,
        "expires_at": alert.expires_at,
        "case": alert.case,
    }
    changes = _told(step.changes, TOLD_OF_AN_ALERT) if step else {}
    told = {"version": step.version if step else 1, "exercise": alert.exercise, "alert": about, "changes": changes}
    told["link"] = f"{public_url}/api/v1/alerts/{alert.no}"
    kind = f"alert.{step.action.value}" if step else NEW_ALERT
    return Notice("alert", seq, kind, step.at if step else alert.received_at, _plain(told))


def _told(changes: Mapping[str, object], names: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in changes.items() if name in names}


def _plain(told: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in told.items()}


def _value(value: object) -> object:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, datetime):
        return _written(value)
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# signing --------------------------------------------------------------------------------------------------------


def secret_of(key: bytes, name: str, salt: str) -> str:
    """A subscription's secret, made anew from the room's own key whenever it is needed: none stands in the database."""
    made = hmac.new(key, f"{name}:{salt}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()


def secrets_of(key: bytes, subscription: Subscription, now: datetime) -> list[str]:
    """The secrets that sign for a subscription now, the present one first."""
    return [secret_of(key, subscription.name, salt) for salt in subscription.salts(now)]


def headers_of(secrets: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """webhook-id, -timestamp and -signature: HMAC-SHA256 over `id.timestamp.body` by each decoded secret, as a list.

    Two while a secret is changed, so that a receiver may take the new one over at any moment of the time given.
    """
    stamp = str(int(at.timestamp()))
    signed = f"{id}.{stamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(each, signed)}" for each in secrets)
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


# trying again ---------------------------------------------------------------------------------------------------


def wait_after(tries: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many failures in a row: doubling, at most 15 min, of which 50 to 100 % by `chance`.

    Not shorter than the receiver `asked` for (Retry-After), of which six hours are granted.
    """
    doubled: int = 2 ** min(tries - 1, 20)
    whole = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return max(whole * (0.5 + 0.5 * chance), min(asked or timedelta(0), LONGEST_ASKED))


def is_hopeless(tries: int, status: int) -> bool:
    """Whether a notice is given up: after all tries, or soon where the receiver says that it will never take it.

    408 (too slow), 425 (too early) and 429 (too many) are "not now".
    """
    never = 400 <= status < 500 and status not in (408, 425, 429)
    return tries >= (REFUSED_TRIES if never else MOST_TRIES)
