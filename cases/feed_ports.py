"""What is asked of the feeds: refusals and dead letters by an administrator, its own reports by a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cases.model import Case, Receipt, State


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


@dataclass(frozen=True, slots=True)
class SentBy:
    """Which cases of one source (a device's id); every field narrows, None does not. `most` bounds the answer.

    `ended`: only those that are over for who sent them (`over_for_source`), or only the others.
    """

    source: str
    numbers: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    ended: bool | None = None
    most: int = 1000


OVER = frozenset({State.VOID, State.MERGED})


def over_for_source(case: Case) -> bool:
    """Whether a case is over for who sent it: closed, refused, void, or gone into another."""
    return case.closed_at is not None or case.state in OVER or case.outcome == "refused"


class Warnings(Protocol):
    """The door for warnings of other systems (CAP): a raw document in, a status and an answer out."""

    async def take(self, body: bytes, authorization: str) -> tuple[int, Mapping[str, object]]:
        """Check the device key, read, commit in this process."""


class Sources(Protocol):
    """What a source sent, for that source alone: its device is the scope of every question. Blocking."""

    def cases(self, sent: SentBy) -> Sequence[Case]:
        """The cases asked for, newest first."""

    def receipt(self, source: str, ids: Sequence[str]) -> Receipt | None:
        """The newest receipt that a source holds for one of these ids; None when it holds none."""
