"""Reading one level's boundary file into numbered features in WGS-84, trusting nothing it says.

GeoJSON is parsed here, without GDAL: a file that GDAL recognises by content can name other files of the
server (reliability.md T1, T2). The other formats are read by `geo.importer` in a limited child process.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LinearRing, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.crs import CRS_NAMES, to_wgs84_many
from geo.errors import GridError
from geo.importer import read_with_child
from geo.scheme import Level, Scheme

MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_RING_POINTS = 1_000_000
CHINA_LON = (73.0, 135.1)  # domain.md c2.5
CHINA_LAT = (3.0, 54.0)

_SAME_AS = {"epsg:4326": "wgs84", "ogc:crs84": "wgs84", "epsg:4490": "cgcs2000"}
_DECIMALS = 9  # 0.1 mm: corners that were equal before a conversion stay equal after it
_RING_NEEDS = 3  # different corners


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of a boundary file: its number from 1, what it says, its shape, and what is wrong with the shape."""

    row: int
    properties: Mapping[str, object]
    geometry: BaseGeometry | None
    flaws: tuple[str, ...] = ()


def read_features(level: Level, scheme: Scheme) -> list[Feature]:
    """The features of a level, lon/lat in WGS-84. GridError when the file as a whole cannot be used."""
    path, layer = _boundary_path(level, scheme.folder)
    if path.suffix.lower() in (".geojson", ".json"):
        features, declared = _read_geojson(path)
    else:
        rows, declared = read_with_child(path, layer, level.encoding)
        features = [_from_wkb(number, row) for number, row in enumerate(rows, start=1)]
    if not features:
        raise GridError("NO_FEATURES", f"{path.name} 里没有任何图形")
    _agree_on_crs(scheme.crs, declared, path)
    return _in_wgs84(features, scheme.crs, path)


def _boundary_path(level: Level, folder: Path) -> tuple[Path, str]:
    """The regular file a level names; anything GDAL would take for a connection or a virtual path is refused."""
    name, _, layer = level.file.partition("::")
    if re.match(r"^[A-Za-z][A-Za-z0-9_+.-]*:", name) or name.startswith("/vsi") or "\0" in name:
        raise GridError("BAD_NAME", f"“{level.name}”的 file 只能是文件名，不能是 {name[:60]!r}")
    path = folder / name
    if not path.is_file():
        raise GridError("MISSING_FILE", f"“{level.name}”的文件 {name} 不存在")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise GridError("TOO_LARGE", f"{name} 超过 {MAX_FILE_BYTES // 1024 // 1024} MB")
    return path, layer


# --- GeoJSON ---------------------------------------------------------------------------------------------


def _read_geojson(path: Path) -> tuple[list[Feature], str]:
    """The features and the coordinate system the file declares ("" when it declares none)."""
    try:
        document = json.loads(path.read_bytes())
    except RecursionError as error:
        raise GridError("TOO_DEEP", f"{path.name} 嵌套太深") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise GridError("NOT_GEOJSON", f"{path.name} 的内容不是 GeoJSON") from error
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(rows, list) or document.get("type") != "FeatureCollection":
        raise GridError("NOT_GEOJSON", f"{path.name} 的内容不是 GeoJSON 的 FeatureCollection")
    return [_from_json(number, row, path) for number, row in enumerate(rows, start=1)], _declared_crs(document)


def _declared_crs(document: dict[str, Any]) -> str:
    """RFC 7946 knows no `crs` member, but many Chinese files still carry one."""
    named = document.get("crs")
    properties = named.get("properties") if isinstance(named, dict) else None
    text = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if "CRS84" in text:
        return "EPSG:4326"
    code = re.search(r"EPSG:(?:[\d.]*:)?(\d+)$", text)
    return f"EPSG:{code[1]}" if code else ""


def _from_json(number: int, row: Any, path: Path) -> Feature:
    if not isinstance(row, dict):
        return Feature(number, {}, None, ("NOT_A_FEATURE",))
    properties = row.get("properties")
    geometry = row.get("geometry")
    said = {key: _finite(value) for key, value in properties.items()} if isinstance(properties, dict) else {}
    if geometry is None:
        return Feature(number, said, None, ("MISSING_GEOMETRY",))
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return Feature(number, said, None, ("WRONG_GEOMETRY_TYPE",))
    coordinates = geometry.get("coordinates")
    flaws: list[str] = []
    try:
        polygons = [coordinates] if kind == "Polygon" else coordinates
        shape = _shape(polygons, flaws, number, path)
    except _BadCoordinate:
        return Feature(number, said, None, ("BAD_COORD",))
    if shape is None and not flaws:
        flaws.append("EMPTY_GEOMETRY")
    return Feature(number, said, shape, tuple(dict.fromkeys(flaws)))


class _BadCoordinate(Exception):
    """Something in a list of positions that is not two or three finite numbers."""


def _shape(polygons: Any, flaws: list[str], number: int, path: Path) -> BaseGeometry | None:
    if not isinstance(polygons, list):
        raise _BadCoordinate
    shapes = [shape for rings in polygons if (shape := _polygon(rings, flaws, number, path))]
    if not shapes:
        return None
    return shapes[0] if len(shapes) == 1 else MultiPolygon(shapes)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _polygon(rings: Any, flaws: list[str], number: int, path: Path) -> Polygon | None:
    """One polygon; rings that enclose nothing are left out and named in `flaws`."""
    if not isinstance(rings, list):
        raise _BadCoordinate
    good: list[LinearRing] = []
    for position, positions in enumerate(rings):
        ring = _ring(positions, flaws, number, path)
        if ring is not None:
            good.append(ring)
        elif position == 0:
            return None  # without its shell the holes mean nothing
    return Polygon(good[0], good[1:]) if good else None


def _ring(positions: Any, flaws: list[str], number: int, path: Path) -> LinearRing | None:
    if not isinstance(positions, list):
        raise _BadCoordinate
    if len(positions) > MAX_RING_POINTS:
        raise GridError("TOO_MANY_POINTS", f"{path.name} 第 {number} 个图形有 {len(positions)} 个点")
    if not positions:
        return None
    corners = _corners(positions)
    if (corners[0] != corners[-1]).any():
        flaws.append("UNCLOSED_RING")
        corners = np.vstack([corners, corners[:1]])
    if len(np.unique(corners, axis=0)) < _RING_NEEDS:
        flaws.append("RING_TOO_SHORT")
        return None
    return LinearRing(corners)


def _corners(positions: list[Any]) -> npt.NDArray[np.float64]:
    """Two columns, lon and lat; a third number (height) is dropped, anything else refused."""
    try:
        corners = np.asarray(positions)
    except ValueError as error:  # positions of different lengths
        raise _BadCoordinate from error
    if corners.ndim != 2 or corners.shape[1] not in (2, 3) or corners.dtype.kind not in "if":
        raise _BadCoordinate
    corners = corners[:, :2].astype(np.float64)
    if not np.isfinite(corners).all():
        raise _BadCoordinate
    return corners


def _from_wkb(number: int, row: Mapping[str, Any]) -> Feature:
    properties = {key: _finite(value) for key, value in row["properties"].items()}
    if row["wkb"] is None:
        return Feature(number, properties, None, ("MISSING_GEOMETRY",))
    shape = shapely.from_wkb(bytes.fromhex(row["wkb"]), on_invalid="ignore")
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all():
        return Feature(number, properties, None, ("BAD_COORD",))
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return Feature(number, properties, None, ("WRONG_GEOMETRY_TYPE",))
    return Feature(number, properties, shapely.force_2d(shape))


# --- coordinate systems ----------------------------------------------------------------------------------


def _agree_on_crs(wanted: str, declared: str, path: Path) -> None:
    """The scheme decides; a file that clearly says otherwise is refused rather than believed or ignored.

    Files in GCJ-02 and BD-09 have no EPSG code and usually claim 4326: for them the claim says nothing.
    """
    ours, theirs = _name_of(wanted), _name_of(declared)
    geographic = set(CRS_NAMES)
    if declared and ours != theirs and not (ours in geographic and theirs in geographic):
        raise GridError("CRS_MISMATCH", f"{path.name} 自称 {declared}，{wanted} 却写在 scheme.toml 里，请改成一致")


def _name_of(crs: str) -> str:
    lowered = crs.strip().lower()
    return _SAME_AS.get(lowered, lowered)


def _in_wgs84(features: list[Feature], crs: str, path: Path) -> list[Feature]:
    name = _name_of(crs)
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    if name in CRS_NAMES:
        _look_like_degrees(shapes, path)
        if name in ("wgs84", "cgcs2000"):
            return features
    convert = _converter(name, crs)
    moved = shapely.transform(shapes, lambda xy: np.round(convert(xy), _DECIMALS))
    return [replace(feature, geometry=shape) for feature, shape in zip(features, moved, strict=True)]


def _converter(name: str, crs: str) -> Any:
    if name in CRS_NAMES:
        return lambda xy: np.column_stack(to_wgs84_many(xy[:, 0], xy[:, 1], name))
    from pyproj import CRS, Transformer  # noqa: PLC0415 — slow to import and needed for projected files only
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        transformer = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise GridError("UNKNOWN_CRS", f"不认识坐标系 {crs!r}，请写 EPSG 代码、gcj02 或 bd09") from error
    return lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


def _look_like_degrees(shapes: npt.NDArray[Any], path: Path) -> None:
    west, south, east, north = shapely.total_bounds(shapes)
    if not math.isfinite(west):
        return
    if _within(CHINA_LAT, west, east) and _within(CHINA_LON, south, north):
        raise GridError("SUSPECT_SWAPPED", f"{path.name} 的经度和纬度像是写反了")
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise GridError("MISSING_CRS", f"{path.name} 的坐标像是米，请在 scheme.toml 注明坐标系")


def _within(limits: tuple[float, float], low: float, high: float) -> bool:
    return limits[0] <= low and high <= limits[1]
