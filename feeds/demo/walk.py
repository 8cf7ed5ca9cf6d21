"""Grid workers walking their grids: real seconds, real speeds, GPS as phones give it, and cases to go to.

A worker walks from errand to errand along legs that bend like streets, rests where he arrives, and sends a fix every
five seconds while on shift. Given a case he goes there (途中), stays (到场) and is free again (可派).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from random import Random

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from cases.calendar import LOCAL
from cases.model import GridWorker, WorkerId, WorkerStatus
from feeds.demo.town import Town
from geo.grids import GridBook

FIX_EVERY_S = 5.0
SLOWEST, FASTEST = 0.8, 1.6  # m/s
_HURRY = 1.6  # m/s on the way to a case
_ARRIVED_M = 15.0
_MARGIN_M = 12.0  # how far inside the border legs are laid
_LONGEST_STEP_S = 10.0  # after a stall nobody jumps
_M_PER_DEGREE = 111_320.0

# Local hours of the crews and their shares. A demo is visited at any hour, so most grids keep somebody on call.
_ON_CALL = (0.0, 24.0)
_CREWS = (_ON_CALL, (7.5, 18.0), (11.5, 22.5), (21.5, 8.0))
_CREW_SHARES = (0.80, 0.10, 0.06, 0.04)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One fix, WGS-84, as a phone would send it."""

    worker: WorkerId
    at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed_mps: float
    heading_deg: float

    @property
    def item(self) -> dict[str, object]:
        """An item of a `positions` frame."""
        return {
            "worker": self.worker,
            "at": self.at.isoformat(timespec="milliseconds"),
            "lon": round(self.lon, 7),
            "lat": round(self.lat, 7),
            "crs": "wgs84",
            "accuracy_m": round(self.accuracy_m, 1),
            "speed_mps": round(self.speed_mps, 2),
            "heading_deg": round(self.heading_deg, 1) % 360.0,
        }


@dataclass(frozen=True, slots=True)
class Said:
    """A worker's word about himself, perhaps against a case."""

    worker: WorkerId
    status: WorkerStatus
    at: datetime
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """Where to, in metres of the walker's own plane, and for which case."""

    x: float
    y: float
    case: str | None = None


class Phase(Enum):
    """What a walker is doing."""

    OFF = "off"
    WALKING = "walking"
    RESTING = "resting"
    GOING = "going"
    THERE = "there"


OFF, WALKING, RESTING, GOING, THERE = Phase


class Walkers:
    """All workers of a town. `step` moves them to `now` and returns what they send since the last step."""

    def __init__(self, town: Town, book: GridBook, now: datetime, seed: int = 1) -> None:
        places: dict[str, list[tuple[float, float]]] = {}
        for address in town.addresses:
            places.setdefault(town.worker_of.get(address.grid, ""), []).append((address.lon, address.lat))
        self._walkers = {
            worker.id: _Walker(worker, book.grid(worker.grid).geometry, places.get(worker.id, ()), now, seed)
            for worker in town.workers
            if worker.grid in book
        }

    def send(self, worker: str, case: str, lon: float, lat: float, now: datetime) -> bool:
        """Send a worker to a case, once; False when nobody has that id, he is off duty, or he knows of it already."""
        walker = self._walkers.get(WorkerId(worker))
        return walker is not None and walker.send(case, lon, lat, now)

    def step(self, now: datetime) -> tuple[list[Sighting], list[Said]]:
        """Fixes and words of everybody up to `now`, which must not go back."""
        seen: list[Sighting] = []
        said: list[Said] = []
        for walker in self._walkers.values():
            said += walker.move(now)
            fix = walker.fix(now)
            if fix is not None:
                seen.append(fix)
        return seen, said


class _Walker:
    """One worker on his plane: metres east and north of his grid's middle."""

    def __init__(
        self,
        worker: GridWorker,
        grid: BaseGeometry,
        places: Sequence[tuple[float, float]],
        now: datetime,
        seed: int,
    ) -> None:
        self._random = random = Random(f"{seed}:walk:{worker.id}")
        self.id = worker.id
        middle = grid.representative_point()
        self._lon0, self._lat0 = middle.x, middle.y
        self._shrink = math.cos(math.radians(middle.y))
        self._ground = _inside(self._to_plane(grid))
        self._places = [p for p in map(self._metres, places) if self._ground.contains(Point(*p))] or [(0.0, 0.0)]
        self._street = random.uniform(0, 90)
        self._shift = _crew(random)
        self._x, self._y = random.choice(self._places)
        self._heading, self._speed = random.uniform(0, 360), 0.0
        self._leg: tuple[float, float] | None = None
        self._errand = Errand(self._x, self._y)
        self._waiting: list[Errand] = []
        self._heard_of: set[str] = set()
        self._phase, self._until = OFF, now
        self._moved_at = now
        self._drift = [0.0, 0.0]
        self._accuracy = random.uniform(4, 9)
        self._fix_at = -random.uniform(0, FIX_EVERY_S)  # seconds of the clock; spreads fixes over five seconds
        self._silent_until = 0.0
        self._introduced = False

    # -- what he is told ------------------------------------------------------------------------

    def send(self, case: str, lon: float, lat: float, now: datetime) -> bool:
        """Take on a case; one after the other where there are several."""
        if not _on_shift(self._shift, now) or case in self._heard_of:
            return False
        self._heard_of.add(case)
        self._waiting.append(Errand(*self._metres((lon, lat)), case))
        return True

    # -- what he does ---------------------------------------------------------------------------

    def move(self, now: datetime) -> list[Said]:
        """Do what the time since the last move allows; what he says on the way."""
        seconds = min((now - self._moved_at).total_seconds(), _LONGEST_STEP_S)
        self._moved_at = now
        said = self._turn_out(now)
        if self._phase is OFF:
            return said
        said += self._take_next(now)
        if self._phase in (WALKING, GOING):
            said += self._walk(seconds, now)
        elif now >= self._until:
            said += self._leave(now)
        return said

    def _turn_out(self, now: datetime) -> list[Said]:
        """Begin or end the shift; the first word of all is where he stands."""
        on = _on_shift(self._shift, now)
        first, self._introduced = not self._introduced, True
        if on and self._phase is OFF:
            self._phase, self._until = RESTING, now
            return [Said(self.id, WorkerStatus.AVAILABLE, now)]
        if not on and self._phase in (WALKING, RESTING):
            self._phase, self._speed = OFF, 0.0
            self._waiting.clear()
            return [Said(self.id, WorkerStatus.OFF_DUTY, now)]
        return [Said(self.id, WorkerStatus.OFF_DUTY, now)] if first else []

    def _take_next(self, now: datetime) -> list[Said]:
        if not self._waiting or self._phase in (GOING, THERE):
            return []
        self._errand, self._phase, self._leg = self._waiting.pop(0), GOING, None
        return [Said(self.id, WorkerStatus.EN_ROUTE, now, self._errand.case)]

    def _walk(self, seconds: float, now: datetime) -> list[Said]:
        if math.hypot(self._errand.x - self._x, self._errand.y - self._y) <= _ARRIVED_M:
            return self._arrive(now)
        if self._leg is None:
            self._leg = self._next_leg()
            self._speed = _HURRY if self._phase is GOING else self._random.uniform(SLOWEST, FASTEST)
        dx, dy = self._leg[0] - self._x, self._leg[1] - self._y
        left, way = math.hypot(dx, dy), self._speed * seconds
        if left <= way:
            (self._x, self._y), self._leg = self._leg, None
        else:
            self._x, self._y = self._x + dx / left * way, self._y + dy / left * way
        if left > 0.01:
            self._heading = math.degrees(math.atan2(dx, dy)) % 360
        return []

    def _arrive(self, now: datetime) -> list[Said]:
        self._leg, self._speed = None, 0.0
        if self._phase is GOING:
            self._phase = THERE
            self._until = _later(now, self._random.uniform(240, 1200))
            return [Said(self.id, WorkerStatus.ON_SCENE, now, self._errand.case)]
        self._phase, self._until = RESTING, _later(now, self._random.uniform(20, 420))
        return []

    def _leave(self, now: datetime) -> list[Said]:
        """Walk on to another place; from a case, say that he is free."""
        free = [Said(self.id, WorkerStatus.AVAILABLE, now)] if self._phase is THERE else []
        self._errand, self._phase, self._leg = Errand(*self._random.choice(self._places)), WALKING, None
        return free

    def _next_leg(self) -> tuple[float, float]:
        """The end of the next stretch: along a street, mostly nearer to the errand, inside the grid."""
        goal_x, goal_y = self._errand.x - self._x, self._errand.y - self._y
        distance = math.hypot(goal_x, goal_y)
        if distance < 60 and self._clear(self._errand.x, self._errand.y):
            return self._errand.x, self._errand.y
        for _ in range(10):
            x, y = self._along_a_street(goal_x, goal_y, distance)
            if self._clear(x, y):
                return x, y
        return self._way_out()

    def _along_a_street(self, goal_x: float, goal_y: float, distance: float) -> tuple[float, float]:
        random = self._random
        bearing = math.degrees(math.atan2(goal_x, goal_y))
        turns = round((bearing - self._street) / 90) if random.random() < 0.85 else random.randrange(4)
        if random.random() < 0.3:
            turns += random.choice((-1, 1))
        angle = math.radians(self._street + 90 * turns + random.gauss(0, 11))
        length = min(random.uniform(35, 190), max(30.0, distance * 0.8))
        return self._x + math.sin(angle) * length, self._y + math.cos(angle) * length

    def _way_out(self) -> tuple[float, float]:
        """Where no street leads on: straight to the case, or to the nearest place that can be seen, or stay."""
        if self._errand.case is not None:
            return self._errand.x, self._errand.y
        near = sorted(self._places, key=lambda p: math.hypot(p[0] - self._x, p[1] - self._y))
        seen = [p for p in near if self._clear(*p) and math.hypot(p[0] - self._x, p[1] - self._y) > 1.0]
        self._errand = Errand(*self._random.choice(seen or [(self._x, self._y)]))
        return self._errand.x, self._errand.y

    def _clear(self, x: float, y: float) -> bool:
        return bool(self._ground.covers(LineString([(self._x, self._y), (x, y)])))

    # -- what his phone sends -------------------------------------------------------------------

    def fix(self, now: datetime) -> Sighting | None:
        """A fix when one is due: never off duty (but once, to be known), at times not for minutes."""
        clock = now.timestamp()
        if clock - self._fix_at < FIX_EVERY_S or clock < self._silent_until:
            return None
        first = self._fix_at <= 0
        if self._phase is OFF and not first:
            return None
        if first:
            self._fix_at = clock - self._random.uniform(0, FIX_EVERY_S)
        else:
            self._fix_at += FIX_EVERY_S * ((clock - self._fix_at) // FIX_EVERY_S)
        if self._random.random() < 0.0012:
            self._silent_until = clock + self._random.uniform(40, 360)
        return self._sighting(now)

    def _sighting(self, now: datetime) -> Sighting:
        random = self._random
        self._accuracy = min(38.0, max(3.5, self._accuracy + random.gauss(0, 0.8)))
        spread = min(self._accuracy / 3, 5.0)
        self._drift = [0.94 * d + random.gauss(0, spread * 0.2) for d in self._drift]
        x, y = self._x + self._drift[0], self._y + self._drift[1]
        if self._errand.case is None and not self._ground.contains(Point(x, y)):
            self._drift = [0.3 * d for d in self._drift]
            x, y = self._x, self._y
        lon, lat = self._degrees(x, y)
        return Sighting(self.id, now, lon, lat, self._accuracy, self._speed, self._heading)

    # -- the plane ------------------------------------------------------------------------------

    def _metres(self, place: tuple[float, float]) -> tuple[float, float]:
        lon, lat = place
        return (lon - self._lon0) * _M_PER_DEGREE * self._shrink, (lat - self._lat0) * _M_PER_DEGREE

    def _degrees(self, x: float, y: float) -> tuple[float, float]:
        return self._lon0 + x / (_M_PER_DEGREE * self._shrink), self._lat0 + y / _M_PER_DEGREE

    def _to_plane(self, grid: BaseGeometry) -> BaseGeometry:
        scale = (_M_PER_DEGREE * self._shrink, _M_PER_DEGREE)
        return shapely.transform(grid, lambda p: (p - (self._lon0, self._lat0)) * scale)


def _inside(ground: BaseGeometry) -> BaseGeometry:
    """The largest piece of the ground a little off its border, prepared; the ground itself where nothing is left."""
    inner = shapely.simplify(ground, 3.0).buffer(-_MARGIN_M)
    pieces = [piece for piece in shapely.get_parts(inner) if not piece.is_empty]
    kept: BaseGeometry = max(pieces, key=lambda piece: piece.area) if pieces else ground
    shapely.prepare(kept)
    return kept


def _crew(random: Random) -> tuple[float, float]:
    begins, ends = random.choices(_CREWS, _CREW_SHARES)[0]
    if (begins, ends) == _ON_CALL:
        return _ON_CALL
    return begins + random.uniform(-0.3, 0.3), ends + random.uniform(-0.3, 0.3)


def _on_shift(shift: tuple[float, float], now: datetime) -> bool:
    local = now.astimezone(LOCAL)
    hour = local.hour + local.minute / 60
    begins, ends = shift
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def _later(now: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo)
