"""Boundary files that lie, are broken or dangerous (reliability.md §6.5, C116–C131, T24–T27)."""

import http.server
import json
import threading

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geo.boundaries import MAX_RING_POINTS, read_features
from geo.check import check_folder
from geo.crs import from_wgs84_many
from geo.errors import GridError
from geo.nest import read_nest
from geo.scheme import Level, Scheme
from tests.geo.build import row, square, wavy_nest, write_folder

VRT = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


def read(folder, file="l1.geojson", crs="EPSG:4326"):
    return read_features(Level("一级", file), Scheme("玩具镇", crs, (), folder))


def read_text(tmp_path, text, name="l1.geojson", crs="EPSG:4326"):
    (tmp_path / name).write_text(text, "utf-8")
    return read(tmp_path, name, crs)


def read_rows(tmp_path, *rows, crs="EPSG:4326"):
    return read_text(tmp_path, json.dumps({"type": "FeatureCollection", "features": rows}), crs=crs)


def polygon(*rings):
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def refused(code):
    return pytest.raises(GridError, match=f"^{code}: .*[\u4e00-\u9fff]")


RING = [[118.5, 29.3], [118.6, 29.3], [118.6, 29.4], [118.5, 29.3]]


@pytest.mark.parametrize("name", ["l1.geojson", "l1.json"])
def test_c116_a_virtual_file_named_geojson_is_not_read(tmp_path, name):
    (tmp_path / "secret.csv").write_text("geheim\n1\n")
    with refused("NOT_GEOJSON"):
        read_text(tmp_path, VRT.format(tmp_path / "secret.csv"), name)


@pytest.mark.parametrize("name", ["l1.shp", "l1.gpkg", "l1.parquet"])
def test_c118_a_virtual_file_of_any_name_makes_no_connection(tmp_path, name):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with refused("BAD_CONTENT"):
            read_text(tmp_path, VRT.format(f"/vsicurl/http://127.0.0.1:{server.server_port}/x.geojson"), name)
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize(
    "name",
    ["CSV:/etc/passwd", "/vsicurl/http://127.0.0.1/x.geojson", "PG:host=db", "http://h/x.geojson", "a\0b.geojson"],
)
def test_c119_a_connection_typed_where_a_file_belongs_is_refused(tmp_path, name):
    with refused("BAD_NAME"):
        read(tmp_path, name)


@pytest.mark.parametrize(
    "positions",
    [
        "[[1e999, 29.3], [118.6, 29.3], [118.6, 29.4], [1e999, 29.3]]",
        "[[NaN, 29.3], [118.6, 29.3], [118.6, 29.4], [NaN, 29.3]]",
        "[[118.5, 29.3, 0, 1], [118.6, 29.3, 0, 1], [118.6, 29.4, 0, 1], [118.5, 29.3, 0, 1]]",
        '[["118.5", 29.3], [118.6, 29.3], [118.6, 29.4], ["118.5", 29.3]]',
        "[[118.5], [118.6, 29.3], [118.6, 29.4], [118.5]]",
        "[118.5, 29.3, 118.6, 29.3]",
        '{"x": 1}',
        "null",
    ],
)
def test_c121_what_is_no_position_makes_the_feature_bad(tmp_path, positions):
    text = json.dumps({"type": "FeatureCollection", "features": [polygon("RING")]}).replace('"RING"', positions)
    (feature,) = read_text(tmp_path, text)
    assert (feature.row, feature.geometry, feature.flaws) == (1, None, ("BAD_COORD",))


def test_a_height_is_dropped(tmp_path):
    (feature,) = read_rows(tmp_path, polygon([[*at, 12.5] for at in RING]))
    assert feature.flaws == ()
    assert not shapely.has_z(feature.geometry)


def test_c122_a_bow_tie_is_named_with_its_number_and_place(tmp_path):
    bow_tie = polygon([[118.5, 29.3], [118.6, 29.4], [118.6, 29.3], [118.5, 29.4], [118.5, 29.3]])
    bow_tie["properties"] = {"code": "C", "name": "丙"}
    folder = write_folder(tmp_path, [[row("A", square(20, 0)), row("B", square(22, 0)), bow_tie]])
    nest = read_nest(folder)
    (defect,) = nest.defects
    assert (defect.kind, defect.row, defect.place) == ("INVALID_GEOMETRY", 3, (118.55, 29.35))
    assert "第 3 个图形在 (118.55, 29.35) 自相交" in defect.text
    assert nest.levels[0][2].geometry.contains(shapely.Point(118.51, 29.35))  # T24: it contained nothing


def test_c124_features_without_an_area_are_named_and_left_out(tmp_path):
    empty = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": []}}
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [118.5, 29.3]}}
    features = read_rows(tmp_path, row("A", None), empty, point, "Feature", polygon(RING))
    assert [feature.flaws for feature in features] == [
        ("MISSING_GEOMETRY",),
        ("EMPTY_GEOMETRY",),
        ("WRONG_GEOMETRY_TYPE",),
        ("NOT_A_FEATURE",),
        (),
    ]


def test_c125_endless_nesting_and_endless_rings_are_refused(tmp_path):
    deep = '{"type":"GeometryCollection","geometries":[' * 3000 + "]}" * 3000
    with refused("TOO_DEEP"):
        read_text(tmp_path, '{"type":"FeatureCollection","features":[' + deep + "]}")
    ring = ",".join(["[118.5,29.3]"] * (MAX_RING_POINTS + 1))
    with refused("TOO_MANY_POINTS"):
        read_text(
            tmp_path, json.dumps({"type": "FeatureCollection", "features": [polygon([0])]}).replace("[0]", f"[{ring}]")
        )


def test_c128_metres_without_a_projected_system_are_refused(tmp_path):
    metres = [[13191000, 3415000], [13192000, 3415000], [13192000, 3416000], [13191000, 3415000]]
    with pytest.raises(GridError, match=r"MISSING_CRS: .*坐标像是米"):
        read_rows(tmp_path, polygon(metres))
    (feature,) = read_rows(tmp_path, polygon(metres), crs="EPSG:3857")
    assert feature.geometry.bounds[0] == pytest.approx(118.4974, abs=1e-3)


def test_c130_swapped_axes_are_suspected(tmp_path):
    with refused("SUSPECT_SWAPPED"):
        read_rows(tmp_path, polygon([[lat, lon] for lon, lat in RING]))


def test_t26_a_file_that_names_another_system_is_refused(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    text = json.dumps({"type": "FeatureCollection", "features": [polygon(RING)], "crs": crs})
    with refused("CRS_MISMATCH"):
        read_text(tmp_path, text)


def test_cgcs2000_files_are_taken_as_wgs84(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    text = json.dumps({"type": "FeatureCollection", "features": [polygon(RING)], "crs": crs})
    assert read_text(tmp_path, text)[0].geometry.bounds == (118.5, 29.3, 118.6, 29.4)


def test_a_gcj02_layer_is_moved_once(tmp_path):
    (feature,) = read_rows(tmp_path, polygon(RING), crs="gcj02")
    moved = shapely.get_coordinates(feature.geometry)[0]
    assert 0.001 < abs(moved[0] - 118.5) < 0.01


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4549"])
def test_a_nest_stays_exact_through_a_conversion(tmp_path, crs):
    forward = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform if ":" in crs else None
    levels = wavy_nest(8)
    for rows in levels:
        for each in rows:
            shape = shapely.geometry.shape(each["geometry"])
            moved = shapely.transform(
                shape,
                lambda xy: np.column_stack(
                    forward(xy[:, 0], xy[:, 1]) if forward else from_wgs84_many(xy[:, 0], xy[:, 1], crs)
                ),
            )
            each["geometry"] = json.loads(shapely.to_geojson(moved))
    report = check_folder(write_folder(tmp_path, levels, crs=crs))
    assert report.proved_exact


def test_an_unknown_system_is_refused(tmp_path):
    with refused("UNKNOWN_CRS"):
        read_rows(tmp_path, polygon(RING), crs="EPSG:999999")


def test_t27_unclosed_rings_are_closed_and_short_ones_left_out(tmp_path):
    features = read_rows(tmp_path, polygon(RING[:3]), polygon(RING[:2]), polygon(RING, RING[:2]))
    both = ("UNCLOSED_RING", "RING_TOO_SHORT")
    assert [feature.flaws for feature in features] == [("UNCLOSED_RING",), both, both]
    assert [feature.geometry is not None for feature in features] == [True, False, True]


@pytest.mark.parametrize("text", ["", "[]", '{"type":"Feature"}', "\x00", '{"type":"FeatureCollection","features":{}}'])
def test_what_is_no_feature_collection_is_refused(tmp_path, text):
    with refused("NOT_GEOJSON"):
        read_text(tmp_path, text)


def test_an_empty_collection_and_a_missing_file_are_refused(tmp_path):
    with refused("NO_FEATURES"):
        read_rows(tmp_path)
    with refused("MISSING_FILE"):
        read(tmp_path, "nowhere.geojson")


def test_what_is_not_finite_among_properties_becomes_null(tmp_path):
    text = json.dumps({"type": "FeatureCollection", "features": [polygon(RING)]})
    (feature,) = read_text(tmp_path, text.replace('"properties": {}', '"properties": {"people": Infinity, "n": 3}'))
    assert feature.properties == {"people": None, "n": 3}


def test_the_toy_nest_reads_without_a_word(tmp_path):
    assert read_nest(write_folder(tmp_path, wavy_nest())).defects == []
