"""The check names every way in which a nest does not nest, with its area and place."""

import itertools
import json

import numpy as np
import pytest
import shapely

from geo.__main__ import main
from geo.check import check_folder
from geo.defects import Kind
from geo.distance import square_metres
from tests.geo.build import WEST, row, square, wavy_nest, write_folder

A_SQUARE_M2 = float(square_metres([square(0, 0)])[0])


def report_on(tmp_path, *levels, **keys):
    return check_folder(write_folder(tmp_path, levels, **keys))


def found(report, kind):
    return [defect for defect in report.defects if defect.kind is kind]


def test_an_exact_nest_passes_and_is_proved(tmp_path):
    report = report_on(tmp_path, *wavy_nest())
    assert (report.ok, report.proved_exact, report.defects) == (True, True, ())
    assert "合格，逐级严丝合缝" in report.as_text()


def test_an_overlap_is_measured_and_placed(tmp_path):
    (defect,) = report_on(tmp_path, [row("A", square(0, 0)), row("B", square(0.75, 0))]).defects
    assert (defect.kind, defect.code, defect.other) == (Kind.OVERLAP, "B", "A")
    assert defect.area_m2 == pytest.approx(A_SQUARE_M2 / 4, rel=1e-4)
    assert square(0.75, 0, 0.25).buffer(0.01).contains(shapely.Point(*defect.place))
    assert defect.text == "1级“格B”（B）与1级“格A”（A）重叠"


def test_equal_shapes_and_a_shape_in_another_overlap(tmp_path):
    rows = [row("A", square(0, 0)), row("B", square(0, 0)), row("C", square(5, 0, 2)), row("D", square(5.5, 0.5))]
    pairs = {(defect.other, defect.code) for defect in found(report_on(tmp_path, rows), Kind.OVERLAP)}
    assert pairs == {("A", "B"), ("C", "D")}


def test_overlaps_found_by_edges_are_those_found_by_trying_every_pair(tmp_path):
    rng = np.random.default_rng(11)
    rows = [row(f"{n:02}", square(*np.round(rng.uniform(0, 5, 2), 1))) for n in range(30)]
    shapes = [shapely.geometry.shape(each["geometry"]) for each in rows]
    tried = {
        (f"{a:02}", f"{b:02}")
        for a, b in itertools.combinations(range(30), 2)
        if square_metres([shapes[a].intersection(shapes[b])])[0] >= 0.01
    }
    assert {(d.other, d.code) for d in found(report_on(tmp_path, rows), Kind.OVERLAP)} == tried


def test_a_gap_and_a_child_outside_its_parent_are_measured(tmp_path):
    town = [row("T", square(0, 0, 2))]
    inner = [row("A", square(0, 0), "T"), row("B", square(1.5, 0), "T")]
    report = report_on(tmp_path, town, inner)
    (outside,) = found(report, Kind.OUTSIDE)
    assert (outside.code, outside.other) == ("B", "T")
    assert outside.area_m2 == pytest.approx(A_SQUARE_M2 / 2, rel=1e-4)
    assert sum(defect.area_m2 for defect in found(report, Kind.GAP)) == pytest.approx(2.5 * A_SQUARE_M2, rel=1e-3)
    assert not report.ok


def test_a_grid_that_nobody_divided_is_named(tmp_path):
    (defect,) = report_on(
        tmp_path, [row("S", square(0, 0)), row("T", square(1, 0))], [row("A", square(0, 0), "S")]
    ).defects
    assert (defect.kind, defect.code) == (Kind.CHILDLESS, "T")


def test_a_crack_between_outermost_grids_is_a_gap_but_a_lake_is_not(tmp_path):
    frame = shapely.difference(square(0, 0, 4), square(1, 1, 2))
    west, east = (shapely.intersection(frame, square(x, 0, 4)) for x in (-2, 2))
    assert report_on(tmp_path / "lake", [row("A", west), row("B", east)]).ok
    crack = shapely.Polygon([(WEST + 0.02, 29.305), (WEST + 0.02 - 1e-5, 29.31), (WEST + 0.02, 29.315)])
    report = report_on(tmp_path / "crack", [row("A", square(0, 0, 2).difference(crack)), row("B", square(2, 0, 2))])
    (gap,) = report.defects
    assert gap.kind is Kind.GAP
    assert gap.area_m2 == pytest.approx(float(square_metres([crack])[0]), rel=1e-3)


def test_what_is_under_a_square_metre_is_said_and_tolerated(tmp_path):
    report = report_on(tmp_path, [row("A", square(0, 0, 0.02)), row("B", square(0.02 - 1e-5, 0, 0.02))])
    assert 0.01 < report.defects[0].area_m2 < 1
    assert report.ok
    assert "另有 1 处不碍事的提示" in report.verdict()


def test_the_command_prints_json_and_exits_by_the_verdict(tmp_path, capsys):
    good = write_folder(tmp_path / "good", wavy_nest())
    bad = write_folder(tmp_path / "bad", [[row("A", square(0, 0)), row("A", square(0.5, 0))]])
    assert main(["check", str(good), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["check", str(bad), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["levels"][0]["duplicate_codes"] == answer["levels"][0]["overlaps"] == 1
    assert answer["levels"][0]["overlaps_m2"] == pytest.approx(A_SQUARE_M2 / 2, rel=1e-3)
    assert {(defect["kind"], defect["level"], defect["row"]) for defect in answer["defects"]} == {
        ("DUPLICATE_CODE", 1, 2),
        ("OVERLAP", 1, 2),
    }


def test_the_command_answers_an_unusable_folder_with_one_line(tmp_path, capsys):
    assert main(["check", str(tmp_path), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["code"] == "MISSING_FILE"
    assert err.count("\n") == 1
    assert "scheme.toml" in err
