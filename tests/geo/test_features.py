"""The grids as the map gets them."""

import gzip
import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.features import EXACT_ZOOM, GridFeatures, decimals, feature, grid_features, slack_degrees
from geo.grids import Grid, GridBook

TOWNS = Path(__file__).parents[2] / "geo" / "towns"


@pytest.fixture(scope="module")
def book():
    return GridBook.load(TOWNS / "demo")


@pytest.fixture(scope="module")
def shelf(book):
    return GridFeatures(book)


def drawn(shelf, level, zoom):
    return json.loads(shelf.payload(level, zoom).body)["features"]


def polygons(features):
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features}


@pytest.mark.parametrize("zoom", [9, 12, 14, EXACT_ZOOM])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_borders_stay_shared_at_every_zoom(shelf, level, zoom):
    shapes = list(polygons(drawn(shelf, level, zoom)).values())
    assert len(shapes) == (16, 65, 180)[level]
    assert all(s.is_valid for s in shapes)
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize("zoom", [10, 13])
def test_a_border_drawn_at_two_levels_is_one_line(shelf, book, zoom):
    shapes = polygons(drawn(shelf, None, zoom))
    for grid in book.grids():
        children = book.children(grid.code)
        if children:
            union = shapely.union_all([shapes[child.code] for child in children])
            assert union.symmetric_difference(shapes[grid.code]).area == 0.0


def test_far_away_needs_fewer_bytes(shelf):
    sizes = [len(shelf.payload(2, zoom).body) for zoom in (10, 12, 14, 16)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.4 * sizes[-1]


def test_nothing_moves_further_than_a_few_pixels(shelf, book):
    zoom = 13
    shapes = polygons(drawn(shelf, 2, zoom))
    pixels = [
        shapes[grid.code].exterior.hausdorff_distance(grid.geometry.exterior) / (360 / 256 / 2**zoom)
        for grid in book.grids(2)
    ]
    assert max(pixels) < 6.0
    assert sorted(pixels)[len(pixels) // 2] < 2.5


def test_coordinates_are_rounded_and_rings_closed(shelf):
    for zoom in (11, 15):
        for found in drawn(shelf, 2, zoom):
            (ring,) = found["geometry"]["coordinates"]
            assert ring[0] == ring[-1]
            assert all(a != b for a, b in pairwise(ring))
            assert all(round(number, decimals(zoom)) == number for place in ring for number in place)


def test_labels_stand_inside_with_the_room_they_name(shelf, book):
    for found in drawn(shelf, 1, 13):
        properties = found["properties"]
        grid = book.grid(properties["code"])
        place = shapely.Point(properties["label"])
        assert place.within(grid.geometry)
        assert properties["room_m"] * 0.8 < place.distance(grid.geometry.exterior) * 111_320
        assert (properties["name"], properties["parent"], properties["level"]) == (grid.name, grid.parent, 1)


def test_the_same_grids_give_the_same_bytes_and_tags(shelf, book):
    first, again = shelf.payload(1, 12), grid_features(book, 1, 12)
    assert first == again
    assert gzip.decompress(first.gzip) == first.body
    assert first.etag.startswith('"')
    assert first.gzip_etag == f'{first.etag[:-1]}-gz"'
    assert shelf.payload(1, 13).etag != first.etag


def test_all_near_zooms_share_one_document(shelf):
    assert shelf.payload(2, EXACT_ZOOM) is shelf.payload(2, 19)
    assert slack_degrees(EXACT_ZOOM) == 0.0


def test_a_level_that_does_not_exist_is_refused(shelf):
    for level in (-1, 3):
        with pytest.raises(IndexError, match="no level"):
            shelf.payload(level, 12)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float64("nan"), [1], {"a": 1}, None])
def test_what_json_cannot_say_becomes_null(bad):
    grid = Grid(0, "1", "甲", 0, None, shapely.box(0, 0, 1, 1), {"households": bad, "phone": "13800000000"})
    properties = feature(grid, grid.geometry, (0.5, 0.5), 1)["properties"]
    assert properties["households"] is None
    assert "phone" not in properties


def test_numbers_of_a_data_frame_are_plain_numbers():
    grid = Grid(0, "1", "甲", 0, None, shapely.box(0, 0, 1, 1), {"households": np.int64(12)})
    assert json.dumps(feature(grid, grid.geometry, (0.5, 0.5), 1)["properties"]["households"]) == "12"


def test_holes_and_islands_survive():
    parts = [shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2), shapely.box(5, 5, 6, 6)]
    grid = Grid(0, "1", "甲", 0, None, shapely.MultiPolygon(parts), {})
    geometry = feature(grid, grid.geometry, (0.5, 0.5), 1)["geometry"]
    assert geometry["type"] == "MultiPolygon"
    assert [len(rings) for rings in geometry["coordinates"]] == [2, 1]
    assert shape(geometry).equals(grid.geometry)


def test_a_real_nest_with_defects_is_drawn_whole():
    schemes = Path(__file__).parent / "schemes" / "xihu"
    if not (TOWNS.parents[2] / "shared" / "data" / "hangzhou_xihu_grids").is_dir():
        pytest.skip("1 nest of real data is not on this machine")
    book = GridBook.load(schemes, strict=False)
    features = drawn(GridFeatures(book), None, 12)
    assert len(features) == len(book.grids())
    assert not any(shape(f["geometry"]).is_empty for f in features)
    assert all(math.isfinite(n) for f in features for n in f["properties"]["label"])


def test_five_levels_are_served_like_three():
    shelf = GridFeatures(GridBook.load(TOWNS / "five_tiers"))
    assert [len(drawn(shelf, level, 13)) for level in range(5)] == [1, 1, 12, 56, 142]
