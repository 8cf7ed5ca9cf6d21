"""The proof that a nest is exact finds every nest that is, and none that is not."""

import numpy as np
import pytest
import shapely

from geo.exactness import parents_if_exact
from geo.nest import read_nest
from tests.geo.build import wavy_nest, write_folder


@pytest.fixture
def levels(tmp_path):
    return read_nest(write_folder(tmp_path, wavy_nest(6))).levels


def test_an_exact_nest_is_proved_and_gives_the_ancestors(levels):
    tables = parents_if_exact(levels)
    assert [len(set(table.tolist())) for table in tables] == [1, 4, 36]
    for leaf, middle in enumerate(tables[1]):
        assert levels[1][middle].code == levels[2][leaf].parent


def test_a_hole_filled_by_another_child_is_no_obstacle(levels):
    inner = levels[2][0].geometry.buffer(-0.0005)
    ring = shapely.difference(levels[2][0].geometry, inner)
    island = type(levels[2][0])(2, 99, "Tx", "", levels[2][0].parent, inner, {})
    levels[2][0].geometry = ring
    levels[2].append(island)
    assert parents_if_exact(levels) is not None


@pytest.mark.parametrize("nudge", [1e-7, 1e-12])
def test_one_corner_moved_by_a_hair_is_enough_to_refuse(levels, nudge):
    corners = shapely.get_coordinates(levels[2][7].geometry)
    corners[[0, -1]] += nudge
    levels[2][7].geometry = shapely.Polygon(corners)
    assert parents_if_exact(levels) is None


def test_a_missing_child_a_double_one_and_a_wrong_parent_are_refused(levels):
    assert parents_if_exact([*levels[:2], levels[2][1:]]) is None
    assert parents_if_exact([*levels[:2], [*levels[2], levels[2][0]]]) is None
    levels[2][0].parent = "T3"
    assert parents_if_exact(levels) is None
    levels[2][0].parent = None
    assert parents_if_exact(levels) is None


def test_a_single_level_is_exact_by_itself(levels):
    assert np.array_equal(parents_if_exact(levels[:1])[0], [0])
