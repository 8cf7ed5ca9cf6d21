"""A recorded table's rows: CSV or CSV.gz read as a stream, each row an instant, a place and a category, or why not."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DAY_BEGINS = timedelta(hours=8)
_ORDER_STEP = timedelta(minutes=1)
_LAST_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)
_FIRST_OF_ALL = datetime(1, 1, 2, tzinfo=UTC)
_LONGEST_WORD = 64  # a category or worker on the wire


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what; None where a table has none. `words` maps the table's categories to the room's."""

    time: str
    lon: str
    lat: str
    crs: str
    category: str | None = None
    title: str | None = None
    text: str | None = None
    address: str | None = None
    id: str | None = None
    order: str | None = None
    worker: str | None = None
    expect: str | None = None
    time_format: str | None = None
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row; `number` counts from 1 without the header, `at` is aware."""

    number: int
    at: datetime
    lon: float
    lat: float
    category: str
    title: str
    text: str
    address: str
    own_id: str
    worker: str
    expected: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot become a message, and the field at fault."""

    number: int
    why: str


class BadTable(Exception):
    """The file cannot be read as asked; the text says which column is missing or what is wrong."""


class Table:
    """A CSV file open for one pass. `position` and `size` count compressed bytes, for a progress bar."""

    def __init__(self, file: Path, columns: Columns, by_time: bool = False) -> None:
        self._file, self._columns, self._by_time = file, columns, by_time
        self.size = file.stat().st_size
        self.position = 0

    def rows(self) -> Iterator[Row | Unreadable]:
        """Every row in the file's order, or by time (then all are held in memory; unreadable ones come first).

        Raises BadTable for missing columns or a file that is no CSV.
        """
        if not self._by_time:
            return self._read()
        return iter(sorted(self._read(), key=lambda row: row.at if isinstance(row, Row) else _FIRST_OF_ALL))

    def _read(self) -> Iterator[Row | Unreadable]:
        with self._file.open("rb") as raw:
            reader = csv.DictReader(_text(raw, self._file))
            self._check(reader.fieldnames or ())
            try:
                for number, fields in enumerate(reader, 1):
                    self.position = raw.tell()
                    yield self._row(number, fields)
            except (csv.Error, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as problem:
                raise BadTable(f"{self._file.name}: {problem}") from problem

    def _check(self, present: object) -> None:
        c = self._columns
        asked = (c.time, c.lon, c.lat, c.category, c.title, c.text, c.address, c.id, c.order, c.worker, c.expect)
        names = set(present) if isinstance(present, list) else set()
        missing = [name for name in asked if name is not None and name not in names]
        if missing:
            raise BadTable(f"{self._file.name}: 没有列 / no column {', '.join(missing)}; 有 / has {', '.join(names)}")

    def _row(self, number: int, fields: Mapping[str, str | None]) -> Row | Unreadable:
        columns = self._columns

        def cell(name: str | None) -> str:
            return (fields.get(name) or "").strip() if name else ""

        try:
            at = instant(cell(columns.time), cell(columns.order), columns)
        except (ValueError, OverflowError):
            return Unreadable(number, "time")
        try:
            lon, lat = float(cell(columns.lon)), float(cell(columns.lat))
        except ValueError:
            return Unreadable(number, "lon lat")
        raw = cell(columns.category)
        return Row(
            number,
            at,
            lon,
            lat,
            columns.words.get(raw, raw)[:_LONGEST_WORD] or "other",
            (cell(columns.title) or raw or "无标题")[:200],
            cell(columns.text)[:5000],
            cell(columns.address)[:500],
            cell(columns.id),
            cell(columns.worker)[:_LONGEST_WORD],
            cell(columns.expect),
        )


def instant(text: str, order: str, columns: Columns) -> datetime:
    """An aware instant: by the format given, else ISO 8601, else Unix seconds; without zone it is `columns.zone`'s.

    A date alone counts from eight in the morning, one minute for each step of the order column. Raises ValueError.
    """
    if columns.time_format:
        found = datetime.strptime(text, columns.time_format)  # noqa: DTZ007 — the zone follows
    elif re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    else:
        found = datetime.fromisoformat(text)
    if _DATE_ONLY.match(text) or (columns.order and found.time() == datetime.min.time()):
        steps = int(float(order)) if order else 0
        found += min(_DAY_BEGINS + steps * _ORDER_STEP, _LAST_OF_DAY)
    return found if found.tzinfo else found.replace(tzinfo=columns.zone)


def _text(raw: BinaryIO, file: Path) -> io.TextIOWrapper:
    binary = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
    return io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
