"""Putting a nest together: codes, parents and merged parts, and every mend written down."""

import pytest
import shapely

from geo.check import check_nest
from geo.errors import GridError
from geo.nest import read_nest
from tests.geo.build import row, square, write_folder


def codes(nest, level=0):
    return [cell.code for cell in nest.levels[level]]


def kinds(nest):
    return [(defect.kind.value, defect.row) for defect in nest.defects]


def test_codes_are_made_from_the_parents_code_west_to_east(tmp_path):
    towns = [row(None, square(0, 0, 2)), row(None, square(2, 0, 2))]
    inner = [row(None, square(3, 0)), row(None, square(2, 0)), row(None, square(0, 1)), row(None, square(0, 0))]
    nest = read_nest(write_folder(tmp_path, [towns, inner], code='""', parent='""'))
    assert codes(nest) == ["01", "02"]
    assert [(cell.code, cell.row) for cell in nest.levels[1]] == [("0101", 3), ("0102", 4), ("0201", 2), ("0202", 1)]
    assert nest.defects == []


def test_c127_duplicate_missing_and_orphan_codes_are_named_by_row(tmp_path):
    town = [row("T", square(0, 0, 4))]
    inner = [
        row("A", square(0, 0), "T"),
        row("A", square(1, 0), "T"),
        row("", square(2, 0), "T"),
        row("D", square(3, 0), "X"),
        row("E", square(0, 1), None),
    ]
    nest = read_nest(write_folder(tmp_path, [town, inner]))
    assert kinds(nest) == [
        ("UNKNOWN_PARENT", 4),
        ("UNKNOWN_PARENT", 5),
        ("DUPLICATE_CODE", 2),
        ("MISSING_CODE", 3),
    ]
    assert codes(nest, 1) == ["A", "A-2", "D", "E", "T01"]
    assert {cell.parent for cell in nest.levels[1]} == {"T"}


def test_whole_numbers_are_codes_without_a_point(tmp_path):
    nest = read_nest(write_folder(tmp_path, [[row(330106, square(0, 0)), row(330107.0, square(1, 0))]]))
    assert codes(nest) == ["330106", "330107"]


def test_merge_makes_one_grid_of_rows_with_one_code(tmp_path):
    rows = [row("A", square(0, 0)), row("A", square(1, 0)), row("B", square(2, 0))]
    nest = read_nest(write_folder(tmp_path, [rows], merge="true"))
    assert codes(nest) == ["A", "B"]
    assert nest.levels[0][0].geometry.area == pytest.approx(2e-4)
    assert nest.defects == []


def test_a_parent_by_containment_is_the_one_with_the_largest_share(tmp_path):
    towns = [row("P", square(0, 0, 2)), row("Q", square(2, 0, 2))]
    inner = [row("a", square(1.7, 0)), row("b", square(1.2, 1)), row("c", square(9, 9))]
    nest = read_nest(write_folder(tmp_path, [towns, inner], parent='""'))
    assert [cell.parent for cell in nest.levels[1]] == ["Q", "P", None]
    assert kinds(nest) == [("UNKNOWN_PARENT", 3)]


def test_a_column_that_is_nowhere_is_refused_with_those_that_are(tmp_path):
    folder = write_folder(tmp_path, [[row("A", square(0, 0))]], label='"title"')
    with pytest.raises(GridError, match=r"MISSING_COLUMN: .*'title'.*parent_code"):
        read_nest(folder)


def test_a_shape_that_touches_itself_is_mended_without_losing_area(tmp_path):
    pinched = shapely.Polygon(
        [(118.5, 29.3), (118.6, 29.3), (118.55, 29.35), (118.6, 29.4), (118.5, 29.4), (118.55, 29.35)]
    )
    nest = read_nest(write_folder(tmp_path, [[row("A", pinched)]]))
    assert kinds(nest) == [("INVALID_GEOMETRY", 1)]
    assert nest.levels[0][0].geometry.is_valid
    assert nest.levels[0][0].geometry.area == pytest.approx(pinched.area)


def test_c127_a_code_of_another_length_is_pointed_out_and_kept(tmp_path):
    rows = [row(f"33010600{n}", square(n, 0)) for n in range(9)] + [row("33010", square(9, 0))]
    nest = read_nest(write_folder(tmp_path, [rows]))
    assert kinds(nest) == [("BAD_CODE", 10)]
    assert "是 5 位，同级的是 9 位" in nest.defects[0].text
    assert check_nest(nest).ok
