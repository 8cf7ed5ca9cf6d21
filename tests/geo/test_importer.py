"""GeoPackage, Shapefile and GeoParquet through the limited child, and files that are not what they say."""

import json
import shutil
import subprocess
import sys

import geopandas
import pytest
import shapely

from geo.check import check_folder
from geo.errors import GridError
from geo.importer import _environment, read_with_child
from tests.geo.build import wavy_nest, write_folder


@pytest.fixture(scope="module")
def frames():
    return [
        geopandas.GeoDataFrame(
            {key: [row["properties"][key] for row in rows] for key in ("code", "name", "parent_code")},
            geometry=[shapely.geometry.shape(row["geometry"]) for row in rows],
            crs="EPSG:4326",
        )
        for rows in wavy_nest()
    ]


def shapefile(frame, path, encoding="GBK"):
    frame.rename(columns={"parent_code": "parent"}).to_file(path, driver="ESRI Shapefile", encoding=encoding)
    return path


def test_a_nest_of_three_formats_is_proved_exact(tmp_path, frames):
    folder = write_folder(tmp_path, wavy_nest())
    frames[0].to_parquet(folder / "l1.parquet")
    for number, frame in enumerate(frames, start=1):
        frame.to_file(folder / "all.gpkg", layer=f"level{number}", driver="GPKG")
    shapefile(frames[2], folder / "l3.shp")
    text = (folder / "scheme.toml").read_text("utf-8")
    text = text.replace("l1.geojson", "l1.parquet").replace("l2.geojson", "all.gpkg::level2")
    (folder / "scheme.toml").write_text(text.replace('"l3.geojson"', '"l3.shp"\nparent = "parent"'), "utf-8")
    report = check_folder(folder)
    assert (report.ok, report.proved_exact) == (True, True)
    assert [level.grids for level in report.levels] == [1, 4, 16]


def test_names_in_gbk_are_read_with_their_cpg(tmp_path, frames):
    rows, crs = read_with_child(shapefile(frames[1], tmp_path / "l2.shp"), "", "")
    assert rows[0]["properties"]["name"] == "格T0"
    assert crs == "EPSG:4326"


def test_c131_without_cpg_the_encoding_is_asked_for_with_samples(tmp_path, frames):
    named = frames[1].assign(name="古荡新村")
    path = shapefile(named, tmp_path / "l2.shp")
    (tmp_path / "l2.cpg").unlink()
    dbf = bytearray((tmp_path / "l2.dbf").read_bytes())
    dbf[29] = 0
    (tmp_path / "l2.dbf").write_bytes(dbf)
    with pytest.raises(GridError, match=r"ENCODING_UNKNOWN: .*GBK：古荡新村"):
        read_with_child(path, "", "")
    assert read_with_child(path, "", "GBK")[0][0]["properties"]["name"] == "古荡新村"


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_c131_a_missing_part_is_named(tmp_path, frames, part):
    path = shapefile(frames[1], tmp_path / "l2.shp")
    path.with_suffix(part).unlink()
    with pytest.raises(GridError, match=f"MISSING_PART: .*{part}"):
        read_with_child(path, "", "")


def test_a_layer_must_be_named_where_there_are_several(tmp_path, frames):
    for number, frame in enumerate(frames, start=1):
        frame.to_file(tmp_path / "all.gpkg", layer=f"level{number}", driver="GPKG")
    for layer in ("", "level9"):
        with pytest.raises(GridError, match=r"MISSING_LAYER: .*level2"):
            read_with_child(tmp_path / "all.gpkg", layer, "")


def test_a_damaged_file_is_refused_and_not_believed(tmp_path, frames):
    frames[2].to_file(tmp_path / "l.gpkg", driver="GPKG")
    content = (tmp_path / "l.gpkg").read_bytes()
    (tmp_path / "l.gpkg").write_bytes(content[:5000])
    with pytest.raises(GridError, match="IMPORT_FAILED"):
        read_with_child(tmp_path / "l.gpkg", "", "")


def test_a_table_without_geometry_is_no_geoparquet(tmp_path, frames):
    frames[2].drop(columns="geometry").to_parquet(tmp_path / "l.parquet")
    with pytest.raises(GridError, match="NOT_GEOPARQUET"):
        read_with_child(tmp_path / "l.parquet", "", "")


def test_the_child_has_two_drivers_and_no_network(tmp_path):
    program = (
        "import geo.import_child as child, socket, pyogrio, json\n"
        "child._leave_the_network()\n"
        "names = [name for _, name in socket.if_nameindex()]\n"
        "print(json.dumps([sorted(pyogrio.list_drivers()), names]))"
    )
    done = subprocess.run([sys.executable, "-c", program], env=_environment(tmp_path), capture_output=True, check=True)
    drivers, interfaces = json.loads(done.stdout)
    assert drivers == ["ESRI Shapefile", "GPKG"]
    if shutil.which("unshare") and subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0:
        assert interfaces == ["lo"]
