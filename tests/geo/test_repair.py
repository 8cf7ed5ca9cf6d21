"""After repair every point of the town has exactly one grid of each level, and every change was said."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.__main__ import main
from geo.check import check_folder, check_nest
from geo.grids import GridBook
from geo.nest import read_nest
from geo.repair import repair
from tests.geo.build import row, square, wavy_nest, write_folder


def repaired_folder(tmp_path, capsys, *levels, **keys):
    out = tmp_path / "out"
    assert main(["repair", str(write_folder(tmp_path / "in", levels, **keys)), str(out)]) == 0
    return out, capsys.readouterr().out


def test_a_sound_nest_is_copied_unchanged(tmp_path, capsys):
    out, said = repaired_folder(tmp_path, capsys, *wavy_nest())
    assert "没有需要修改的地方" in said
    before, after = read_nest(tmp_path / "in"), read_nest(out)
    for was, now in zip(before.levels, after.levels, strict=True):
        assert [cell.geometry.wkb for cell in was] == [cell.geometry.wkb for cell in now]
        assert [(cell.code, cell.name, cell.parent) for cell in was] == [(c.code, c.name, c.parent) for c in now]


def test_a_sliver_goes_to_the_neighbour_with_the_longest_border(tmp_path, capsys):
    halves = [row("A", square(0, 0).union(square(0, 1)), "T"), row("B", square(1.001, 0).union(square(1.001, 1)), "T")]
    town = [row("T", shapely.box(*square(0, 0).bounds[:2], *square(1.001, 1).bounds[2:]))]
    out, said = repaired_folder(tmp_path, capsys, town, halves)
    assert "补入缝隙" in said
    book = GridBook.load(out)
    assert book.locate(118.510005, 29.305)[1] in ("A", "B")
    assert [len(book.grids(level)) for level in range(2)] == [1, 2]


def test_an_overlap_stays_with_the_lowest_code(tmp_path, capsys):
    out, said = repaired_folder(tmp_path, capsys, [row("A", square(0, 0)), row("B", square(0.5, 0))])
    assert "（B）：边界改动" in said
    assert "（A）" not in said
    assert GridBook.load(out).locate(118.507, 29.305) == ("A",)


def test_a_wide_area_without_children_becomes_a_grid_of_its_own(tmp_path, capsys):
    out, said = repaired_folder(tmp_path, capsys, [row("T", square(0, 0, 2))], [row("A", square(0, 0), "T")])
    assert "“格T未划分”（T01）：新增" in said
    assert GridBook.load(out).locate(118.515, 29.315) == ("T", "T01")


def test_codes_parents_and_shapes_are_mended_and_said(tmp_path, capsys):
    inner = [
        row("A", square(0, 0), "T"),
        row("A", square(1, 0), "T"),
        row("", square(0, 1), "X"),
        row("D", square(1, 1), "T"),
        row("E", None, "T"),
    ]
    out, said = repaired_folder(tmp_path, capsys, [row("T", square(0, 0, 2))], inner)
    assert [word in said for word in ("重复", "没有代码", "'X' 不存在", "没有图形")] == [True] * 4
    assert GridBook.load(out).codes(1) == ["A", "A-2", "D", "T01"]


def test_a_grid_mostly_in_another_parent_moves_there(tmp_path, capsys):
    towns = [row("S", square(0, 0)), row("T", square(1, 0))]
    out, said = repaired_folder(tmp_path, capsys, towns, [row("A", square(0, 0), "T"), row("B", square(1, 0), "T")])
    assert "（A）：上级由 T 改为所在或最近的 S" in said
    assert GridBook.load(out).ancestors("A") == ("S", "A")


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    folder = write_folder(tmp_path / "in", wavy_nest())
    assert main(["repair", str(folder), str(folder)]) == 1
    assert "NOT_EMPTY" in capsys.readouterr().err
    assert check_folder(folder).ok


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_the_damage_the_repaired_nest_is_proved_exact(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    folder = write_folder(tmp_path_factory.mktemp("damaged"), wavy_nest())
    nest = read_nest(folder)
    for level in nest.levels:
        for cell in level:
            if rng.random() < 0.4:
                jitter = rng.choice([3e-7, 3e-5, 2e-3])
                moved = shapely.transform(cell.geometry, lambda xy, by=jitter: xy + rng.normal(0, by, 2))
                cell.geometry = moved
    for level in nest.levels[1:]:
        if rng.random() < 0.5:
            del level[rng.integers(0, len(level))]
    repaired, said = repair(nest)
    report = check_nest(repaired)
    assert report.ok
    assert report.proved_exact
    assert said


@pytest.mark.parametrize("levels", [1, 2])
def test_repairing_twice_changes_nothing_more(tmp_path, capsys, levels):
    rows = [[row("T", square(0, 0, 3))], [row("A", square(0, 0, 2), "T"), row("B", square(1.5, 0.2, 1.6), "T")]]
    out, _ = repaired_folder(tmp_path, capsys, *rows[:levels])
    assert main(["repair", str(out), str(tmp_path / "again")]) == 0
    assert "没有需要修改的地方" in capsys.readouterr().out
