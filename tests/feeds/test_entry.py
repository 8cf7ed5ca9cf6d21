"""Message in, arrival out: converted once, located by the book, oddities flagged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.model import AlertReport, Arrival, IncidentReport, StatusReport
from feeds.entry import enter
from feeds.frames import Filed
from feeds.messages import canonical, decode
from feeds.refusals import Refusal
from geo.crs import from_wgs84
from geo.grids import GridBook
from tests.feeds.test_messages import ALERT, GOOD, STATUS, raw
from tests.feeds.town import SOURCE, WORKER, town_book

NOW = datetime(2026, 11, 21, 0, 0, 30, tzinfo=UTC)
HERE = {"lon": 120.02, "lat": 30.05, "crs": "wgs84"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> GridBook:
    return town_book(Path(tmp_path_factory.mktemp("town")))


def entered(book: GridBook, message: dict[str, Any], *without: str, device: Any = SOURCE, **more: Any) -> Any:
    decoded = decode(raw(message, *without, **more))
    assert isinstance(decoded, Filed), decoded
    return enter(decoded, device, "print", NOW, book)


def test_a_point_is_converted_once_located_and_kept_as_sent(book: GridBook) -> None:
    lon, lat = from_wgs84(120.02, 30.05, "gcj02")
    report = entered(book, GOOD, lon=lon, lat=lat)
    assert isinstance(report, IncidentReport)
    assert report.place.grids == ("A", "A1")
    assert (report.place.lon, report.place.lat) == pytest.approx((120.02, 30.05), abs=1e-6)
    assert report.place.raw == (lon, lat, "gcj02")


@pytest.mark.parametrize(
    ("more", "flags", "grids"),
    [
        ({}, (), ("A", "A1")),
        ({"lon": 120.05}, ("ON_BORDER",), ("A", "A1")),  # the lowest code that touches it
        ({"lon": 121.0}, (), ()),  # 待定
        ({"accuracy_m": 3000}, ("COORD_SUSPECT",), ("A", "A1")),
        ({"grid": "B2"}, ("COORD_SUSPECT",), ("A", "A1")),
        ({"grid": "A1"}, (), ("A", "A1")),
        ({"grid": "Z9"}, ("UNKNOWN_GRID",), ("A", "A1")),
        ({"at": "2026-11-21T00:10:00Z"}, ("CLOCK_AHEAD",), ("A", "A1")),
        ({"at": "2026-11-20T00:00:00Z"}, ("CLOCK_BEHIND",), ("A", "A1")),
        ({"category": "no.such.kind"}, ("UNKNOWN_CATEGORY",), ("A", "A1")),
    ],
)
def test_oddities_are_flagged_not_refused(
    book: GridBook, more: dict[str, Any], flags: tuple[str, ...], grids: tuple[str, ...]
) -> None:
    report = entered(book, GOOD, **(HERE | more))
    assert (report.flags, report.place.grids) == (flags, grids)


def test_an_unknown_category_becomes_other_and_is_kept(book: GridBook) -> None:
    report = entered(book, GOOD, **HERE, category="no.such.kind")
    assert (report.category, report.original_category) == ("other", "no.such.kind")


def test_a_grid_without_coordinates_brings_those_above_it(book: GridBook) -> None:
    report = entered(book, GOOD, "lon", "lat", "crs", grid="B2")
    assert (report.place.grids, report.place.lon) == (("B", "B2"), None)


def test_an_unknown_grid_alone_is_refused_and_with_an_address_waits_for_a_place(book: GridBook) -> None:
    refused = entered(book, GOOD, "lon", "lat", "crs", grid="Z9")
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field, refused.id) == ("UNKNOWN_CODE", "grid", GOOD["id"])
    waiting = entered(book, GOOD, "lon", "lat", "crs", grid="Z9", address="文三路 12 号")
    assert (waiting.place.grids, waiting.place.address) == ((), "文三路 12 号")
    assert entered(book, GOOD, "lon", "lat", "crs", address="文三路").place.grids == ()


def test_the_device_says_whose_the_report_is(book: GridBook) -> None:
    report = entered(book, GOOD, device=WORKER)
    assert (report.source, report.worker, report.received_at) == ("w-1", "W-0001", NOW)
    assert entered(book, GOOD, device=SOURCE).worker is None


def test_alert_and_status_enter_too(book: GridBook) -> None:
    alert: Arrival = entered(book, ALERT, **HERE)
    assert isinstance(alert, AlertReport)
    assert (alert.origin, alert.kind, alert.place.grids) == ("iot", "烟感", ("A", "A1"))
    status = entered(book, STATUS, case="20261121-000123")
    assert isinstance(status, StatusReport)
    assert (status.worker, status.case, status.at) == ("W-0001", "20261121-000123", NOW - timedelta(seconds=30))


@pytest.mark.parametrize(("more", "sos"), [({}, None), ({"sos": True}, True), ({"sos": False}, False)])
def test_a_status_calls_for_help_or_ends_the_call_or_says_nothing_of_it(
    book: GridBook, more: dict[str, bool], sos: bool | None
) -> None:
    status = entered(book, STATUS, device=WORKER, **more)
    assert isinstance(status, StatusReport)
    assert status.sos is sos


def test_a_call_for_help_in_an_exercise_says_so(book: GridBook) -> None:
    drill, real = (entered(book, STATUS, device=WORKER, sos=True, **more) for more in ({"exercise": True}, {}))
    assert isinstance(drill, StatusReport)
    assert isinstance(real, StatusReport)
    assert (drill.exercise, real.exercise) == (True, False)
    assert isinstance(decode(raw(STATUS, exercise="yes")), Refusal)


def test_a_status_that_says_nothing_of_help_is_the_content_it_always_was() -> None:
    plain = decode(raw(STATUS))
    assert not isinstance(plain, Refusal)
    said = canonical(plain)  # type: ignore[arg-type]
    assert b"sos" not in said
    assert b"exercise" not in said
    assert isinstance(decode(raw(STATUS, sos=None)), Refusal)
