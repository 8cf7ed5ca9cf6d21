"""Where every worker is now: the newest fix wins, impossible jumps are marked, the track is thinned. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.model import Fix, WorkerId, WorkerStatus
from geo.distance import metres

FASTEST_MPS = 200 / 3.6
BELIEVED_AFTER = timedelta(seconds=30)  # a jump that goes on being consistent was no jump but a move
TRACK_M, TRACK_EVERY = 30.0, timedelta(seconds=30)


@dataclass(slots=True)
class _Known:
    """What is known of one worker: the newest fix, the last one believed, since when we doubt, the last kept one."""

    newest: Fix
    believed: Fix
    doubted_at: datetime | None = None
    kept: Fix | None = None


class Whereabouts:
    """The newest fix per worker, what changed since last asked, and the track points still to be saved."""

    def __init__(self, last: Iterable[Fix] = ()) -> None:
        self._known = {fix.worker: _Known(fix, fix, kept=fix) for fix in last}
        self._statuses: dict[str, WorkerStatus] = {fix.worker: fix.status for fix in self.newest().values()}
        self._changed: dict[str, Fix] = {}
        self._track: list[Fix] = []
        self.taken = 0

    def newest(self) -> Mapping[str, Fix]:
        """Every worker's newest fix."""
        return {worker: known.newest for worker, known in self._known.items()}

    def move(self, fix: Fix) -> None:
        """Take one fix, unless a newer one is known already."""
        self.taken += 1
        status = self._statuses.get(fix.worker, WorkerStatus.AVAILABLE)
        if status is not fix.status:
            fix = replace(fix, status=status)
        known = self._known.get(fix.worker)
        if known is None:
            known = self._known[fix.worker] = _Known(fix, fix)
        elif fix.at <= known.newest.at:
            return
        else:
            fix = _judged(known, fix)
            known.newest = fix
        self._changed[fix.worker] = fix
        self._keep(known, fix)

    def say(self, worker: WorkerId, status: WorkerStatus) -> None:
        """A worker's committed word about himself shows on his last fix at once."""
        self._statuses[worker] = status
        known = self._known.get(worker)
        if known is not None and known.newest.status is not status:
            known.newest = replace(known.newest, status=status)
            self._changed[worker] = known.newest
            self._keep(known, known.newest)

    def changed(self) -> list[Fix]:
        """The newest fix of each worker that moved or changed status since the last call."""
        changed, self._changed = list(self._changed.values()), {}
        return changed

    def track(self) -> list[Fix]:
        """Track points to be saved since the last call."""
        track, self._track = self._track, []
        return track

    def _keep(self, known: _Known, fix: Fix) -> None:
        if _worth_keeping(known.kept, fix):
            known.kept = fix
            self._track.append(fix)


def _worth_keeping(kept: Fix | None, fix: Fix) -> bool:
    """30 m, 30 s or a change of status since the last kept point."""
    return (
        kept is None
        or fix.at - kept.at >= TRACK_EVERY
        or fix.status is not kept.status
        or metres(kept.lon, kept.lat, fix.lon, fix.lat) >= TRACK_M
    )


def _judged(known: _Known, fix: Fix) -> Fix:
    """The fix, marked suspect when no vehicle could have come here from where the worker was last believed to be."""
    if not _impossible(known.believed, fix):
        known.believed, known.doubted_at = fix, None
        return fix
    if known.doubted_at is None or _impossible(known.newest, fix):
        known.doubted_at = fix.at
    elif fix.at - known.doubted_at >= BELIEVED_AFTER:
        known.believed, known.doubted_at = fix, None
        return fix
    return replace(fix, suspect=True)


def _impossible(before: Fix, after: Fix) -> bool:
    seconds = max(1.0, (after.at - before.at).total_seconds())
    if abs(after.lon - before.lon) + abs(after.lat - before.lat) < 0.0004:  # under 56 m: nobody need measure
        return False
    return metres(before.lon, before.lat, after.lon, after.lat) > FASTEST_MPS * seconds
