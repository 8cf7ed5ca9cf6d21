"""What is drawn of an area: its outer rings, coarse enough for a wall, never something else."""

from __future__ import annotations

import math

import shapely

from geo.covering import MOST_CORNERS, MOST_RINGS, disc, outline, polygon

SQUARE = [(120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.1), (120.0, 30.0)]


def test_a_polygon_is_drawn_as_it_was_told() -> None:
    assert outline([polygon(SQUARE)]) == (tuple(SQUARE),)


def test_a_circle_is_drawn_round_and_a_point_not_at_all() -> None:
    (ring,) = outline([disc(120.0, 30.0, 1000), disc(120.5, 30.0, 0)])
    wide = {round(math.hypot((lon - 120) * math.cos(math.radians(30)), lat - 30) * 111_195) for lon, lat in ring}
    assert wide <= {*range(995, 1006)}


def test_a_ring_that_crosses_itself_is_drawn_as_its_parts() -> None:
    bow = [(120.0, 30.0), (120.1, 30.1), (120.1, 30.0), (120.0, 30.1), (120.0, 30.0)]
    assert len(outline([polygon(bow)])) == 2


def test_a_fine_coast_is_coarsened_and_of_many_islands_the_largest_stay() -> None:
    coast = shapely.Point(120, 30).buffer(0.1, quad_segs=2000)
    (ring,) = outline([coast])
    assert len(ring) <= MOST_CORNERS
    assert shapely.Polygon(ring).symmetric_difference(coast).area < coast.area / 1000
    islands = shapely.MultiPolygon([shapely.Point(120 + n, 30).buffer(0.01 * (n + 1)) for n in range(30)])
    found = outline([islands])
    assert len(found) == MOST_RINGS
    assert min(lon for ring in found for lon, _ in ring) > 129
