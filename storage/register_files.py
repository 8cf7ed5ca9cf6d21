"""What people hand in for a register: CSV (also gzipped), Excel workbooks and GeoJSON, as titles and rows of text."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import shapely
from shapely.errors import ShapelyError

from cases.register_imports import Row, Sheet, UnreadableFile

MOST_BYTES = 256 << 20  # unpacked
MOST_ROWS = 1_000_000
DIGITS_KEPT = 10**15  # a workbook keeps fifteen digits of a number
_BROKEN = (OSError, EOFError, csv.Error, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, SyntaxError)
"""What the readers raise for a broken file; XML that is none is a SyntaxError."""
_ENCODINGS = ("utf-8-sig", "gb18030")


def read_sheet(path: Path) -> Sheet:
    """The table of a file by its name's ending; UnreadableFile says what is wrong with it. Blocking."""
    try:
        with path.open("rb") as file:
            return sheet_of(path.name, file)
    except OSError as problem:
        raise UnreadableFile(f"文件读不出来：{type(problem).__name__}") from problem


def sheet_of(name: str, file: BinaryIO) -> Sheet:
    """The table of an open file by its name's ending; UnreadableFile says what is wrong with it. Blocking."""
    ending = name.lower()
    try:
        if ending.endswith((".geojson", ".json")):
            return _geojson(_text(file))
        if ending.endswith((".xlsx", ".xlsm")):
            return _workbook(file)
        if ending.endswith(".csv.gz"):
            return _csv(_text(cast(BinaryIO, gzip.open(file))))
        if ending.endswith((".csv", ".txt")):
            return _csv(_text(file))
    except UnreadableFile:
        raise
    except _BROKEN as problem:
        raise UnreadableFile(f"文件读不出来：{type(problem).__name__}") from problem
    raise UnreadableFile("只接受 CSV、CSV.GZ、XLSX 和 GeoJSON 文件")


def _text(file: BinaryIO) -> str:
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
    """Rows by title with the line people see them on; a row of another length says so; blank lines are nobody's."""
    for line, cells in enumerate(lines, 2):
        if line - 2 >= MOST_ROWS:
            raise UnreadableFile(f"超过 {MOST_ROWS} 行")
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(titles, cells, strict=False)) | {"__line__": str(line)}
        if len(cells) > len(titles):
            row["__defect__"] = f"有 {len(cells)} 格，列名只有 {len(titles)} 个"
        yield row


def _workbook(file: BinaryIO) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 — only who imports a workbook needs it

    with zipfile.ZipFile(file) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
            raise UnreadableFile(f"文件展开后超过 {MOST_BYTES >> 20} MB")
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        lines = ([_cell(value) for value in line] for line in sheet.iter_rows(values_only=True))
        titles = _titles(next(lines, []))
        return Sheet(titles, list(_rows(titles, lines)))
    finally:
        book.close()


def _cell(value: object) -> str:
    """A cell as people see it: whole numbers without a point, days without a time that nobody entered.

    Of a number with more digits than a workbook keeps the last are made up: it is written as the workbook shows it.
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and abs(value) >= DIGITS_KEPT:
        return f"{value:.14E}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return str(value)


def _geojson(text: str) -> Sheet:
    try:
        told = json.loads(text)
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
