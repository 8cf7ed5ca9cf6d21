"""The ground under the grids, where a room wants one: a local file of tiles, or a server that the room names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from geo.tiles import BadTiles, Tiles, open_tiles

DATUMS = ("wgs84", "cgcs2000", "gcj02")
"""Web mercator tiles that only differ by where they say a place is; Baidu counts its tiles in a way of its own."""
OWN = "/map/base/{z}/{x}/{y}"
LEAST, MOST = 3, 18


class BadBaseMap(ValueError):
    """A ground map that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Where tiles come from; nothing by default, so that nothing leaves the machine unasked."""

    template: str = ""
    datum: str = "wgs84"
    note: str = ""
    least: int = LEAST
    most: int = MOST
    tiles: Tiles | None = None

    @property
    def origin(self) -> str:
        """The foreign server that pages may load pictures from; "" when there is none."""
        parts = urlsplit(self.template)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def told(self) -> dict[str, object]:
        """What assets/map_base.js must know; empty when there is no ground map."""
        if not self.template:
            return {}
        return {
            "url": self.template,
            "datum": self.datum,
            "note": self.note,
            "least": self.least,
            "most": self.most,
        }


def base_map_of(source: str, datum: str = "wgs84", note: str = "") -> BaseMap:
    """The ground map of the settings: "", a file `.mbtiles` or `.pmtiles`, or a template with {z}, {x} and {y}."""
    if datum not in DATUMS:
        raise BadBaseMap(f"datum {datum!r}, not one of {' '.join(DATUMS)}")
    if not source:
        return BaseMap()
    if "://" in source:
        return BaseMap(_template(source), datum, note)
    try:
        tiles = open_tiles(Path(source))
    except BadTiles as problem:
        raise BadBaseMap(str(problem)) from problem
    return BaseMap(OWN, datum, note or tiles.info.note, tiles.info.least, tiles.info.most, tiles)


def _template(source: str) -> str:
    parts = urlsplit(source)
    missing = [each for each in ("{z}", "{x}", "{y}") if each not in source]
    if parts.scheme not in ("http", "https") or "{" in parts.netloc or missing:
        raise BadBaseMap("a template is http(s)://one host/… with {z}, {x} and {y}")
    return source
