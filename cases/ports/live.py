"""What reaches a room from outside and what it hears while it lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cases.model import Fix
from cases.ports.record import Change


@dataclass(frozen=True, slots=True)
class RoleHealth:
    """How one process does: `state` is ok, late or down; `age_s` since its last sign of life; `note` in words."""

    age_s: float | None
    state: str
    note: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FixesMoved:
    """Workers that moved or changed status since the last frame; the newest fix of each."""

    fixes: Sequence[Fix]


LiveNews = FixesMoved | Change


class LiveFeed(Protocol):
    """The live picture and the bells, as the web process hears them; survives Redis going away and coming back."""

    async def snapshot(self) -> Sequence[Fix]:
        """The newest fix of every worker now; from SQL's last fixes where Redis has none."""

    def news(self) -> AsyncIterator[LiveNews]:
        """Everything new from now on. Bells may be lost: whoever listens also reads the event cursor."""

    async def health(self) -> Mapping[str, RoleHealth]:
        """redis, gateway, intake, web, replay (where there is one)."""


class Intake(Protocol):
    """The same door as the gateway's, for HTTP: a raw body in, a status and an answer out."""

    async def take(self, body: bytes, authorization: str, content: bytes = b"") -> tuple[int, Mapping[str, object]]:
        """Check the device key, decode, commit in this process, answer as protocol.md §1 says.

        `content` tells a repeat from another message where the body holds what its sender did not say.
        """


@dataclass(frozen=True, slots=True)
class CategorySuggestion:
    """A category that a text may belong to: how sure (0–1), and the words of the text that spoke for it."""

    category: str
    confidence: float
    because: tuple[str, ...]

    def may_stand_alone(self, least_confidence: float) -> bool:
        """Whether it may be applied before a person has looked at it; with a setting above 1 it never may."""
        return self.confidence >= least_confidence


class Classifier(Protocol):
    """Suggests what kind of matter a text is about; a person decides."""

    def suggest(self, text: str, limit: int = 3) -> Sequence[CategorySuggestion]:
        """The likeliest categories, best first; empty for a text that says nothing. Quick enough for every key."""
