"""5,000 workers of whom a fifth moves every half second: the same crowd for us and for the peers."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from cases.model import Fix, WorkerId, WorkerStatus

TICK_S = 0.5
SHARE = 0.2
WEST, EAST, SOUTH, NORTH = 118.58, 118.68, 29.24, 29.32


class Crowd:
    """Positions in WGS-84 degrees; `step` moves a random fifth by a few metres and says which."""

    def __init__(self, count: int, seed: int = 20261121) -> None:
        self._random = np.random.default_rng(seed)
        self.lon = self._random.uniform(WEST, EAST, count)
        self.lat = self._random.uniform(SOUTH, NORTH, count)
        self.status = [list(WorkerStatus)[i] for i in self._random.integers(0, 4, count).tolist()]
        self.ids = [WorkerId(f"W-{i:05d}") for i in range(count)]

    def step(self) -> list[int]:
        """Move; the indices of those who moved."""
        moved = self._random.choice(len(self.lon), int(len(self.lon) * SHARE), replace=False)
        self.lon[moved] += self._random.normal(0, 3e-5, len(moved))
        self.lat[moved] += self._random.normal(0, 3e-5, len(moved))
        return [int(i) for i in moved]

    def fixes(self, which: list[int] | None = None) -> list[Fix]:
        """The fixes of some workers (or of all) as of now."""
        now, chosen = datetime.now(UTC), list(range(len(self.ids))) if which is None else which
        places = zip(chosen, self.lon[chosen].tolist(), self.lat[chosen].tolist(), strict=True)
        return [Fix(self.ids[i], now, lon, lat, 8.0, self.status[i]) for i, lon, lat in places]

    def geojson(self, stamp: float) -> dict[str, object]:
        """Everybody as GeoJSON; the first feature carries the time of the change (unix ms)."""
        places = zip(self.ids, self.status, self.lon.tolist(), self.lat.tolist(), strict=True)
        features: list[dict[str, object]] = [
            {
                "type": "Feature",
                "properties": {"id": worker, "status": str(status)},
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
            }
            for worker, status, lon, lat in places
        ]
        features[0]["properties"] = {"id": self.ids[0], "stamp": stamp}
        return {"type": "FeatureCollection", "features": features}
