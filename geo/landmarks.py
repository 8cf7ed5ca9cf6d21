"""What stands on the ground of a town: cameras, sensitive places, rivers and roads, from GeoJSON beside its grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import msgspec

MOST_FEATURES = 100_000
FILES = {"cameras": "cameras.geojson", "places": "places.geojson", "lines": "lines.geojson"}


@dataclass(frozen=True, slots=True)
class Landmark:
    """A point: WGS-84 degrees, the grid it stands in, what kind it is ("camera", "school" …), and its name."""

    id: str
    kind: str
    name: str
    grid: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Line:
    """A river or road as places (lon, lat) in WGS-84 degrees."""

    kind: str
    name: str
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Everything that was found; what a town has no file for is empty."""

    cameras: tuple[Landmark, ...] = ()
    places: tuple[Landmark, ...] = ()
    lines: tuple[Line, ...] = ()


def read_landmarks(folder: Path) -> Landmarks:
    """Read a town's landmarks; a feature that cannot be read is left out, ValueError for a file that is no GeoJSON."""
    cameras = [_point(each, "camera") for each in _features(folder / FILES["cameras"])]
    places = [_point(each, "place") for each in _features(folder / FILES["places"])]
    lines = [_line(each) for each in _features(folder / FILES["lines"])]
    return Landmarks(
        tuple(each for each in cameras if each), tuple(each for each in places if each), tuple(filter(None, lines))
    )


def _features(path: Path) -> Sequence[Mapping[str, object]]:
    if not path.is_file():
        return ()
    try:
        document = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as problem:
        raise ValueError(f"{path.name} is no JSON: {problem}") from problem
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ValueError(f"{path.name} is no GeoJSON FeatureCollection")
    return [each for each in features[:MOST_FEATURES] if isinstance(each, dict)]


def _point(feature: Mapping[str, object], kind: str) -> Landmark | None:
    said, shape = _parts(feature)
    at = _place(shape.get("coordinates"))
    if shape.get("type") != "Point" or at is None:
        return None
    words = {name: str(said.get(name) or "") for name in ("id", "kind", "name", "grid")}
    return Landmark(words["id"], words["kind"] or kind, words["name"], words["grid"], *at)


def _line(feature: Mapping[str, object]) -> Line | None:
    said, shape = _parts(feature)
    coordinates = shape.get("coordinates")
    if shape.get("type") != "LineString" or not isinstance(coordinates, list):
        return None
    places = tuple(at for at in map(_place, coordinates) if at is not None)
    return Line(str(said.get("kind") or ""), str(said.get("name") or ""), places) if len(places) > 1 else None


def _parts(feature: Mapping[str, object]) -> tuple[Mapping[str, object], Mapping[str, object]]:
    said, shape = feature.get("properties"), feature.get("geometry")
    return said if isinstance(said, dict) else {}, shape if isinstance(shape, dict) else {}


def _place(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) < 2:
        return None
    lon, lat = value[0], value[1]
    if not (isinstance(lon, int | float) and isinstance(lat, int | float) and isfinite(lon) and isfinite(lat)):
        return None
    return (float(lon), float(lat)) if abs(lon) <= 180 and abs(lat) <= 90 else None
