"""All workers as arrays: the newest fix of each, who belongs to which area, and who moved since last asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from cases.fix_columns import STATUSES, FixColumns
from cases.model import Fix, GridWorker, WorkerStatus
from dashboard import frames
from dashboard.picture import Force, Nearby
from dashboard.shapes import instant
from geo.distance import metres_many
from geo.grids import GridBook

_NEVER = -np.inf
FRESH_S = 60
LOST_S = 120
USABLE_S = 600
AVAILABLE = STATUSES.index(WorkerStatus.AVAILABLE)

Indices = npt.NDArray[np.intp]


class Fleet:
    """One array a field, one place a worker; a worker keeps its place (the roster's index) for the process's life."""

    def __init__(self, grids: GridBook) -> None:
        self._grids = grids
        self.ids: list[str] = []
        self.names: list[str] = []
        self.grid: list[str] = []
        self.generation = 0  # grows whenever the roster changes
        self._place: dict[str, int] = {}
        self._masks: dict[str, npt.NDArray[np.bool_]] = {}
        self._allocate(1024)

    # who there is -----------------------------------------------------------------------------------------

    def enrol(self, workers: Iterable[GridWorker]) -> bool:
        """Take in workers and their grids; whether the roster grew or anybody changed grid or name."""
        before = (len(self.ids), list(self.grid), list(self.names))
        for worker in workers:
            place = self._place_of(worker.id)
            self.names[place], self.grid[place] = worker.name, worker.grid
        changed = before != (len(self.ids), self.grid, self.names)
        if changed:
            self._enrolled_anew()
        return changed

    def mask(self, area: str) -> npt.NDArray[np.bool_]:
        """Which places an area may see: workers whose own grid lies in it; without a known grid only everywhere."""
        if area not in self._masks:
            self._masks[area] = np.fromiter((self._lies_in(grid, area) for grid in self.grid), bool, len(self.grid))
        return self._masks[area]

    def _lies_in(self, grid: str, area: str) -> bool:
        return area == "" or (grid in self._grids and self._grids.within(grid, area))

    # where they are ---------------------------------------------------------------------------------------

    def take(self, fixes: Sequence[Fix]) -> None:
        """Keep fixes that are newer than what is known, or change a status at the same instant; remember who moved."""
        if not len(fixes):
            return
        columns = FixColumns.of(fixes)
        place = self._places_of(columns.workers)
        at, status = np.frombuffer(columns.at), np.frombuffer(columns.status, np.uint8)
        known = self._at[place]
        chosen = np.flatnonzero((at > known) | ((at == known) & (status != self._status[place])))
        chosen = chosen[np.argsort(at[chosen], kind="stable")]  # the newest of one worker is written last
        if not len(chosen):
            return
        place = place[chosen]
        self._at[place] = at[chosen]
        self._status[place] = status[chosen]
        self._write(place, columns, chosen)
        self._moved[place] = True

    def _write(self, place: Indices, columns: FixColumns, chosen: Indices) -> None:
        self._lon[place] = np.rint(np.frombuffer(columns.lon)[chosen] * frames.DEGREE)
        self._lat[place] = np.rint(np.frombuffer(columns.lat)[chosen] * frames.DEGREE)
        self._suspect[place] = np.frombuffer(columns.suspect, np.uint8)[chosen]
        self._accuracy[place] = np.frombuffer(columns.accuracy, np.float32)[chosen]

    def moved(self) -> Indices:
        """The places that moved since the last call, each once, ascending."""
        moved = np.flatnonzero(self._moved)
        self._moved[moved] = False
        return moved

    def present(self, area: str) -> Indices:
        """Everybody of an area with a fix and on duty: duty is when a person may be tracked."""
        size = len(self.ids)
        seen = (self._at[:size] > _NEVER) & (self._status[:size] != frames.OFF_DUTY) & self.mask(area)
        return np.flatnonzero(seen)

    def among(self, places: Indices, area: str) -> Indices:
        """Those of the places that an area may see."""
        return places[self.mask(area)[places]]

    # as told to screens -----------------------------------------------------------------------------------

    def binary(self, places: Indices, kind: int, seq: int, now: float, epoch: int) -> bytes:
        """The binary frame of these places; whoever is off duty comes without a place."""
        off = self._status[places] == frames.OFF_DUTY
        lon = np.where(off, np.int32(frames.NOWHERE), self._lon[places])
        lat = np.where(off, np.int32(frames.NOWHERE), self._lat[places])
        word = frames.words(places, self._status[places], self._suspect[places], now - self._at[places])
        return frames.encode(kind, seq, now, epoch, word, lon, lat)

    def rows(self, places: Indices) -> tuple[list[list[object]], list[str]]:
        """The JSON rows `[worker,lon,lat,at,status,accuracy_m,suspect]`, and the workers that went off duty."""
        rows: list[list[object]] = []
        gone: list[str] = []
        for place in places.tolist():
            if self._status[place] == frames.OFF_DUTY:
                gone.append(self.ids[place])
            else:
                rows.append(self._row(place))
        return rows, gone

    def _row(self, place: int) -> list[object]:
        accuracy = float(self._accuracy[place])
        return [
            self.ids[place],
            int(self._lon[place]) / frames.DEGREE,
            int(self._lat[place]) / frames.DEGREE,
            instant(datetime.fromtimestamp(float(self._at[place]), UTC)),
            STATUSES[self._status[place]].value,
            None if np.isnan(accuracy) else round(accuracy, 1),
            bool(self._suspect[place]),
        ]

    def force(self, area: str, now: float) -> Force:
        """How many are on duty by status, and how fresh their fixes are."""
        places = self.present(area)
        counts = np.bincount(self._status[places], minlength=len(STATUSES))
        age = now - self._at[places]
        by_status: Mapping[str, int] = {s.value: int(counts[i]) for i, s in enumerate(WorkerStatus)}
        off = int(np.count_nonzero(self.mask(area))) - len(places)
        return Force(
            dict(by_status) | {WorkerStatus.OFF_DUTY.value: off},
            len(places),
            int(np.count_nonzero(age <= FRESH_S)),
            int(np.count_nonzero(age > LOST_S)),
        )

    def nearest(self, lon: float, lat: float, area: str, now: float, count: int = 3) -> list[Nearby]:
        """The available workers of an area nearest to a point (degrees WGS-84), by great circle; at most `count`.

        A fix that is suspect or older than ten minutes says nothing about where somebody is.
        """
        places = self.present(area)
        usable = (self._status[places] == AVAILABLE) & ~self._suspect[places] & (now - self._at[places] <= USABLE_S)
        places = places[usable]
        metres = metres_many(self._lon[places] / frames.DEGREE, self._lat[places] / frames.DEGREE, lon, lat)
        order = np.argsort(metres, kind="stable")[:count]
        return [self._nearby(int(places[at]), float(metres[at])) for at in order]

    def _nearby(self, place: int, metres: float) -> Nearby:
        fixed = datetime.fromtimestamp(float(self._at[place]), UTC)
        return Nearby(self.ids[place], metres, STATUSES[self._status[place]].value, fixed)

    # places -----------------------------------------------------------------------------------------------

    def _places_of(self, workers: Sequence[str]) -> Indices:
        try:
            return np.fromiter(map(self._place.__getitem__, workers), np.intp, len(workers))
        except KeyError:  # somebody is new
            return np.fromiter(map(self._place_of, workers), np.intp, len(workers))

    def _place_of(self, worker: str) -> int:
        place = self._place.get(worker)
        return self._add(worker) if place is None else place

    def _add(self, worker: str) -> int:
        place = self._place[worker] = len(self.ids)
        if place >= frames.MOST_WORKERS:
            raise OverflowError("the positions frame has room for 2^20 workers")
        if place == len(self._at):
            self._allocate(2 * place)
        self.ids.append(worker)
        self.names.append(worker)
        self.grid.append("")
        self._enrolled_anew()
        return place

    def _enrolled_anew(self) -> None:
        self.generation += 1
        self._masks.clear()

    def _allocate(self, size: int) -> None:
        first = not hasattr(self, "_at")
        fields = {
            "_at": (np.float64, _NEVER),
            "_lon": (np.int32, frames.NOWHERE),
            "_lat": (np.int32, frames.NOWHERE),
            "_status": (np.uint8, frames.OFF_DUTY),
            "_suspect": (np.bool_, False),
            "_accuracy": (np.float32, np.nan),
            "_moved": (np.bool_, False),
        }
        for name, (kind, empty) in fields.items():
            grown: npt.NDArray[Any] = np.full(size, empty, kind)
            if not first:
                old = getattr(self, name)
                grown[: len(old)] = old
            setattr(self, name, grown)

    _at: npt.NDArray[np.float64]
    _lon: npt.NDArray[np.int32]
    _lat: npt.NDArray[np.int32]
    _status: npt.NDArray[np.uint8]
    _suspect: npt.NDArray[np.bool_]
    _accuracy: npt.NDArray[np.float32]
    _moved: npt.NDArray[np.bool_]
