"""The raster is exact: wherever it gives an answer, GEOS gives the same; on a border it says UNSURE."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import geo.rasterise
from geo.raster import Raster
from geo.rasterise import NONE, UNSURE
from tests.geo.build import wavy_quilt

CORNER = st.tuples(st.integers(0, 6), st.integers(0, 6))
TRIANGLES = st.lists(st.tuples(CORNER, CORNER, CORNER), min_size=1, max_size=3)
SHAPES = st.lists(st.tuples(TRIANGLES, TRIANGLES), min_size=1, max_size=4)


def lattice_shapes(drawn, scale):
    """Valid polygons on a small lattice, with holes, common corners, level and upright edges, and overlaps."""
    shapes = []
    for filled, cut in drawn:
        shape = shapely.difference(_union(filled), _union(cut[1:]))
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        if parts:
            shapes.append(scale(shapely.union_all(parts)))
    return [shape for shape in shapes if shape.is_valid and not shape.is_empty]


def _union(triangles):
    drawn = [shapely.Polygon(corners) for corners in triangles]
    return shapely.union_all([shape for shape in drawn if shape.is_valid and shape.area > 0])


def on_lattice(shape):
    return shape


def in_degrees(shape):
    return shapely.transform(shape, lambda xy: [118.5, 29.3] + xy * 0.0137)


def points_near(shapes, rng):
    """Random points, every corner, every middle of an edge, and neighbours one rounding step away."""
    corners = shapely.get_coordinates(shapes)
    middles = (corners[1:] + corners[:-1]) / 2
    west, south, east, north = shapely.total_bounds(shapes)
    random = rng.uniform([west - 0.1, south - 0.1], [east + 0.1, north + 0.1], (300, 2))
    level = np.column_stack([rng.uniform(west, east, len(corners)), corners[:, 1]])
    beside = np.nextafter(middles, np.inf)
    return np.vstack([random, corners, middles, beside, level])


def lowest_touching(shapes, points):
    point, shape = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    lowest = np.full(len(points), len(shapes))
    np.minimum.at(lowest, point, shape)
    return np.where(lowest == len(shapes), NONE, lowest)


@pytest.mark.parametrize("scale", [on_lattice, in_degrees])
@pytest.mark.parametrize("cells", [16, 400, 20_000])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=SHAPES, seed=st.integers(0, 1000))
def test_raster_answers_as_geos_does(monkeypatch, scale, cells, drawn, seed):
    monkeypatch.setattr(geo.rasterise, "_FEWEST_CELLS", cells)
    monkeypatch.setattr(geo.rasterise, "_CELLS_PER_EDGE", 0)
    shapes = lattice_shapes(drawn, scale)
    if not shapes:
        return
    points = points_near(shapes, np.random.default_rng(seed))
    raster, truth = Raster(shapes), lowest_touching(shapes, points)
    many = raster.find_many(points[:, 0].copy(), points[:, 1].copy())
    single = np.array([raster.find(*point) for point in points.tolist()])
    assert ((many == truth) | (many == UNSURE)).all()
    assert ((single == truth) | (single == UNSURE)).all()


def test_only_borders_are_left_to_geos():
    quilt = wavy_quilt(6)
    raster = Raster(quilt)
    points = np.random.default_rng(7).uniform([118.5, 29.3], [118.56, 29.36], (50_000, 2))
    found = raster.find_many(points[:, 0].copy(), points[:, 1].copy())
    assert (found == UNSURE).sum() == 0
    assert (found == lowest_touching(quilt, points)).all()
    corners = shapely.get_coordinates(quilt)
    assert (raster.find_many(corners[:, 0].copy(), corners[:, 1].copy()) == UNSURE).all()


def test_nothing_is_found_outside_or_at_no_place():
    raster = Raster(wavy_quilt(2))
    places = np.array([[0.0, 0.0], [np.nan, 29.3], [118.505, np.inf], [180.0, 90.0], [-np.inf, 29.3]])
    assert (raster.find_many(places[:, 0], places[:, 1]) == NONE).all()
    assert {raster.find(*place) for place in places.tolist()} == {NONE}


def test_no_polygons_hold_no_points():
    assert Raster([]).find(118.5, 29.3) == NONE
    assert Raster([]).find_many(np.array([0.5]), np.array([0.5])).tolist() == [NONE]
