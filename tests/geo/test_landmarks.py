"""A town's cameras, places and lines: what can be read is there, what cannot is left out, a broken file is named."""

import json
from pathlib import Path

import pytest

from geo.landmarks import Landmarks, read_landmarks

DEMO = Path(__file__).parents[2] / "geo" / "towns" / "demo"


def write(folder, name, *features):
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), "utf-8")


def feature(shape, coordinates, **said):
    return {"type": "Feature", "properties": said, "geometry": {"type": shape, "coordinates": coordinates}}


def test_a_town_without_landmarks_has_none(tmp_path):
    assert read_landmarks(tmp_path) == Landmarks()


def test_the_demo_town_has_its_cameras_places_rivers_and_roads():
    found = read_landmarks(DEMO)
    assert len(found.cameras) == 120
    assert len(found.places) > 50
    assert {line.kind for line in found.lines} == {"river", "road"}
    assert {camera.kind for camera in found.cameras} == {"camera"}


def test_what_cannot_be_read_is_left_out(tmp_path):
    good = feature("Point", [120.1, 30.2], id="P-1", kind="school", name="小学", grid="A1")
    bad = [feature("Point", at) for at in ([], [None, 1], [200, 30], ["x", "y"], None)]
    write(tmp_path, "places.geojson", *bad, {"geometry": None}, {"properties": 7}, feature("Polygon", []), good, "x")
    write(tmp_path, "lines.geojson", feature("LineString", [[120, 30]]), feature("LineString", [[120, 30], [121, 30]]))
    found = read_landmarks(tmp_path)
    assert [(place.id, place.lon, place.lat, place.grid) for place in found.places] == [("P-1", 120.1, 30.2, "A1")]
    assert [line.places for line in found.lines] == [((120.0, 30.0), (121.0, 30.0))]


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "FeatureCollection"}'])
def test_a_file_that_is_no_geojson_is_named(tmp_path, text):
    (tmp_path / "cameras.geojson").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"cameras\.geojson"):
        read_landmarks(tmp_path)
