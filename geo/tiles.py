"""Picture tiles of a ground map from one local file, MBTiles or PMTiles (version 3); read, never written."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

KINDS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
_PMTILES_KINDS = {2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif"}
_HEADER = struct.Struct("<7sB11Q6B")  # the first 102 bytes of a PMTiles file; the rest is bounds, which we do not need
_PLAIN, _GZIP = 1, 2
_DEEPEST = 4  # directories within directories; the format's own writers use two


class BadTiles(ValueError):
    """A file that holds no picture tiles we can read; the text says why."""


@dataclass(frozen=True, slots=True)
class TileInfo:
    """What a file says of itself: media type, first and last zoom level, whose data it is ("" when it does not say)."""

    mime: str
    least: int
    most: int
    note: str = ""


class Tiles(Protocol):
    """Tiles of a web mercator pyramid, counted from the north-west corner (XYZ)."""

    @property
    def info(self) -> TileInfo:
        """What the file says of itself."""

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One picture; None where the file has none. Blocking."""


def open_tiles(path: Path) -> Tiles:
    """The tiles of a file, by its ending; BadTiles for a missing, unknown, broken or vector file."""
    if path.suffix not in (".mbtiles", ".pmtiles"):
        raise BadTiles(f"{path.name}: not .mbtiles or .pmtiles")
    if not path.is_file():
        raise BadTiles(f"{path}: no such file")
    return MBTiles(path) if path.suffix == ".mbtiles" else PMTiles(path)


class MBTiles:
    """A SQLite file as the MBTiles 1.3 specification has it; its rows count from the south (TMS)."""

    def __init__(self, path: Path) -> None:
        self._address = f"{path.resolve().as_uri()}?mode=ro"
        try:
            told = {str(row[0]): row[1] for row in self._rows("SELECT name, value FROM metadata")}
            least, most = self._rows("SELECT min(zoom_level), max(zoom_level) FROM tiles")[0]
        except sqlite3.Error as problem:
            raise BadTiles(f"{path.name}: {problem}") from problem
        kind = KINDS.get(str(told.get("format", "")).lower())
        if kind is None or least is None:
            raise BadTiles(f"{path.name}: no pictures in it (format {told.get('format')})")
        self.info = TileInfo(kind, int(least), int(most), str(told.get("attribution", "")))

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One picture by its XYZ numbers."""
        from_south = (1 << z) - 1 - y
        found = self._rows(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?", z, x, from_south
        )
        return bytes(found[0][0]) if found else None

    def _rows(self, query: str, *given: int) -> list[tuple[Any, ...]]:
        """Opened for each question: cheap beside a tile, and safe from every thread."""
        with closing(sqlite3.connect(self._address, uri=True)) as base:
            return base.execute(query, given).fetchall()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where tiles lie: `run` equal tiles from number `first`; a run of 0 is a directory of its own."""

    first: int
    run: int
    length: int
    offset: int


class PMTiles:
    """One file as the PMTiles 3 specification has it: a header, directories of runs, the pictures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        head = self._read(0, _HEADER.size)
        if len(head) < _HEADER.size or head[:7] != b"PMTiles" or head[7] != 3:
            raise BadTiles(f"{path.name}: no PMTiles of version 3")
        (_, _, root, root_length, meta, meta_length, self._leaves, _, self._data, _, _, _, _, *bytes_) = _HEADER.unpack(
            head
        )
        _, self._packing, packed, kind, least, most = bytes_
        if kind not in _PMTILES_KINDS or packed != _PLAIN or self._packing not in (_PLAIN, _GZIP):
            raise BadTiles(f"{path.name}: no plain pictures in it (tile type {kind})")
        self._root = entries_of(self._unpacked(root, root_length))
        told = json.loads(self._unpacked(meta, meta_length) or b"{}") if meta_length else {}
        self.info = TileInfo(_PMTILES_KINDS[kind], least, most, str(told.get("attribution", "")))
        self._leaf = lru_cache(256)(lambda at, length: entries_of(self._unpacked(self._leaves + at, length)))

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One picture by its XYZ numbers."""
        number, entries = tile_number(z, x, y), self._root
        for _ in range(_DEEPEST):
            at = bisect_right(entries, number, key=lambda each: each.first) - 1
            if at < 0:
                return None
            found = entries[at]
            if found.run:
                return self._read(self._data + found.offset, found.length) if number < found.first + found.run else None
            entries = self._leaf(found.offset, found.length)
        return None

    def _read(self, offset: int, length: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def _unpacked(self, offset: int, length: int) -> bytes:
        raw = self._read(offset, length)
        try:
            return gzip.decompress(raw) if self._packing == _GZIP else raw
        except OSError as problem:
            raise BadTiles(f"{self._path.name}: {problem}") from problem


def entries_of(raw: bytes) -> Sequence[Entry]:
    """The entries of one directory, in the order of their numbers; BadTiles when it ends too soon."""
    numbers = _varints(raw)
    try:
        count = next(numbers)
        steps, runs, lengths, offsets = ([next(numbers) for _ in range(count)] for _ in range(4))
    except (StopIteration, RuntimeError) as problem:
        raise BadTiles("a directory ends too soon") from problem
    found: list[Entry] = []
    first = 0
    for step, run, length, offset in zip(steps, runs, lengths, offsets, strict=True):
        first += step
        before = found[-1] if found else Entry(0, 0, 0, 0)
        found.append(Entry(first, run, length, offset - 1 if offset else before.offset + before.length))
    return found


def _varints(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def tile_number(z: int, x: int, y: int) -> int:
    """The number of a tile in PMTiles: all coarser levels first, then along a Hilbert curve."""
    number = ((1 << (z * 2)) - 1) // 3
    for at in range(z - 1, -1, -1):
        half = 1 << at
        east, south = half & x, half & y
        number += ((3 * east) ^ south) << at
        if south == 0:
            if east:
                x, y = half - 1 - x, half - 1 - y
            x, y = y, x
    return number
