"""Metres and square metres against pyproj's ellipsoid."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.distance import metres, metres_many, square_metres

WGS84 = Geod(ellps="WGS84")


@pytest.mark.parametrize("lat", [3.0, 30.0, 53.0])
def test_metres_are_within_half_a_percent_of_the_ellipsoid(lat):
    truth = WGS84.inv(120.0, lat, 120.01, lat + 0.01)[2]
    assert metres(120.0, lat, 120.01, lat + 0.01) == pytest.approx(truth, rel=0.006)


def test_metres_many_broadcasts_one_place_against_many():
    got = metres_many(120.0, 30.0, [120.0, 120.1], [30.0, 30.0])
    assert got.tolist() == [0.0, pytest.approx(metres(120.0, 30.0, 120.1, 30.0))]


@pytest.mark.parametrize("lat", [3.0, 30.0, 53.0])
def test_areas_are_those_of_the_ellipsoid(lat):
    box = shapely.segmentize(shapely.box(120.0, lat, 120.02, lat + 0.02), 0.0005)
    assert square_metres([box])[0] == pytest.approx(abs(WGS84.geometry_area_perimeter(box)[0]), rel=1e-5)


def test_no_shapes_and_empty_shapes_have_no_area():
    assert square_metres([]).tolist() == []
    assert square_metres([shapely.Polygon()]).tolist() == [0.0]
    assert square_metres(np.array([shapely.Polygon(), shapely.box(120, 30, 120.1, 30.1)]))[0] == 0
