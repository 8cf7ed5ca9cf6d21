"""Tiles of a local file: both formats give the picture of the place asked for, and say what they cannot."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from geo.tiles import BadTiles, Tiles, entries_of, open_tiles, tile_number

PICTURES: Mapping[tuple[int, int, int], bytes] = {
    (0, 0, 0): b"world",
    (1, 0, 1): b"south-west",
    (1, 1, 0): b"north-east",
    (14, 13591, 6770): b"the town",
}


def mbtiles(path: Path, kind: str = "png") -> Path:
    """A file as other programs write it: rows counted from the south."""
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        base.executemany("INSERT INTO metadata VALUES (?,?)", [("format", kind), ("attribution", "某图 GS(2024)1号")])
        rows = [(z, x, 2**z - 1 - y, picture) for (z, x, y), picture in PICTURES.items()]
        base.executemany("INSERT INTO tiles VALUES (?,?,?,?)", rows)
    base.close()
    return path


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """First numbers, runs, lengths, offsets; gzipped as the format has it."""
    numbers = [entry[0] for entry in entries]
    columns = [
        [at - before for before, at in zip([0, *numbers], numbers, strict=False)],
        [entry[1] for entry in entries],
        [entry[2] for entry in entries],
        [entry[3] + 1 for entry in entries],
    ]
    return gzip.compress(varint(len(entries)) + b"".join(varint(each) for column in columns for each in column))


def pmtiles(path: Path, kind: int = 2) -> Path:
    """Two levels of directories: the coarse tiles in the root, the town in a leaf."""
    data, entries = b"", []
    for (z, x, y), picture in sorted(PICTURES.items(), key=lambda each: tile_number(*each[0])):
        entries.append((tile_number(z, x, y), 1, len(picture), len(data)))
        data += picture
    leaf = directory(entries[3:])
    root = directory([*entries[:3], (entries[3][0], 0, len(leaf), 0)])
    told = gzip.compress(json.dumps({"attribution": "某图"}).encode())
    places = (127, len(root), 127 + len(root), len(told), 127 + len(root) + len(told), len(leaf))
    begin = places[4] + places[5]
    head = struct.pack("<7sB11Q6B", b"PMTiles", 3, *places, begin, len(data), 4, 4, 4, 1, 2, 1, kind, 0, 14)
    path.write_bytes(head.ljust(127, b"\0") + root + told + leaf + data)
    return path


@pytest.fixture(params=["mbtiles", "pmtiles"])
def tiles(request: pytest.FixtureRequest, tmp_path: Path) -> Tiles:
    makers = {"mbtiles": mbtiles, "pmtiles": pmtiles}
    return open_tiles(makers[request.param](tmp_path / f"town.{request.param}"))


def test_each_place_has_its_own_picture(tiles: Tiles) -> None:
    for (z, x, y), picture in PICTURES.items():
        assert tiles.tile(z, x, y) == picture
    assert tiles.tile(1, 1, 1) is None
    assert tiles.tile(14, 13592, 6770) is None
    assert (tiles.info.mime, tiles.info.least, tiles.info.most) == ("image/png", 0, 14)
    assert tiles.info.note.startswith("某图")


NUMBERED = {
    (0, 0, 0): 0,
    (1, 0, 0): 1,
    (1, 0, 1): 2,
    (1, 1, 1): 3,
    (1, 1, 0): 4,
    (2, 0, 0): 5,
    (12, 3423, 1763): 19078479,  # the specification's own example
}


@pytest.mark.parametrize(("at", "number"), NUMBERED.items())
def test_tiles_are_numbered_as_the_specification_does(at: tuple[int, int, int], number: int) -> None:
    assert tile_number(*at) == number


def test_what_holds_no_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.pmtiles").write_bytes(b"PMTiles\x03")
    (tmp_path / "none.mbtiles").write_bytes(b"no database at all, only words")
    bad = [tmp_path / "torn.pmtiles", tmp_path / "none.mbtiles", tmp_path / "missing.mbtiles", tmp_path / "map.tif"]
    for path in [*bad, mbtiles(tmp_path / "vector.mbtiles", "pbf"), pmtiles(tmp_path / "vector.pmtiles", 1)]:
        with pytest.raises(BadTiles):
            open_tiles(path)


def test_a_torn_directory_is_refused() -> None:
    with pytest.raises(BadTiles):
        entries_of(varint(5) + b"\x01")
