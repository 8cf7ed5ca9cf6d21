"""Rooms to report on: the demo town's October, and half a year of 宜昌's hot line where its file is at hand."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.calendar import LOCAL, WorkCalendar
from cases.desk import Desk, Past
from cases.model import IncidentReport, Place
from feeds.demo.past import past
from feeds.demo.story import Story
from feeds.demo.town import read_town
from geo.grids import GridBook
from reports.making import ReportMaker
from settings import TOWN
from storage.aggregates import Aggregates
from storage.directory import SqlDirectory
from storage.engine import Engine
from storage.figure_book import SqlFigureBook
from storage.store import SqlStore
from storage.views import SqlViews
from tests.empty import empty_database

NOVEMBER = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
YICHANG = ROOT.parent / "shared" / "data" / "yichang_12345"
SCHEME = ROOT / "tests" / "geo" / "schemes" / "yichang"
WORDS = {"噪声": "environment.noise", "物业": "dispute.property", "停车": "city.parking"}
FROM = datetime(2026, 10, 25, tzinfo=UTC)  # the demo's last week of October is enough for every sentence
EVERY = 15  # of its cases, and of the hot line's requests where a test does not ask for all


@dataclass(frozen=True)
class Town:
    """A database with a past, and what makes reports of it."""

    engine: Engine
    book: SqlFigureBook
    maker: ReportMaker
    grids: GridBook


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The demo town at the beginning of November, cases of its last October week relived."""
    grids = GridBook.load(TOWN)
    told = past(NOVEMBER, Story(read_town(TOWN, grids)), grids, WorkCalendar(), 2)
    october = [p for p in told if p.report.received_at > FROM and p.report.received_at.astimezone(LOCAL).month == 10]
    yield from _town(tmp_path_factory.mktemp("demo"), grids, october[::EVERY], "示范区综治中心")


@pytest.fixture(scope="session")
def yichang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Every fifteenth request of the hot line."""
    yield from hot_line(tmp_path_factory.mktemp("yichang"), EVERY)


def hot_line(folder: Path, every: int) -> Iterator[Town]:
    """Requests filed in their order, where the file gives no time of day; skips without the file."""
    file = YICHANG / "requests_2024H1.csv.gz"
    if not file.is_file():
        pytest.skip("6,539 requests of ../shared/data/yichang_12345 are not here")
    grids = GridBook.load(SCHEME, strict=False)
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        table = list(csv.DictReader(rows))[::every]
    found = grids.locate_many([float(row["lng"]) for row in table], [float(row["lat"]) for row in table])
    codes = [[grids.codes(level)[n] if n >= 0 else None for n in at] for level, at in enumerate(found)]
    pasts = [
        Past(_request(n, row, tuple(c for c in places if c)), ())
        for n, (row, places) in enumerate(zip(table, zip(*codes, strict=True), strict=True))
    ]
    yield from _town(folder, grids, pasts, "宜昌市综治中心")


def _request(number: int, row: dict[str, str], codes: tuple[str, ...]) -> IncidentReport:
    day = datetime.fromisoformat(row["date"]).replace(tzinfo=LOCAL)
    at = (day + timedelta(hours=8, minutes=min(int(row["seq_in_day"]), 900))).astimezone(UTC)
    place = Place(float(row["lng"]), float(row["lat"]), codes)
    category = WORDS.get(row["category9"], "other")
    return IncidentReport(
        "12345", f"r{number}", f"r{number}", at, at, "hotline", category, row["category9"], place=place
    )


def _town(folder: Path, grids: GridBook, pasts: list[Past], centre: str) -> Iterator[Town]:
    engine = empty_database(folder / "room.sqlite")
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)
    for n in range(0, len(pasts), 500):
        desk.backfill(pasts[n : n + 500])
    Aggregates(engine).catch_up()
    book = SqlFigureBook(engine)
    yield Town(engine, book, ReportMaker(book, SqlViews(engine), SqlDirectory(engine), grids, centre), grids)
    engine.close()
