"""What people hand in for a register: CSV (also gzipped), Excel workbooks and GeoJSON, as titles and rows of text."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import shapely
from shapely.errors import ShapelyError

MOST_BYTES = 256 << 20  # unpacked
MOST_ROWS = 1_000_000
_ENCODINGS = ("utf-8-sig", "gb18030")

Row = Mapping[str, str]


class UnreadableFile(ValueError):
    """The file cannot be read at all; the message is for people."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text. `is_placed`: rows carry `__lon__` and `__lat__` from a geometry, or `__defect__` in words."""

    titles: tuple[str, ...]
    rows: list[Row]
    is_placed: bool = False


def read_sheet(path: Path) -> Sheet:
    """The table of a file by its name's ending; UnreadableFile says what is wrong with it. Blocking."""
    name = path.name.lower()
    try:
        if name.endswith((".geojson", ".json")):
            return _geojson(path)
        if name.endswith((".xlsx", ".xlsm")):
            return _workbook(path)
        if name.endswith((".csv", ".csv.gz", ".txt")):
            return _csv(_text(path))
    except (OSError, EOFError, csv.Error, zipfile.BadZipFile, KeyError) as problem:
        raise UnreadableFile(f"文件读不出来：{type(problem).__name__}") from problem
    raise UnreadableFile("只接受 CSV、CSV.GZ、XLSX 和 GeoJSON 文件")


def _text(path: Path) -> str:
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UnreadableFile(f"文件展开后超过 {MOST_BYTES >> 20} MB")
    for encoding in _ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("文件的文字编码既不是 UTF-8 也不是 GB18030")


def _csv(text: str) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""))
    titles = _titles(next(reader, []))
    return Sheet(titles, list(_rows(titles, reader)))


def _titles(cells: list[str]) -> tuple[str, ...]:
    titles = tuple(cell.strip() for cell in cells)
    if not any(titles):
        raise UnreadableFile("第一行没有列名")
    named = [title for title in titles if title]
    if len(set(named)) < len(named):
        raise UnreadableFile("第一行有重复的列名")
    return titles


def _rows(titles: tuple[str, ...], lines: Iterator[list[str]]) -> Iterator[Row]:
    """Rows by title; a row of another length says so; blank lines are nobody's."""
    for number, cells in enumerate(lines):
        if number >= MOST_ROWS:
            raise UnreadableFile(f"超过 {MOST_ROWS} 行")
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(titles, cells, strict=False))
        if len(cells) > len(titles):
            row["__defect__"] = f"有 {len(cells)} 格，列名只有 {len(titles)} 个"
        yield row


def _workbook(path: Path) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 — only who imports a workbook needs it

    with zipfile.ZipFile(path) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
            raise UnreadableFile(f"文件展开后超过 {MOST_BYTES >> 20} MB")
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        lines = ([_cell(value) for value in line] for line in sheet.iter_rows(values_only=True))
        titles = _titles(next(lines, []))
        return Sheet(titles, list(_rows(titles, lines)))
    finally:
        book.close()


def _cell(value: object) -> str:
    """A cell as people see it: whole numbers without a point, days without a time that nobody entered."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return str(value)


def _geojson(path: Path) -> Sheet:
    try:
        told = json.loads(_text(path))
        features = told["features"]
    except (ValueError, TypeError, RecursionError) as problem:
        raise UnreadableFile("不是合法的 GeoJSON") from problem
    if not isinstance(features, list):
        raise UnreadableFile("不是合法的 GeoJSON")
    rows = [_feature(each) for each in features]
    titles = dict.fromkeys(title for row in rows for title in row if not title.startswith("__"))
    return Sheet(tuple(titles), rows, is_placed=True)


def _feature(feature: object) -> Row:
    row: dict[str, str] = {}
    if not isinstance(feature, dict):
        return {"__defect__": "不是要素"}
    for title, value in (feature.get("properties") or {}).items():
        row[str(title)] = "" if value is None else str(value)
    try:
        shape = shapely.from_geojson(json.dumps(feature.get("geometry")))
    except ShapelyError:
        return row | {"__defect__": "图形读不出来"}
    if shape is None or shape.is_empty:
        return row
    if not shape.is_valid:
        return row | {"__defect__": f"图形无效：{_reason(shapely.is_valid_reason(shape))}"}
    inside = shape.representative_point()
    return row | {"__lon__": repr(inside.x), "__lat__": repr(inside.y)}


def _reason(words: str) -> str:
    """GEOS's reason with its kind in Chinese and its place."""
    kind, _, place = words.partition("[")
    known = {
        "Self-intersection": "自相交",
        "Ring Self-intersection": "环自相交",
        "Too few points in geometry component": "点太少",
    }
    return f"{known.get(kind, kind)}（{place.rstrip(']')}）" if place else known.get(kind, kind)
