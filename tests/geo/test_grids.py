"""The grid book: its tree, and locating that agrees with shapely in every case."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnknownGrid
from geo.grids import GridBook
from geo.report import GridDefects
from tests.geo.build import book_of, brute_force, row, square, wavy_nest, write_folder


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return GridBook.load(write_folder(tmp_path_factory.mktemp("town"), wavy_nest(6)))


@pytest.fixture(scope="module")
def loose_book():
    """Levels that do not nest: overlaps on both, a gap, and an inner border of its own."""
    outer = [("B", None, square(0, 0, 2)), ("A", None, square(1.5, 0, 2))]
    inner = [("y", "A", square(1.3, 0.2, 1.1)), ("x", "B", square(0.1, 0.1, 1.4)), ("z", "A", square(2.6, 0.5, 1))]
    return book_of([outer, inner])


def corners_and_middles(book):
    corners = shapely.get_coordinates([grid.geometry for grid in book.grids()])
    return np.vstack([corners, (corners[1:] + corners[:-1]) / 2])


def test_the_tree_of_the_toy_town(book):
    assert book.levels() == ("1级", "2级", "3级")
    assert [len(book.grids(level)) for level in range(3)] == [1, 4, 36]
    assert book.ancestors("T218") == ("T", "T2", "T218")
    assert [grid.code for grid in book.children("T")] == ["T0", "T1", "T2", "T3"]
    assert book.within("T218", "T2")
    assert book.within("T218", "")
    assert not book.within("T218", "T1")
    assert book.grid("T2").name == "格T2"
    assert book.grids(parent="T2") == book.children("T2")
    assert [grid.id for grid in book.grids()] == list(range(41))
    assert "T2" in book
    assert "x" not in book


@pytest.mark.parametrize("ask", ["grid", "ancestors", "children"])
def test_a_code_that_is_nowhere_is_an_unknown_grid(book, ask):
    with pytest.raises(UnknownGrid, match="没有代码为 'T9'"):
        getattr(book, ask)("T9")
    with pytest.raises(KeyError):
        book.within("T9", "T")


def test_properties_cannot_be_changed(book):
    with pytest.raises(TypeError):
        book.grid("T").properties["name"] = "x"


@settings(max_examples=150, deadline=None)
@given(lon=st.floats(118.49, 118.57), lat=st.floats(29.29, 29.37))
def test_any_point_is_located_as_by_brute_force(book, loose_book, lon, lat):
    for each in (book, loose_book):
        assert each.locate(lon, lat) == brute_force(each, lon, lat)


@pytest.mark.parametrize("which", ["book", "loose_book"])
def test_corners_and_borders_belong_to_the_lowest_code(request, which):
    book = request.getfixturevalue(which)
    places = corners_and_middles(book)
    many = book.locate_many(places[:, 0], places[:, 1])
    named = [
        tuple(book.codes(level)[at[n]] if at[n] >= 0 else None for level, at in enumerate(many))
        for n in range(len(places))
    ]
    for place, answer in zip(places.tolist(), named, strict=True):
        assert answer == brute_force(book, *place) == book.locate(*place)


def test_a_point_of_four_grids_belongs_to_the_lowest_of_every_level():
    quilt = [("2", "Q", square(0, 0)), ("1", "P", square(1, 0)), ("4", "Q", square(0, 1)), ("3", "P", square(1, 1))]
    halves = [
        ("Q", None, shapely.union(square(0, 0), square(0, 1))),
        ("P", None, shapely.union(square(1, 0), square(1, 1))),
    ]
    crossing = shapely.get_coordinates(square(1, 1)).min(axis=0)
    assert book_of([halves, quilt]).locate(*crossing) == ("P", "1")


def test_a_million_random_points_agree_with_single_ones_in_sample(book):
    rng = np.random.default_rng(5)
    lons, lats = rng.uniform(118.49, 118.57, 1_000_000), rng.uniform(29.29, 29.37, 1_000_000)
    many = book.locate_many(lons, lats)
    for n in range(0, 1_000_000, 5_000):
        single = book.locate(lons[n], lats[n])
        assert single == tuple(book.codes(level)[at[n]] if at[n] >= 0 else None for level, at in enumerate(many))
    assert 0.2 < (many[2] < 0).mean() < 0.8


def test_nowhere_is_none_on_every_level(book):
    assert book.locate(0.0, 0.0) == (None, None, None)
    assert book.locate(float("nan"), 29.3) == (None, None, None)
    assert [answer.tolist() for answer in book.locate_many([], [])] == [[], [], []]


def test_on_border_knows_borders_from_insides(book):
    corner = shapely.get_coordinates(book.grid("T218").geometry)[0]
    inside = book.grid("T218").geometry.representative_point()
    assert book.on_border(*corner)
    assert not book.on_border(inside.x, inside.y)
    assert not book.on_border(0.0, 0.0)


def test_a_room_refuses_a_nest_with_a_gap_and_says_to_repair(tmp_path):
    town = [row("T", square(0, 0, 2))]
    folder = write_folder(tmp_path, [town, [row("A", square(0, 0), "T")]])
    with pytest.raises(GridDefects, match="python -m geo repair") as refusal:
        GridBook.load(folder)
    assert refusal.value.report.blocking[0].kind == "GAP"
    assert GridBook.load(folder, strict=False).locate(118.505, 29.305) == ("T", "A")


def test_a_code_used_on_two_levels_means_the_outer_grid():
    book = book_of([[("S", None, square(0, 0))], [("S", "S", square(0, 0))]])
    assert book.grid("S").level == 0
    assert book.ancestors("S") == ("S",)
    assert book.locate(118.505, 29.305) == ("S", "S")
