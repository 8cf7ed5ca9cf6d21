"""Many fixes as one array a field: what a live picture of thousands moves costs per message and not per worker."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan, nan
from typing import overload

from cases.model import Fix, WorkerId, WorkerStatus

STATUSES = tuple(WorkerStatus)
_NUMBER = {status: number for number, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True, eq=False)
class FixColumns(Sequence[Fix]):
    """Fixes in columns of one length; reads as a sequence of `Fix`.

    `at` is unix seconds, `lon` and `lat` are WGS-84 degrees, `accuracy` is metres (NaN: unknown); `status` holds one
    byte a fix, the place in STATUSES, and `suspect` one byte, 0 or 1.
    """

    workers: Sequence[str]
    at: array[float]
    lon: array[float]
    lat: array[float]
    accuracy: array[float]
    status: bytes
    suspect: bytes

    def __post_init__(self) -> None:
        lengths = {len(self.workers), len(self.at), len(self.lon), len(self.lat), len(self.accuracy)}
        if lengths | {len(self.status), len(self.suspect)} != {len(self.workers)}:
            raise ValueError("columns of fixes must be of one length")
        if self.status and max(self.status) >= len(STATUSES):
            raise ValueError("a status byte names no status")

    @classmethod
    def of(cls, fixes: Iterable[Fix]) -> FixColumns:
        """The columns of these fixes; of columns, themselves."""
        if isinstance(fixes, cls):
            return fixes
        fixes = list(fixes)
        return cls(
            [fix.worker for fix in fixes],
            array("d", [fix.at.timestamp() for fix in fixes]),
            array("d", [fix.lon for fix in fixes]),
            array("d", [fix.lat for fix in fixes]),
            array("f", [nan if fix.accuracy_m is None else fix.accuracy_m for fix in fixes]),
            bytes([_NUMBER[fix.status] for fix in fixes]),
            bytes([fix.suspect for fix in fixes]),
        )

    def __len__(self) -> int:
        return len(self.workers)

    @overload
    def __getitem__(self, which: int) -> Fix: ...

    @overload
    def __getitem__(self, which: slice) -> list[Fix]: ...

    def __getitem__(self, which: int | slice) -> Fix | list[Fix]:
        if isinstance(which, slice):
            return [self[i] for i in range(*which.indices(len(self)))]
        accuracy = self.accuracy[which]
        return Fix(
            WorkerId(self.workers[which]),
            datetime.fromtimestamp(self.at[which], UTC),
            self.lon[which],
            self.lat[which],
            None if isnan(accuracy) else accuracy,
            STATUSES[self.status[which]],
            bool(self.suspect[which]),
        )
