"""The real nests of 西湖区 and 宜昌, read where they lie: their known defects are found, and repaired.

Figures are those of the data's own READMEs. Skipped where ../shared/data is absent.
"""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.check import check_folder, check_nest
from geo.crs import to_wgs84_many
from geo.defects import Kind
from geo.distance import square_metres
from geo.grids import GridBook
from geo.nest import read_nest
from geo.repair import repair
from tests.geo.build import brute_force

SCHEMES = Path(__file__).parent / "schemes"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not on this machine")


def counts(report):
    return Counter((defect.level, defect.kind) for defect in report.defects)


@pytest.fixture(scope="module")
def xihu():
    return check_folder(SCHEMES / "xihu")


def test_xihu_has_its_four_levels(xihu):
    assert [(level.features, level.grids) for level in xihu.levels] == [(1, 1), (11, 11), (210, 209), (605, 605)]
    assert not xihu.ok


def test_xihu_shows_the_defects_its_readme_lists(xihu):
    seen = counts(xihu)
    assert seen[2, Kind.INVALID] == 2
    assert seen[2, Kind.EMPTY] == 1
    assert seen[3, Kind.INVALID] == 1
    assert seen[3, Kind.MISSING_CODE] == 9
    assert seen[3, Kind.ORPHAN] == 22
    # "grids cover the towns without gap or overlap": what overlaps is a few square metres of 257 km².
    overlap = sum(defect.area_m2 for defect in xihu.defects if (defect.level, defect.kind) == (3, Kind.OVERLAP))
    assert overlap < 10
    scenic_area = max(xihu.defects, key=lambda defect: defect.area_m2 or 0)
    assert (scenic_area.kind, scenic_area.level, round(scenic_area.area_m2 / 1e6)) == (Kind.GAP, 0, 53)


def test_yichang_shows_that_its_levels_do_not_nest():
    report = check_folder(SCHEMES / "yichang")
    assert [(level.features, level.grids) for level in report.levels] == [(9, 9), (22, 22), (193, 193)]
    seen = counts(report)
    assert (seen[0, Kind.OVERLAP], seen[1, Kind.OVERLAP], seen[2, Kind.OVERLAP]) == (12, 13, 9)
    assert all(seen[level, Kind.INVALID] == 0 for level in range(3))


def test_every_yichang_community_lies_in_the_street_it_names():
    nest = read_nest(SCHEMES / "yichang")
    streets = {cell.code: cell.name for cell in nest.levels[1]}
    assert all(streets[cell.parent] == cell.properties["SSJD"] for cell in nest.levels[2])


@pytest.mark.parametrize("name", ["xihu", pytest.param("yichang", marks=pytest.mark.long)])
def test_a_repaired_real_nest_is_exact_and_keeps_its_area(name):
    nest = read_nest(SCHEMES / name)
    repaired, said = repair(nest)
    report = check_nest(repaired)
    assert report.ok
    assert report.proved_exact
    assert len(said) > 100
    before, after = (
        square_metres([shapely.union_all([cell.geometry for level in each.levels for cell in level])])[0]
        for each in (nest, repaired)
    )
    assert after == pytest.approx(before, rel=1e-4)


@pytest.mark.parametrize("name", ["xihu", pytest.param("yichang", marks=pytest.mark.long)])
def test_points_in_a_real_nest_are_located_as_by_brute_force(name):
    book = GridBook.load(SCHEMES / name, strict=False)
    corners = shapely.get_coordinates([grid.geometry for grid in book.grids()])
    west, south, east, north = (*corners.min(axis=0), *corners.max(axis=0))
    rng = np.random.default_rng(4)
    places = np.vstack([rng.uniform([west, south], [east, north], (150, 2)), rng.choice(corners, 50)])
    for lon, lat in places.tolist():
        assert book.locate(lon, lat) == brute_force(book, lon, lat)


def test_yichang_requests_fall_where_their_row_says():
    """Where the geocoder found the address, nine of ten requests lie in the community their row names."""
    book = GridBook.load(SCHEMES / "yichang", strict=False)
    with gzip.open(DATA / "yichang_12345" / "requests_2024H1.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["geocode_status"] == "ok"]
    found = book.locate_many([float(row["lng"]) for row in rows], [float(row["lat"]) for row in rows])[2]
    names = [book.grid(code).name for code in book.codes(2)]
    right = sum(at >= 0 and names[at] == row["community"] for at, row in zip(found, rows, strict=True))
    assert right / len(rows) > 0.9


def test_gcj02_outlines_fit_their_true_ones_after_conversion():
    """haidian: 39.7 km² of difference as it is, 9.7 km² after GCJ-02 to WGS 84 (cn_admin's README)."""
    rows = json.loads((DATA / "cn_admin" / "datum_pairs.geojson").read_text("utf-8"))["features"]
    pair = {row["properties"]["datum"]: row for row in rows if row["properties"]["name"] == "海淀区"}
    shown, true = (
        shapely.make_valid(shapely.geometry.shape(pair[datum]["geometry"])) for datum in ("GCJ-02", "CGCS2000")
    )
    moved = shapely.transform(shown, lambda xy: np.column_stack(to_wgs84_many(xy[:, 0], xy[:, 1], "gcj02")))
    differences = square_metres([shown.symmetric_difference(true), moved.symmetric_difference(true)]) / 1e6
    assert differences.round(1).tolist() == [39.7, 9.7]


@pytest.mark.long
def test_eight_thousand_municipalities_are_checked_and_located(tmp_path):
    file = DATA / "es_municipalities" / "municipalities.parquet"
    table = f'name = "es"\ncrs = "EPSG:4326"\n[[level]]\nname = "municipio"\nfile = "{file}"\ncode = "id"\n'
    (tmp_path / "scheme.toml").write_text(table, "utf-8")
    seen = counts(check_folder(tmp_path))
    assert seen[0, Kind.INVALID] == 59
    assert seen[0, Kind.EMPTY] + seen[0, Kind.MISSING] == 28
    book = GridBook.load(tmp_path, strict=False)
    shapes = np.array([grid.geometry for grid in book.grids(0)])
    places = np.random.default_rng(2).uniform([-9, 36], [3, 43], (20_000, 2))
    point, shape = shapely.STRtree(shapes).query(shapely.points(places), predicate="intersects")
    truth = np.full(len(places), len(shapes))
    np.minimum.at(truth, point, shape)
    found = book.locate_many(places[:, 0], places[:, 1])[0]
    assert np.array_equal(found, np.where(truth == len(shapes), -1, truth))
