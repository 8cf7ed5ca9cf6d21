"""What somebody who draws on the map is answered: cases inside a ring, a worker's trail, what stands on the ground."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import shapely

from cases.model import Case, Role, Scope, Standing, WorkerId
from cases.ports import CaseFilter, Views
from dashboard.services import Services
from dashboard.session import Visit
from dashboard.shapes import Json, case_row, instant
from geo.landmarks import Landmark

Ring = shapely.Polygon

MOST_CORNERS = 200
MOST_LISTED = 200
PAGE = 5000
MOST_READ = 100_000
LONGEST_TRAIL_MIN = 12 * 60
FOLLOWING = frozenset({Role.DUTY, Role.LEADER})  # who sends people out may see where they went
_URGENCY = {Standing.OVERDUE: 0, Standing.AT_RISK: 1}


def ring_of(text: str) -> Ring:
    """A ring written `lon,lat;lon,lat;…` in WGS-84 degrees; ValueError when it is none; a crossing loop is cleaned."""
    places = [tuple(map(float, pair.split(","))) for pair in text.split(";") if pair]
    if not 3 <= len(places) <= MOST_CORNERS or any(len(place) != 2 for place in places):
        raise ValueError("not a ring")
    if not all(math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in places):
        raise ValueError("not on this globe")
    return shapely.make_valid(shapely.Polygon(places))


def cases_in(views: Views, scope: Scope, ring: Ring) -> Json:
    """Open cases of the scope inside the ring: how many, how many late, and the 200 most urgent. Blocking."""
    inside = _inside(_open_in_box(views, scope, ring.bounds), ring)
    inside.sort(key=lambda case: (_URGENCY.get(case.standing, 2), case.severity, case.no))
    late = sum(case.standing is Standing.OVERDUE for case in inside)
    return {"items": [case_row(case) for case in inside[:MOST_LISTED]], "total": len(inside), "overdue": late}


def _open_in_box(views: Views, scope: Scope, box: tuple[float, float, float, float]) -> list[Case]:
    found: list[Case] = []
    for page in range(1, MOST_READ // PAGE + 1):
        asked = views.cases(scope, CaseFilter(open_only=True, box=box), page, PAGE)
        found.extend(asked.items)
        if len(found) >= asked.total or not asked.items:
            break
    return found


def _inside(cases: list[Case], ring: Ring) -> list[Case]:
    placed = [case for case in cases if case.place.lon is not None and case.place.lat is not None]
    if not placed:
        return []
    lon, lat = np.array([(case.place.lon, case.place.lat) for case in placed], np.float64).T
    holds = shapely.intersects_xy(ring, lon, lat)
    return [case for case, is_in in zip(placed, holds.tolist(), strict=True) if is_in]


def trail(services: Services, seen: Visit, worker: WorkerId, minutes: int) -> Json:
    """Where a worker of the visit's area was of late: `[lon, lat, at, accuracy_m, suspect]`, oldest first. Blocking.

    Outside the area it is empty, as for nobody. A look that found something is recorded before it is answered.
    """
    now = services.clock()
    fixes = services.positions.track(worker, now - timedelta(minutes=minutes), now, seen.scope)
    if fixes:
        services.registry.disclosures.record(seen.account.name, "trail", str(worker), now)
    rows = [[fix.lon, fix.lat, instant(fix.at), fix.accuracy_m, fix.suspect] for fix in fixes]
    return {"worker": worker, "minutes": minutes, "fixes": rows}


def landmarks(services: Services, area: str) -> Json:
    """Cameras and sensitive places within an area, `[id, kind, name, lon, lat]`; lines are the town's own."""
    known, grids = services.landmarks, services.grids

    def mine(each: Landmark) -> bool:
        return area == "" or (each.grid in grids and grids.within(each.grid, area))

    return {
        "cameras": [_row(each) for each in known.cameras if mine(each)],
        "places": [_row(each) for each in known.places if mine(each)],
        "lines": [[each.kind, each.name, each.places] for each in known.lines],
    }


def _row(each: Landmark) -> list[object]:
    return [each.id, each.kind, each.name, each.lon, each.lat]
