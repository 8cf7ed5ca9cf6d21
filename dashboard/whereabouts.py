"""The positions topic of one audience: roster, snapshot and delta frames, binary for our page and JSON for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from cases.masking import masked_name
from dashboard import frames, shapes
from dashboard.fleet import Fleet, Indices
from dashboard.picture import Audience
from dashboard.screens import Screen
from dashboard.shapes import instant
from dashboard.wire import Ready


def roster_items(fleet: Fleet, area: str, reveal: bool) -> list[list[object]]:
    """`[index, worker, name, grid]` of everybody an area may see, names masked unless they may be read."""
    mine = fleet.mask(area).nonzero()[0].tolist()
    names = fleet.names if reveal else [masked_name(name) for name in fleet.names]
    return [[place, fleet.ids[place], names[place], fleet.grid[place]] for place in mine]


class Whereabouts:
    """Numbers the moves of one audience; a frame is encoded once however many screens get it."""

    def __init__(self, audience: Audience, epoch: str, fleet: Fleet, now: Callable[[], float]) -> None:
        self.seq = 0
        self._audience, self._epoch, self._fleet, self._now = audience, epoch, fleet, now
        self._snapshots: dict[bool, Ready] = {}
        self._roster: tuple[int, Ready] | None = None

    def move(self, moved: Indices, screens: Sequence[Screen]) -> None:
        """Send those of the moved places that this audience may see."""
        mine = self._fleet.among(moved, self._audience.area)
        if not len(mine):
            return
        self.seq += 1
        self._snapshots.clear()
        now = self._now()
        for binary in (True, False):
            wanting = [s for s in screens if s.watch and s.watch.binary is binary]
            if wanting:
                delta = self._binary(mine, frames.DELTA, now) if binary else self._json_delta(mine, now)
                later = self.snapshot_of(binary)
                for screen in wanting:
                    screen.offer_delta("positions", delta, later)

    def begin(self, screen: Screen, binary: bool, seen: int | None) -> None:
        """Give a screen the roster and everybody's place, unless it has seen the newest number."""
        if binary and screen.enrolled != self._fleet.generation:
            self.enrol(screen)
        if seen != self.seq:
            screen.offer("positions", self.snapshot_of(binary))

    def enrol(self, screen: Screen) -> None:
        """Give a screen the roster, a large frame: once for each time somebody joins it."""
        screen.offer("roster", self.roster())
        screen.enrolled = self._fleet.generation

    def roster(self) -> Ready:
        """Who stands behind each index, as far as this audience may know; made anew when somebody is."""
        if self._roster is None or self._roster[0] != self._fleet.generation:
            self._roster = self._fleet.generation, Ready(self._make_roster())
        return self._roster[1]

    def _make_roster(self) -> str:
        items = roster_items(self._fleet, self._audience.area, self._audience.reveal)
        return shapes.encode({"type": "roster", "epoch": self._epoch, "items": items})

    def snapshot_of(self, binary: bool) -> Callable[[], Ready]:
        """The snapshot as it is when it is sent."""

        def make() -> Ready:
            if binary not in self._snapshots:
                places, now = self._fleet.present(self._audience.area), self._now()
                frame = self._binary(places, frames.SNAPSHOT, now) if binary else self._json_whole(places, now)
                self._snapshots[binary] = frame
            return self._snapshots[binary]

        return make

    def _binary(self, places: Indices, kind: int, now: float) -> Ready:
        return Ready(self._fleet.binary(places, kind, self.seq, now, int(self._epoch, 16)))

    def _json_whole(self, places: Indices, now: float) -> Ready:
        return self._json("snapshot", now, self._fleet.rows(places)[0])

    def _json_delta(self, places: Indices, now: float) -> Ready:
        put, gone = self._fleet.rows(places)
        return self._json("delta", now, {"put": put, "gone": gone})

    def _json(self, kind: str, now: float, data: object) -> Ready:
        as_of = instant(datetime.fromtimestamp(now, UTC))
        head = {"type": kind, "topic": "positions", "epoch": self._epoch, "seq": self.seq, "as_of": as_of}
        return Ready(shapes.encode(head | {"data": data}))
