"""The folder of CAP documents, and what one becomes: filed once, moved away, refused with a reason beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Alert, AlertLevel, AlertState, Device, Scope
from feeds.cap.clerk import CapClerk
from feeds.cap.door import said_of, status_of
from feeds.cap.inbox import CapInbox
from geo.grids import GridBook
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.cap.documents import AREA, INFO, POLYGON, changed, document
from tests.empty import empty_database
from tests.feeds.town import town_book

NOW = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
MET = Device("met-1", "superior", "*")
REFERS = "<references>met.example,MET-1,2026-11-21T08:00:00+08:00</references>"


class Room:
    """A desk on a real database, a toy town, and the two doors of CAP."""

    def __init__(self, folder: Path) -> None:
        self.engine = empty_database(folder / "room.sqlite")
        self.book: GridBook = town_book(folder)
        self.clerk = CapClerk(Desk(SqlStore(self.engine), WorkCalendar(), lambda _: None), self.book, lambda: NOW)
        self.views = SqlViews(self.engine, lambda: NOW)
        self.folder = folder / "inbox"
        self.folder.mkdir()
        self.inbox = CapInbox(self.folder, self.clerk)
        self.at = datetime.now(UTC) + timedelta(seconds=5)

    def leave(self, name: str, body: bytes, ago: float = 60) -> Path:
        document = self.folder / name
        document.write_bytes(body)
        os.utime(document, (self.at.timestamp() - ago,) * 2)
        return document

    def read_all(self) -> None:
        self.at += timedelta(seconds=3)
        while self.inbox(self.at):
            pass

    def alerts(self, area: str = "") -> list[Alert]:
        return self.views.alerts(Scope(area) if area else EVERYWHERE)

    def names(self, *shelf: str) -> set[str]:
        return {each.name for each in self.folder.joinpath(*shelf).glob("*") if each.is_file()}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.engine.close()


def said(room: Room, body: bytes, device: Device = MET) -> tuple[int, dict[str, object]]:
    found = room.clerk.file(body, device)
    return status_of(found), dict(said_of(found))


def test_a_document_that_was_left_is_an_alert_and_lies_in_done(room: Room) -> None:
    room.leave("w.xml", document())
    room.read_all()
    [alert] = room.alerts()
    assert (alert.level, alert.kind, alert.source) == (AlertLevel.ORANGE, "暴雨", "cap-inbox")
    assert alert.text == "暴雨橙色预警\n三小时内降雨超 50 毫米\n停止户外作业\n发布：某某市气象台"
    assert (room.names(), room.names("done")) == (set(), {"w.xml"})
    room.leave("w.xml", document())
    room.read_all()
    assert len(room.alerts()) == 1
    assert room.names("done") == {"w.xml", "w.xml.2"}


def test_what_cannot_be_filed_lies_apart_with_its_reason(room: Room) -> None:
    room.leave("bad.xml", b"<alert")
    room.leave("drill.xml", changed(("Actual", "Test")))
    room.leave("huge.xml", b" " * 300_000)
    room.read_all()
    assert room.alerts() == []
    assert room.names("refused") == {n + e for n in ("bad.xml", "drill.xml", "huge.xml") for e in ("", ".txt")}
    assert "不是合法的 XML" in (room.folder / "refused" / "bad.xml.txt").read_text("utf-8")
    assert "测试报文" in (room.folder / "refused" / "drill.xml.txt").read_text("utf-8")


def test_what_is_still_being_written_or_is_no_file_is_left_alone(room: Room) -> None:
    room.leave("now.xml", document(), ago=0)
    for name in (".hidden.xml", "w.xml.part", "w.tmp"):
        room.leave(name, document())
    (room.folder / "link.xml").symlink_to("/etc/hostname")
    room.inbox(room.at)
    assert room.alerts() == []
    assert "now.xml" in room.names()


def test_a_store_that_is_away_leaves_the_document_for_later(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.leave("w.xml", document())
    with monkeypatch.context() as away:
        away.setattr(CapClerk, "file", _gone)
        room.inbox(room.at)
    assert room.names() == {"w.xml"}
    room.read_all()
    assert len(room.alerts()) == 1


def _gone(*_: object) -> None:
    raise StoreUnavailable("disk full")


def test_a_document_of_a_clock_ahead_of_ours_is_read(room: Room) -> None:
    room.leave("ahead.xml", document(), ago=-86_400)
    room.read_all()
    assert len(room.alerts()) == 1


def test_an_info_that_is_over_no_longer_makes_the_warning_graver(room: Room) -> None:
    over = (
        INFO.replace("2126-11-21T18:00:00", "2026-11-20T18:00:00").replace("Severe", "Extreme").replace("暴雨", "冰雹")
    )
    assert said(room, document(info=over + INFO))[0] == 201
    [alert] = room.alerts()
    assert (alert.level, alert.kind) == (AlertLevel.ORANGE, "暴雨")
    assert "冰雹" not in alert.text


def test_an_area_is_seen_in_every_grid_it_touches_and_in_no_other(room: Room) -> None:
    said(room, changed(("120.19", "120.09")))
    [alert] = room.alerts()
    assert alert.place.grids == ("A",)  # A1 and A2 both, so A
    assert 120 < (alert.place.lon or 0) < 120.1
    assert [len(room.alerts(area)) for area in ("A", "A1", "A2", "B", "B1")] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("area", "grids", "seen"),
    [
        ("<circle>30.05,120.02 0</circle>", ("A", "A1"), {"A", "A1"}),
        ("<circle>30.05,120.02 1</circle>", ("A", "A1"), {"A", "A1"}),
        ("<circle>30.05,120.10 3</circle>", (), {"A", "A2", "B", "B1"}),
        ("<geocode><valueName>网格码</valueName><value>B</value></geocode>", ("B",), {"B", "B1", "B2"}),
        ("<geocode><valueName>区划码</valueName><value>B2</value></geocode>", ("B", "B2"), {"B", "B2"}),
        ("", (), set()),
    ],
)
def test_circles_and_codes_name_grids(room: Room, area: str, grids: tuple[str, ...], seen: set[str]) -> None:
    status, answer = said(room, changed((f"<polygon>{POLYGON}</polygon>", area)))
    assert (status, answer["filed"]) == (201, True)
    assert bool(answer["grids"]) == bool(seen)
    [alert] = room.alerts()
    assert alert.place.grids == grids
    assert {code for code in ("A", "A1", "A2", "B", "B1", "B2") if room.alerts(code)} == seen


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (changed((POLYGON, "31,121 31,122 32,122 31,121")), 422, "OUT_OF_RANGE"),
        (changed(("2126-11-21T18", "2026-11-20T18")), 422, "BAD_TIME"),
        (changed(("<msgType>Alert", "<msgType>Cancel"), ("<info>", f"{REFERS}<info>")), 422, "UNKNOWN_CODE"),
        (b"<alert/>", 400, "UNKNOWN_TYPE"),
        (b"<", 400, "BAD_XML"),
        (b"<a>" * 300_000, 413, "TOO_LONG"),
    ],
)
def test_what_is_not_for_here_is_refused_and_leaves_nothing(room: Room, body: bytes, status: int, code: str) -> None:
    got, answer = said(room, body)
    assert (got, answer["ok"], answer["code"]) == (status, False, code)
    assert room.alerts() == []


@pytest.mark.parametrize("change", [("Actual", "Draft"), ("Actual", "System"), ("<msgType>Alert", "<msgType>Ack")])
def test_what_is_nobodys_business_is_answered_and_not_filed(room: Room, change: tuple[str, str]) -> None:
    status, answer = said(room, changed(change))
    assert (status, answer["ok"], answer["filed"]) == (200, True, False)
    assert room.alerts() == []


def test_a_repeat_is_answered_with_the_first_however_it_is_written(room: Room) -> None:
    _, first = said(room, document())
    status, again = said(room, changed(("<info>", "\n  <info>")))
    assert (status, again["duplicate"], again["alert"]) == (200, True, first["alert"])
    status, other = said(room, changed(("暴雨橙色", "暴雨红色")))
    assert (status, other["code"]) == (409, "CONFLICT")


def test_an_update_replaces_and_a_cancel_takes_back(room: Room) -> None:
    _, first = said(room, document())
    update = (("MET-1", "MET-2"), ("<msgType>Alert", "<msgType>Update"), ("<info>", f"{REFERS}<info>"))
    _, second = said(room, changed(*update, ("Severe", "Extreme")))
    states = {alert.no: alert.state for alert in room.alerts()}
    assert states == {first["alert"]: AlertState.WITHDRAWN, second["alert"]: AlertState.NEW}
    assert said(room, changed(*update, ("MET-2", "MET-3")), Device("other", "iot", "*"))[1]["code"] == "NOT_YOURS"
    gone = (("MET-1", "MET-4"), ("<msgType>Alert", "<msgType>Cancel"))
    refers = REFERS.replace("MET-1", "MET-2")
    status, _ = said(room, changed(*gone, ("<info>", f"{refers}<info>")))
    assert status == 201
    assert {alert.state for alert in room.alerts()} == {AlertState.WITHDRAWN}


def test_an_exercise_is_marked(room: Room) -> None:
    said(room, changed(("Actual", "Exercise")))
    assert [alert.exercise for alert in room.alerts()] == [True]


def test_a_device_of_one_area_warns_of_that_area_only(room: Room) -> None:
    bound = Device("street-b", "superior", "*", area="B")
    assert said(room, document(), bound)[0] == 403
    inside = changed((AREA, AREA.replace("120.01", "120.11").replace("120.19", "120.14")))
    assert said(room, inside, bound)[0] == 201
