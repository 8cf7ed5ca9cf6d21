"""Instants as the database keeps them: whole microseconds since 1970, UTC, the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def micros(at: datetime) -> int: ...
@overload
def micros(at: None) -> None: ...
def micros(at: datetime | None) -> int | None:
    """Microseconds since 1970 of an aware instant; TypeError for a naive one, None for None."""
    if at is None:
        return None
    gone = at - EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


@overload
def instant(kept: int) -> datetime: ...
@overload
def instant(kept: None) -> None: ...
def instant(kept: int | None) -> datetime | None:
    """The aware UTC instant of kept microseconds, None for None."""
    return None if kept is None else EPOCH + timedelta(microseconds=kept)
