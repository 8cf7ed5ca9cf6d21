"""Grids as the map draws them: GeoJSON bytes of a level, simplified for a zoom, ready to be sent and cached."""

import gzip
import hashlib
import threading
from collections.abc import Sequence
from math import cos, isfinite, radians, sqrt
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.grids import Grid, GridBook

FARTHEST_ZOOM = 6
TILE_PIXELS = 256
# From this zoom on a pixel is under two metres and the borders are drawn as they are.
EXACT_ZOOM = 16
# What may be left out of a border, in pixels (the root of the area between the old line and the new).
SLACK_PIXELS = 0.8
METRES_PER_DEGREE = 111_320.0
# The figures that go out with a grid. A list, since an imported file may carry a worker's phone in the next column.
FIGURES = ("households", "population", "area_m2")
# The share of a parent's area by which the union of its children may differ and still stand for it.
SAME_AREA = 1e-6

Shapes = npt.NDArray[np.object_]


class Payload(NamedTuple):
    """A GeoJSON document as it is, gzipped, and the strong ETag of the first."""

    body: bytes
    gzip: bytes
    etag: str

    @property
    def gzip_etag(self) -> str:
        """The strong ETag of the gzipped bytes: another representation, so another tag (RFC 9110, 8.8.3.3)."""
        return f'{self.etag[:-1]}-gz"'


class GridFeatures:
    """The documents of one grid book, each made when first asked for and kept; safe to ask from several threads."""

    def __init__(self, book: GridBook) -> None:
        self._book = book
        self._labels = label_points(book.grids())
        self._shapes: dict[int, dict[str, BaseGeometry]] = {}
        self._kept: dict[tuple[int | None, int], Payload] = {}
        self._making = threading.Lock()

    def payload(self, level: int | None, zoom: int) -> Payload:
        """The document of a level (0 = outermost; None: all) for a whole Leaflet zoom; IndexError for no such level."""
        if level is not None and not 0 <= level < len(self._book.levels()):
            raise IndexError(f"no level {level}")
        zoom = drawn_zoom(zoom)
        with self._making:
            if (level, zoom) not in self._kept:
                self._kept[level, zoom] = self._make(level, zoom)
            return self._kept[level, zoom]

    def _make(self, level: int | None, zoom: int) -> Payload:
        if zoom not in self._shapes:
            self._shapes[zoom] = simplified(self._book, zoom)
        shapes, labels = self._shapes[zoom], self._labels
        features = [feature(g, shapes[g.code], *labels[g.code]) for g in self._book.grids(level)]
        body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
        tag = hashlib.blake2b(body, digest_size=12).hexdigest()
        return Payload(body, gzip.compress(body, 9, mtime=0), f'"{tag}"')


def grid_features(book: GridBook, level: int | None, zoom: int) -> Payload:
    """One document without keeping it; a process that serves maps holds a GridFeatures instead."""
    return GridFeatures(book).payload(level, zoom)


def drawn_zoom(zoom: int) -> int:
    """The zoom whose document serves `zoom`: all from EXACT_ZOOM on share one."""
    return min(max(zoom, FARTHEST_ZOOM), EXACT_ZOOM)


def slack_degrees(zoom: int) -> float:
    """How much of a border may be left out at a zoom, in degrees; 0 from EXACT_ZOOM on."""
    return 0.0 if zoom >= EXACT_ZOOM else SLACK_PIXELS * 360.0 / (TILE_PIXELS * 2.0**zoom)


def decimals(zoom: int) -> int:
    """Decimals kept in degrees: a metre far off, a tenth of a metre near by."""
    return 5 if zoom < 14 else 6


def simplified(book: GridBook, zoom: int) -> dict[str, BaseGeometry]:
    """The shape of each grid by its code, in degrees; what is one border stays one, also between levels.

    The innermost level is simplified as a coverage and its parents are put together from the simplified children, so
    that a border drawn at two levels is one line. A grid that is not the union of its children is simplified among its
    own level.
    """
    shapes: dict[str, BaseGeometry] = {}
    for level in range(len(book.levels()) - 1, -1, -1):
        grids = book.grids(level)
        for grid, alone in zip(grids, _coverage(grids, zoom), strict=True):
            children = book.children(grid.code)
            nested = bool(children) and _is_union(grid, children)
            shapes[grid.code] = shapely.union_all([shapes[c.code] for c in children]) if nested else alone
    return shapes


def _coverage(grids: Sequence[Grid], zoom: int) -> Shapes:
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    if slack_degrees(zoom) > 0.0:
        shapes = shapely.coverage_simplify(shapes, slack_degrees(zoom))
    rounded: Shapes = shapely.transform(shapes, lambda places: np.round(places, decimals(zoom)))
    return rounded


def _is_union(grid: Grid, children: Sequence[Grid]) -> bool:
    whole = shapely.union_all([child.geometry for child in children])
    difference = shapely.symmetric_difference(whole, grid.geometry).area
    return bool(difference <= SAME_AREA * grid.geometry.area)


def label_points(grids: Sequence[Grid]) -> dict[str, tuple[tuple[float, float], int]]:
    """For each code the place furthest from the grid's border, (lon, lat), and the room around it in metres."""
    labels = {}
    for grid in grids:
        part = max(shapely.get_parts(grid.geometry), key=lambda polygon: float(polygon.area))
        radius = shapely.maximum_inscribed_circle(part, tolerance=sqrt(part.area) / 100.0)
        lon, lat = radius.coords[0]
        room = radius.length * METRES_PER_DEGREE * cos(radians(lat))
        labels[grid.code] = ((round(lon, 6), round(lat, 6)), round(room))
    return labels


def feature(grid: Grid, shape: BaseGeometry, label: tuple[float, float], room_m: int) -> dict[str, object]:
    """One GeoJSON feature; what is not a finite number or text becomes null."""
    properties: dict[str, object] = {
        "code": grid.code,
        "name": grid.name,
        "level": grid.level,
        "parent": grid.parent,
        "kind": grid.kind,
        "label": label,
        "room_m": room_m,
    }
    properties |= {figure: _plain(grid.properties.get(figure)) for figure in FIGURES if figure in grid.properties}
    return {"type": "Feature", "id": grid.code, "properties": properties, "geometry": _geometry(shape)}


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if isinstance(value, str | int | float) else None


def _geometry(shape: BaseGeometry) -> dict[str, object]:
    polygons = [[_ring(ring) for ring in _rings(part)] for part in shapely.get_parts(shape)]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rings(polygon: shapely.Polygon) -> list[BaseGeometry]:
    return [polygon.exterior, *polygon.interiors]


def _ring(ring: BaseGeometry) -> list[list[float]]:
    """The ring's places without the repeats that rounding makes."""
    places = shapely.get_coordinates(ring)
    new = np.ones(len(places), bool)
    new[1:] = (places[1:] != places[:-1]).any(axis=1)
    kept: list[list[float]] = places[new].tolist()
    return kept
