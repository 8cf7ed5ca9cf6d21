"""`geo locate`: a table of points streamed through the grid book, one code column a level added."""

import csv
import gzip
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TextIO, cast

import numpy as np
import numpy.typing as npt

from geo.crs import to_wgs84_many
from geo.errors import GridError
from geo.grids import GridBook

_ROWS_A_BATCH = 20_000
_REDRAW_S = 0.2

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Tally:
    """What a run saw: rows in all, rows whose coordinates are no numbers, rows in no grid of the last level."""

    rows: int = 0
    unreadable: int = 0
    nowhere: int = 0


def locate_table(book: GridBook, source: Path, target: Path, crs: str, lon: str = "lon", lat: str = "lat") -> Tally:
    """Copy the table `source` to `target` with `level1`, `level2`, … added; empty where no grid holds the point.

    `crs` is one of geo.crs.CRS_NAMES and says what the columns `lon` and `lat` are in; they are written back as
    they were read. The target appears whole or not at all. GridError for a table that cannot be read.
    """
    tally = Tally()
    part = target.with_name(f".{target.name}.part")
    try:
        with _opened(source) as (text, progress), part.open("w", encoding="utf-8", newline="") as out:
            reader, writer = csv.reader(text), csv.writer(out, lineterminator="\n")
            columns = _Columns.of(next(reader, []), lon, lat, len(book.levels()))
            writer.writerow(columns.header)
            for rows in _batches(reader):
                writer.writerows(_located(book, rows, columns, crs, tally))
                progress.show(tally.rows)
            progress.done(tally.rows)
        os.replace(part, target)
    except UnicodeDecodeError as error:
        raise GridError("ENCODING_UNKNOWN", f"{source.name} 既不是 UTF-8 也不是 GB 18030，请另存为 UTF-8") from error
    except csv.Error as error:
        raise GridError("BAD_TABLE", f"{source.name} 在第 {tally.rows} 行之后不是正确的 CSV：{error}") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise GridError("BAD_CONTENT", f"{source.name} 的内容不是完整的 .gz 文件") from error
    finally:
        part.unlink(missing_ok=True)
    return tally


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the coordinates stand, which columns are kept, and the header of the result."""

    lon: int
    lat: int
    width: int
    kept: tuple[int, ...]
    header: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str], lon: str, lat: str, levels: int) -> "_Columns":
        bare = [name.strip() for name in names]
        missing = [name for name in (lon, lat) if name not in bare]
        if missing:
            raise GridError("MISSING_COLUMN", f"表里没有列 {missing}，有的是 {bare[:20]}")
        added = [f"level{number}" for number in range(1, levels + 1)]
        kept = tuple(at for at, name in enumerate(bare) if name not in added)
        header = (*(bare[at] for at in kept), *added)
        return cls(bare.index(lon), bare.index(lat), len(bare), kept, header)

    def only_kept(self, rows: list[list[str]]) -> list[list[str]]:
        """The rows without the columns that are written anew; short ones filled, long ones cut."""
        even = [row if len(row) == self.width else (row + [""] * self.width)[: self.width] for row in rows]
        if len(self.kept) == self.width:
            return even
        return [[row[at] for at in self.kept] for row in even]


def _located(book: GridBook, rows: list[list[str]], columns: _Columns, crs: str, tally: Tally) -> list[list[str]]:
    """The rows with their codes behind them."""
    lons, lats = _numbers(rows, columns.lon), _numbers(rows, columns.lat)
    lons, lats = to_wgs84_many(lons, lats, crs)
    found = book.locate_many(lons, lats)
    tally.rows += len(rows)
    tally.unreadable += int(np.count_nonzero(np.isnan(lons) | np.isnan(lats)))
    tally.nowhere += int(np.count_nonzero(found[-1] < 0))
    codes = [np.array([*book.codes(level), ""], dtype=object)[at] for level, at in enumerate(found)]
    kept = columns.only_kept(rows)
    for row, added in zip(kept, zip(*codes, strict=True), strict=True):
        row.extend(added)
    return kept


def _numbers(rows: list[list[str]], column: int) -> Floats:
    """A column as numbers; NaN where it is none."""
    try:
        return np.array([row[column] for row in rows], dtype=np.float64)
    except (ValueError, IndexError):
        return np.array([_number(row[column] if column < len(row) else "") for row in rows])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _batches(reader: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while rows := list(islice(reader, _ROWS_A_BATCH)):
        yield [row for row in rows if row]


class _Progress:
    """A bar on stderr, by bytes read."""

    def __init__(self, raw: IO[bytes], size: int) -> None:
        self._raw, self._size, self._drawn_at = raw, max(size, 1), 0.0
        self._started_at = time.monotonic()

    def show(self, rows: int) -> None:
        """Draw the bar, at most five times a second."""
        if time.monotonic() - self._drawn_at >= _REDRAW_S:
            self._drawn_at = time.monotonic()
            self._draw(min(self._raw.tell() / self._size, 1.0), rows)

    def done(self, rows: int) -> None:
        """Draw the full bar and end the line."""
        self._draw(1.0, rows)
        print(file=sys.stderr)

    def _draw(self, share: float, rows: int) -> None:
        bar = "█" * int(share * 30)
        seconds = time.monotonic() - self._started_at
        print(f"\r{bar:░<30} {share:4.0%}  {rows:,} 行  {seconds:.1f} 秒", end="", file=sys.stderr, flush=True)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[TextIO, _Progress]]:
    """The table as text, UTF-8 (with or without a mark) or else GB 18030; `.gz` is unpacked on the way."""
    with source.open("rb") as raw:
        progress = _Progress(raw, source.stat().st_size)
        unpacked: IO[bytes] = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if source.suffix == ".gz" else raw
        encoding = _encoding_of(source)
        with io.TextIOWrapper(unpacked, encoding=encoding, newline="") as text:
            yield text, progress


def _encoding_of(source: Path) -> str:
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rb") as file:
        head = file.read(1 << 20)
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character cut off by the end of the sample is no sign of another encoding.
        return "utf-8-sig" if error.start > len(head) - 4 and len(head) == 1 << 20 else "gb18030"
    return "utf-8-sig"
