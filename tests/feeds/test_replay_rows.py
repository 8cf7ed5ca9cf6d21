"""Recorded tables as rows: times of many kinds, columns by name, rows that cannot be used."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feeds.rows import BadTable, Columns, Row, Table, Unreadable, instant

COLUMNS = Columns(time="t", lon="x", lat="y", crs="wgs84", category="kind")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("2015-12-10 17:40:00", COLUMNS, utc(2015, 12, 10, 9, 40)),
        ("2015-12-10 17:40:00", replace(COLUMNS, zone=ZoneInfo("America/New_York")), utc(2015, 12, 10, 22, 40)),
        ("2008-10-23T02:53:04+00:00", COLUMNS, utc(2008, 10, 23, 2, 53, 4)),
        ("2008-10-23T02:53:04Z", COLUMNS, utc(2008, 10, 23, 2, 53, 4)),
        ("1700000000", COLUMNS, utc(2023, 11, 14, 22, 13, 20)),
        ("23.10.2008 10:00", replace(COLUMNS, time_format="%d.%m.%Y %H:%M"), utc(2008, 10, 23, 2, 0)),
    ],
)
def test_instants_of_many_kinds(text: str, columns: Columns, expected: datetime) -> None:
    assert instant(text, "", columns) == expected


def test_a_date_alone_is_spread_over_its_day_by_the_order_column() -> None:
    columns = replace(COLUMNS, order="n")
    first, second = instant("2024-01-01", "1", columns), instant("2024-01-01", "2", columns)
    assert (first, second) == (utc(2024, 1, 1, 0, 1), utc(2024, 1, 1, 0, 2))
    last = instant("2024-01-01", "99999", columns)
    assert last == utc(2024, 1, 1, 15, 59, 59)  # still the same local day


def write(folder: Path, text: str) -> Path:
    file = folder / "t.csv.gz"
    file.write_bytes(gzip.compress(text.encode()))
    return file


def test_unusable_rows_say_which_field_is_at_fault(tmp_path: Path) -> None:
    file = write(tmp_path, "t,x,y,kind\n2024-01-01T00:00Z,1,2,a\nyesterday,1,2,a\n2024-01-01T00:00Z,,2,a\n")
    rows = list(Table(file, COLUMNS).rows())
    assert [type(row) for row in rows] == [Row, Unreadable, Unreadable]
    assert rows[1:] == [Unreadable(2, "time"), Unreadable(3, "lon lat")]


def test_words_of_the_table_become_codes_and_others_stay(tmp_path: Path) -> None:
    file = write(tmp_path, "t,x,y,kind\n2024-01-01T00:00Z,1,2,噪声\n2024-01-01T00:00Z,1,2,出行\n")
    columns = replace(COLUMNS, words={"噪声": "environment.noise"})
    assert [row.category for row in Table(file, columns).rows() if isinstance(row, Row)] == [
        "environment.noise",
        "出行",
    ]


def test_by_time_rows_keep_their_numbers(tmp_path: Path) -> None:
    file = write(tmp_path, "t,x,y,kind\n2024-01-02T00:00Z,1,2,a\n2024-01-01T00:00Z,1,2,a\n")
    assert [row.number for row in Table(file, COLUMNS, by_time=True).rows()] == [2, 1]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "t,x,kind\n")
    with pytest.raises(BadTable, match="no column y"):
        list(Table(file, COLUMNS).rows())


def test_a_broken_archive_is_a_bad_table(tmp_path: Path) -> None:
    file = write(tmp_path, "t,x,y,kind\n" + "2024-01-01T00:00Z,1,2,a\n" * 5000)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(BadTable):
        list(Table(file, COLUMNS).rows())
