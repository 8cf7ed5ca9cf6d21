"""The heat picture against a Gaussian computed point by point."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from geo.density import EARTH_RADIUS_M, Bounds, HeatMap, blurred, gaussian, mercator, palette, png, shades

TOWN = Bounds(118.55, 29.22, 118.69, 29.34)


def scattered(count, seed=7):
    random = np.random.default_rng(seed)
    return (
        random.uniform(TOWN.west, TOWN.east, count),
        random.uniform(TOWN.south, TOWN.north, count),
    )


def pixels(heat):
    return np.asarray(Image.open(io.BytesIO(heat.picture())).convert("RGBA"))


def reference(heat, lons, lats, bandwidth_m):
    """Sum of one Gaussian a point, at the centre of each cell, without tables, tiles or truncation."""
    size, b = heat.size, heat.bounds
    top, bottom = mercator(b.north), mercator(b.south)
    ground = EARTH_RADIUS_M * math.cos(math.radians((b.south + b.north) / 2))
    northings = (top - (np.arange(size) + 0.5) / size * (top - bottom)) * ground
    eastings = np.radians(b.west + (np.arange(size) + 0.5) / size * (b.east - b.west)) * ground
    cell = (top - bottom) / size * ground * math.radians(b.east - b.west) / size * ground
    total = np.zeros((size, size))
    for lon, lat in zip(lons, lats, strict=True):
        dx, dy = eastings - math.radians(lon) * ground, northings - mercator(lat) * ground
        total += np.outer(np.exp(-0.5 * (dy / bandwidth_m) ** 2), np.exp(-0.5 * (dx / bandwidth_m) ** 2))
    return total * cell / (2 * math.pi * bandwidth_m**2)


def cell_centres(lons, lats, size):
    """The points moved to the middles of their cells, as counting does."""
    top, bottom = mercator(TOWN.north), mercator(TOWN.south)
    columns = np.floor((lons - TOWN.west) / (TOWN.east - TOWN.west) * size) + 0.5
    rows = np.floor([(top - mercator(lat)) / (top - bottom) * size for lat in lats]) + 0.5
    northings = top - rows / size * (top - bottom)
    return TOWN.west + columns / size * (TOWN.east - TOWN.west), np.degrees(
        2 * np.arctan(np.exp(northings)) - math.pi / 2
    )


@pytest.mark.parametrize("bandwidth_m", [120.0, 400.0])
def test_density_agrees_with_a_gaussian_computed_point_by_point(bandwidth_m):
    lons, lats = cell_centres(*scattered(60), 256)
    heat = HeatMap(TOWN, size=256, bandwidth_m=bandwidth_m)
    heat.add(lons, lats)
    expected = reference(heat, lons, lats, bandwidth_m)
    # What is left is the tails cut at three sigma and the change of Mercator's scale over the town.
    assert np.abs(heat.density() - expected).max() < 0.01 * expected.max()


def test_counting_in_cells_moves_a_point_by_half_a_cell_at_most():
    lons, lats = scattered(60)
    heat = HeatMap(TOWN, size=512, bandwidth_m=400.0)
    heat.add(lons, lats)
    expected = reference(heat, lons, lats, 400.0)
    half_a_cell_m = 0.5 * 0.14 * 97_100 / 512
    steepest = 0.607 / 400.0
    assert np.abs(heat.density() - expected).max() < (0.01 + 1.5 * half_a_cell_m * steepest) * expected.max()


def test_a_point_is_seen_where_leaflet_lays_it():
    lon, lat = 118.60, 29.31
    heat = HeatMap(TOWN, size=200, bandwidth_m=80.0)
    heat.add([lon], [lat])
    row, column = np.unravel_index(np.argmax(heat.density()), (200, 200))
    share = (mercator(TOWN.north) - mercator(lat)) / (mercator(TOWN.north) - mercator(TOWN.south))
    assert abs(row + 0.5 - share * 200) <= 1.0
    assert abs(column + 0.5 - (lon - TOWN.west) / (TOWN.east - TOWN.west) * 200) <= 1.0


def test_cells_are_those_of_exact_mercator_but_for_points_on_an_edge():
    lons, lats = scattered(20_000)
    heat = HeatMap(TOWN, size=128, bandwidth_m=50.0)
    heat.add(lons, lats)
    rows = [(mercator(TOWN.north) - mercator(lat)) for lat in lats]
    rows = np.floor(np.array(rows) / (mercator(TOWN.north) - mercator(TOWN.south)) * 128).astype(int)
    columns = np.floor((lons - TOWN.west) / (TOWN.east - TOWN.west) * 128).astype(int)
    exact = np.zeros((128, 128))
    np.add.at(exact, (rows, columns), 1.0)
    assert np.abs(heat._counts - exact).sum() / 2 < 0.02 * 20_000
    assert heat._counts.sum() == 20_000


def test_points_outside_and_points_that_are_none_are_left_out():
    heat = HeatMap(TOWN, size=64)
    far = [118.0, 119.0, 118.6, 118.6, math.nan, 118.6, math.inf, TOWN.east, -1e300]
    high = [29.3, 29.3, 29.0, 30.0, 29.3, math.nan, 29.3, 29.3, 1e300]
    assert heat.add(far, high) == 0
    assert heat.add([TOWN.west, 118.6], [TOWN.south, 29.3]) == 2
    assert heat._counts.sum() == 2.0


@pytest.mark.parametrize("count", [50, 200_000])
def test_taking_points_out_leaves_what_was_before(count):
    heat = HeatMap(TOWN, size=128)
    heat.add(*scattered(500, seed=1))
    before = heat.picture()
    lons, lats = scattered(count, seed=2)
    assert heat.add(lons, lats) == count
    assert heat.picture() != before
    assert heat.remove(lons, lats) == count
    assert heat.picture() == before


def test_weights_count_as_many_points():
    once, thrice = HeatMap(TOWN, size=64), HeatMap(TOWN, size=64)
    once.add([118.6, 118.62], [29.3, 29.25], [3.0, 1.0])
    thrice.add([118.6] * 3 + [118.62], [29.3] * 3 + [29.25])
    assert once.picture() == thrice.picture()


def test_nothing_is_a_clear_picture():
    heat = HeatMap(TOWN, size=64)
    assert pixels(heat)[..., 3].max() == 0


def test_the_picture_is_clear_where_nothing_is_and_bright_at_the_peak():
    heat = HeatMap(TOWN, size=128, bandwidth_m=200.0)
    heat.add([118.6] * 30 + [118.66], [29.3] * 30 + [29.24])
    image = pixels(heat)
    assert image.shape == (128, 128, 4)
    assert image[0, 127, 3] == 0
    peak = np.unravel_index(np.argmax(heat.density()), (128, 128))
    assert image[peak][:3].sum() == image[..., :3].sum(axis=2).max()
    assert (image[..., 3] > 60).sum() > 8


def test_more_is_always_brighter_also_in_grey():
    colours, alphas = palette()
    grey = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b in zip(*[iter(colours)] * 3, strict=True)]
    assert grey == sorted(grey)
    assert list(alphas) == sorted(alphas)
    assert alphas[0] == 0


def test_the_etag_changes_with_the_picture_only():
    heat = HeatMap(TOWN, size=64)
    heat.add([118.6], [29.3])
    first = heat.etag
    assert heat.etag == first
    heat.add([118.65], [29.25])
    assert heat.etag != first
    heat.remove([118.65], [29.25])
    assert heat.etag == first


@pytest.mark.parametrize(("height", "width", "sigma"), [(40, 40, 2.0), (33, 70, 5.3), (20, 20, 30.0), (512, 17, 0.2)])
def test_tiles_give_what_a_plain_convolution_gives(height, width, sigma):
    values = np.random.default_rng(3).random((height, width)).astype(np.float32)
    kernel = gaussian(sigma, height)
    expected = np.array([np.convolve(column, kernel)[len(kernel) // 2 :][:height] for column in values.T]).T
    assert np.allclose(blurred(values, kernel), expected, atol=1e-5)


def test_the_png_holds_the_palette_numbers_given():
    numbers = np.arange(64, dtype=np.uint8).reshape(4, 16)
    image = Image.open(io.BytesIO(png(numbers)))
    assert (image.mode, image.size) == ("P", (16, 4))
    assert (np.asarray(image) == numbers).all()
    assert shades(np.zeros((2, 2), np.float32)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    "bounds",
    [Bounds(118.6, 29.2, 118.5, 29.3), Bounds(118.5, 29.3, 118.6, 29.3), Bounds(118.5, 29.3, 118.6, 90.0)],
)
def test_bounds_that_enclose_nothing_are_refused(bounds):
    with pytest.raises(ValueError, match="bounds enclose nothing"):
        HeatMap(bounds)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="longitudes for"):
        HeatMap(TOWN).add([118.6, 118.7], [29.3])


def test_a_small_area_gets_a_smaller_picture_with_the_same_shape():
    block = Bounds(118.600, 29.300, 118.610, 29.3087)
    lons, lats = np.array([118.603, 118.6071]), np.array([29.3021, 29.306])
    heat = HeatMap(block, size=512, bandwidth_m=100.0)
    heat.add(lons, lats)
    assert 16 <= heat.size < 300
    assert pixels(heat).shape == (heat.size, heat.size, 4)
    expected = reference(heat, lons, lats, 100.0)
    assert np.abs(heat.density() - expected).max() < 0.03 * expected.max()
