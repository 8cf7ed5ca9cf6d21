"""Which cases changed: by the bells that rang, and by the record's event cursor for those that were lost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from cases.model import EVERYWHERE, CaseNo
from cases.ports import Change, Views
from dashboard.offloop import off_loop

log = logging.getLogger("room.live")

MOST_SILENT = 50  # more cases than this without a bell are a bulk load: nobody has them all open


@dataclass(frozen=True, slots=True)
class Touch:
    """A case that changed: its grids, and its version where it is worth a hint."""

    case: str
    grids: tuple[str, ...]
    version: int | None


class Touched:
    """Bells heard and not yet told, and how far the record's events have been read."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._versions: dict[str, int] = {}
        self._cursor = 2**62  # beyond every event: the first answer is where to begin

    def ring(self, bell: Change) -> None:
        """Remember a bell until it is told."""
        if bell.kind == "case":
            self._versions[bell.number] = max(bell.version, self._versions.get(bell.number, 0))

    async def since_last(self) -> Sequence[Touch]:
        """What changed since the last call; nothing while the record cannot be read, and all of it afterwards."""
        versions, self._versions = self._versions, {}
        try:
            return await off_loop(self._read, versions)
        except Exception as problem:
            self._versions = versions | self._versions
            log.warning("the event cursor cannot be read: %s", type(problem).__name__)
            return ()

    def _read(self, versions: dict[str, int]) -> Sequence[Touch]:
        cursor, touched = self._views.changed_since(self._cursor)
        silent = [number for number, _ in touched if number not in versions]
        if len(silent) <= MOST_SILENT:
            versions = versions | self._versions_of(silent)
        self._cursor = cursor
        return [Touch(number, grids, versions.get(number)) for number, grids in touched]

    def _versions_of(self, numbers: Sequence[CaseNo]) -> dict[str, int]:
        """The present versions of cases whose bell was lost."""
        found = (self._views.case(number, EVERYWHERE) for number in numbers)
        return {case.no: case.version for case in found if case is not None}
