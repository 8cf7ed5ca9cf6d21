"""Work orders by file: previewed without a trace, filed once however often, refused row by row in words."""

from __future__ import annotations

import argparse
import csv
import gzip
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

import order_import
from cases.model import EVERYWHERE
from cases.ports import CaseFilter
from geo.grids import GridBook
from room import Room, open_room
from settings import BadSetting, Settings

REAL = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "yichang_12345"
TITLES = "工单编号,受理时间,类别,标题,内容,地址,电话\n"
GOOD = "YC-2026-1,2026-11-21 08:30:00,environment.noise,夜间施工,很响,文三路,13800001234\n"


@pytest.fixture(scope="module")
def grids() -> GridBook:
    """The demo town, read once."""
    return GridBook.load(Settings().grids)


@pytest.fixture
def room(tmp_path: Path, grids: GridBook, sqlite_template: Path) -> Iterator[Room]:
    (tmp_path / "room").mkdir()
    shutil.copy(sqlite_template, tmp_path / "room" / "room.sqlite")
    room = open_room(Settings(data_dir=tmp_path / "room"))
    room.__dict__["grids"] = grids  # as if the room had read them
    yield room
    room.engine.close()


def asked(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    order_import.add_options(parser)
    return parser.parse_args([str(word) for word in words])


def csv_of(folder: Path, text: str, encoding: str = "gb18030") -> Path:
    file = folder / "orders.csv"
    file.write_text(text, encoding=encoding)
    return file


def total(room: Room) -> int:
    return room.views.cases(EVERYWHERE, CaseFilter()).total


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_preview_leaves_the_record_as_it_was(room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert order_import.run(asked(csv_of(tmp_path, TITLES + GOOD)), room) == 0
    said = capsys.readouterr().out
    assert "可入库 1" in said
    assert "13800001234" not in said
    assert total(room) == 0


def test_a_file_is_filed_once_and_its_second_run_gets_the_first_receipts(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, first, second = csv_of(tmp_path, TITLES + GOOD), tmp_path / "1.csv", tmp_path / "2.csv"
    assert order_import.run(asked(file, "--yes", "--receipts", first), room) == 0
    assert order_import.run(asked(file, "--yes", "--receipts", second), room) == 0
    assert "此前已入库 1 件" in capsys.readouterr().out
    assert [row[:3] for row in rows(first)] == [row[:3] for row in rows(second)]
    assert (rows(first)[1][3], rows(second)[1][3]) == ("0", "1")
    [case] = room.views.cases(EVERYWHERE, CaseFilter()).items
    assert (case.source, case.channel, case.category, case.title) == (
        "orders-default",
        "hotline",
        "environment.noise",
        "夜间施工",
    )
    assert case.reported_at.isoformat() == "2026-11-21T00:30:00+00:00"


def test_an_order_that_changed_is_refused_and_the_first_is_kept(room: Room, tmp_path: Path) -> None:
    order_import.run(asked(csv_of(tmp_path, TITLES + GOOD), "--yes"), room)
    refused = tmp_path / "refused.csv"
    changed = csv_of(tmp_path, TITLES + GOOD.replace("夜间", "白天"))
    assert order_import.run(asked(changed, "--yes", "--refused", refused), room) == 1
    assert rows(refused)[1][:3] == ["2", "CONFLICT", "id"]
    assert room.views.cases(EVERYWHERE, CaseFilter()).items[0].title == "夜间施工"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (GOOD.replace("13800001234", "1.38E+10"), "LOOKS_MANGLED", "phone"),
        (GOOD.replace("YC-2026-1", "3.30106E+17"), "LOOKS_MANGLED", "id"),
        (GOOD.replace("2026-11-21 08:30:00", "44927"), "LOOKS_MANGLED", "at"),
        (GOOD.replace("2026-11-21 08:30:00", "昨天"), "BAD_TIME", "at"),
        (GOOD.replace("2026-11-21 08:30:00", "2026-02-30"), "BAD_TIME", "at"),
        (GOOD.replace("2026-11-21 08:30:00", "0001-01-01 00:00:00"), "BAD_TIME", "at"),
        (GOOD.replace("很响", "晚上吵,很响"), "LOOKS_MANGLED", ""),
        (GOOD.replace("夜间施工", ""), "MISSING_FIELD", "title"),
        (GOOD.replace("YC-2026-1", ""), "BAD_ID", "id"),
        (GOOD.replace("夜间施工", "长" * 201), "TOO_LONG", "title"),
        (GOOD.replace("很响", "a\x00b"), "BAD_TEXT", "text"),
        (GOOD.replace("文三路", ""), "MISSING_FIELD", ""),
        (GOOD.replace("13800001234", "1" * 41), "TOO_LONG", "reporter.phone"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_filed(
    room: Room, tmp_path: Path, row: str, code: str, column: str
) -> None:
    refused, other = tmp_path / "refused.csv", GOOD.replace("YC-2026-1", "工单2号")
    file = csv_of(tmp_path, TITLES + row + other + other)
    assert order_import.run(asked(file, "--yes", "--refused", refused), room) == 1
    told = {number: found for number, *found in rows(refused)[1:]}
    assert told["2"][0] == code
    assert not column or told["2"][1] == column
    assert told["4"][0] == "CONFLICT"
    assert total(room) == 1


def test_rows_are_numbered_as_people_see_them(room: Room, tmp_path: Path) -> None:
    refused, two_lines = tmp_path / "refused.csv", GOOD.replace("很响", '"很响\n很久"')
    bad = GOOD.replace("2026-11-21 08:30:00", "昨天")
    file = csv_of(tmp_path, TITLES + "\n\n" + two_lines + "\n" + bad)
    assert order_import.run(asked(file, "--refused", refused), room) == 1
    assert [number for number, *_ in rows(refused)[1:]] == ["6"]


def test_columns_are_kept_by_name_and_found_again(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "甲,乙,丙,丁\n7,2026-11-21,井盖,文三路\n"
    first = csv_of(tmp_path, text, "utf-8-sig")
    columns = ("--map", "id=甲,at=乙,title=丙+丁,category=丙,address=丁", "--categories", "井盖=city.manhole")
    assert order_import.run(asked(first, "--mapping", "old-town", *columns, "--yes"), room) == 0
    later = csv_of(tmp_path, text.replace("7,", "8,"), "utf-8-sig")
    assert order_import.run(asked(later, "--mapping", "old-town", "--yes"), room) == 0
    found = room.views.cases(EVERYWHERE, CaseFilter()).items
    assert {(each.title, each.category, each.source) for each in found} == {
        ("井盖 文三路", "city.manhole", "orders-old-town")
    }
    with pytest.raises(BadSetting, match="缺少字段"):
        order_import.run(asked(later, "--mapping", "another"), room)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("id=甲", "没有列 甲"),
        ("colour=标题", "没有字段 colour"),
        ("lon=标题", "经度和纬度"),
        ("lon=标题,lat=标题", "坐标系"),
        ("标题", "须写成"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_is_wrong(room: Room, tmp_path: Path, columns: str, words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        order_import.run(asked(csv_of(tmp_path, TITLES + GOOD), "--map", columns), room)


def test_a_workbook_keeps_its_times_and_long_numbers(room: Room, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(TITLES.strip().split(","))
    row = [20261121000001, datetime(2026, 11, 21, 8, 30), "city.manhole", "井盖", "缺", "文三路", 13800001234]
    book.active.append(row)
    book.save(tmp_path / "orders.xlsx")
    assert order_import.run(asked(tmp_path / "orders.xlsx", "--yes"), room) == 0
    [case] = room.views.cases(EVERYWHERE, CaseFilter()).items
    assert case.reported_at.isoformat() == "2026-11-21T00:30:00+00:00"
    assert case.reporter is not None
    assert case.reporter.phone == "13800001234"


def test_a_number_with_more_digits_than_a_workbook_keeps_is_refused(room: Room, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(TITLES.strip().split(","))
    book.active.append([20261121000123456, datetime(2026, 11, 21, 8, 30), "city.manhole", "井盖", "缺", "文三路", ""])
    book.save(tmp_path / "orders.xlsx")
    refused = tmp_path / "refused.csv"
    assert order_import.run(asked(tmp_path / "orders.xlsx", "--refused", refused), room) == 1
    assert rows(refused)[1][:3] == ["2", "LOOKS_MANGLED", "id"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real requests (1 file) are not here")
def test_half_a_year_of_real_requests_is_read_and_a_week_of_it_filed_once(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = "id=date+seq_in_day,at=date,title=category9+aspect,category=category9,lon=lng,lat=lat,address=community"
    options = ("--map", columns, "--crs", "wgs84", "--categories", "噪声=environment.noise,停车=city.parking")
    whole = REAL / "requests_2024H1.csv.gz"
    assert order_import.run(asked(whole, *options), room) == 0
    said = capsys.readouterr().out
    assert "6539 行：可入库 6539，不合格 0" in said
    assert "住宅（" in said
    with gzip.open(whole, "rt", encoding="utf-8") as file:
        week = csv_of(tmp_path, "".join(file.readline() for _ in range(401)))
    assert [order_import.run(asked(week, *options, "--yes"), room) for _ in range(2)] == [0, 0]
    assert "已入库 0 件，此前已入库 400 件" in capsys.readouterr().out
    assert total(room) == 400
