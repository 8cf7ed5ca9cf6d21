"""What an administrator sees of the feeds, and may do about them: refusals of the day, dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often one device was refused with one code; an empty `device` was refused before its key was right."""

    device: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that no try could commit: who sent it and under which id, nothing that a person wrote."""

    id: str
    about: str
    why: str


class Feeds(Protocol):
    """The feeds' own book, which Redis keeps. Blocking; raises StoreUnavailable while it cannot be read."""

    def refusals(self, now: datetime) -> Sequence[RefusalCount]:
        """Today's, most frequent first."""

    def dead(self) -> Sequence[DeadLetter]:
        """All dead letters, oldest first."""

    def file_again(self) -> tuple[int, int]:
        """File every dead letter again: how many are committed now, how many stay."""
