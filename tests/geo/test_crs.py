"""Coordinate systems: the five vectors of domain.md c1, the inverse, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import CRS_NAMES, from_wgs84, from_wgs84_many, to_wgs84, to_wgs84_many
from geo.distance import metres
from geo.errors import UnknownCrs

VECTORS = {
    "北京": ((116.3912, 39.9073), (116.397441, 39.908701), (116.403814, 39.915044)),
    "葫芦岛": ((120.8694, 40.7345), (120.874512, 40.735914), (120.881045, 40.741831)),
    "上海": ((121.4737, 31.2304), (121.478223, 31.228458), (121.484781, 31.234311)),
    "成都": ((104.0657, 30.6571), (104.068207, 30.654678), (104.074704, 30.660709)),
    "乌鲁木齐": ((87.6168, 43.8256), (87.61965, 43.826805), (87.6261, 43.83295)),
}


@pytest.mark.parametrize("place", VECTORS)
@pytest.mark.parametrize(("crs", "column"), [("gcj02", 1), ("bd09", 2)])
def test_vectors_agree_within_a_metre_both_ways(place, crs, column):
    truth, shown = VECTORS[place][0], VECTORS[place][column]
    assert metres(*from_wgs84(*truth, crs), *shown) < 1
    assert metres(*to_wgs84(*shown, crs), *truth) < 1


@given(lon=st.floats(73.5, 135), lat=st.floats(3.5, 53.5), crs=st.sampled_from(CRS_NAMES))
def test_there_and_back_is_within_half_a_metre(lon, lat, crs):
    assert metres(*to_wgs84(*from_wgs84(lon, lat, crs), crs), lon, lat) < 0.001


def test_arrays_give_the_same_as_single_points():
    lons, lats = np.linspace(74, 134, 50), np.linspace(4, 53, 50)
    for crs in CRS_NAMES:
        many = np.column_stack(to_wgs84_many(lons, lats, crs))
        single = [to_wgs84(lon, lat, crs) for lon, lat in zip(lons, lats, strict=True)]
        assert np.abs(many - single).max() < 1e-9
        shown = np.column_stack(from_wgs84_many(lons, lats, crs))
        assert np.abs(shown - [from_wgs84(x, y, crs) for x, y in zip(lons, lats, strict=True)]).max() < 1e-12


def test_a_wgs84_point_is_not_converted_twice():
    assert to_wgs84(120.1, 30.2, "wgs84") == (120.1, 30.2)
    assert to_wgs84(120.1, 30.2, "cgcs2000") == (120.1, 30.2)


def test_outside_china_gcj02_is_wgs84():
    assert to_wgs84(-74.0, 40.7, "gcj02") == (-74.0, 40.7)


def test_what_is_not_finite_stays_so_without_a_word():
    lons, _ = to_wgs84_many([np.nan, np.inf, 120.0], [30.0, 30.0, 30.0], "gcj02")
    assert np.isfinite(lons).tolist() == [False, False, True]


@pytest.mark.parametrize("crs", ["", "WGS84", "epsg:4326", "火星"])
def test_an_unnamed_system_is_refused(crs):
    with pytest.raises(UnknownCrs, match="UNKNOWN_CRS"):
        to_wgs84(120.1, 30.2, crs)
