"""Frames in, effects out: one device's conversation, without a socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.model import Device, WorkerId
from feeds.limits import Rates
from feeds.session import (
    BAD_CREDENTIALS,
    DISABLED,
    HELLO_EXPECTED,
    TOO_MANY_BAD,
    Effect,
    File,
    HangUp,
    Moved,
    Reply,
    Session,
    TaskSeen,
    Verify,
    Welcomed,
    device_with_key,
)
from tests.feeds.fakes import FakeDirectory
from tests.feeds.test_messages import ALERT, FIX, GOOD, STATUS, raw
from tests.feeds.town import DEVICES, KEYS, SOURCE, WORKER

NOW = datetime(2026, 11, 21, 0, 0, 30, tzinfo=UTC)
DIRECTORY = FakeDirectory(DEVICES, KEYS)
HELLO = {"type": "hello", "device": "w-1", "key": KEYS["w-1"]}


def talk(session: Session, message: dict[str, Any] | str | bytes, tick: float = 0.0) -> list[Effect]:
    return session.receive(raw(message) if isinstance(message, dict) else message, NOW, tick)


def opened(device: Device = SOURCE, rates: Rates | None = None) -> Session:
    session = Session(rates or Rates())
    talk(session, HELLO)
    session.verified(device, NOW, 0.0)
    return session


def said(effect: Effect) -> dict[str, Any]:
    assert isinstance(effect, Reply)
    return dict(json.loads(effect.data))


def test_hello_is_checked_then_welcomed_with_its_limits() -> None:
    session = Session(Rates())
    assert talk(session, HELLO) == [Verify("w-1", KEYS["w-1"])]
    reply, welcomed = session.verified(WORKER, NOW, 0.0)
    assert said(reply) == {
        "type": "welcome",
        "device": "w-1",
        "source": "grid_worker",
        "server_at": "2026-11-21T00:00:30.000Z",
        "limits": {"frame_bytes": 65536, "reports_per_s": 2.0, "positions_per_s": 5.0},
    }
    assert welcomed == Welcomed(WORKER)


@pytest.mark.parametrize(
    ("device", "key"),
    [
        ("w-1", "w-1.wrong"),
        ("w-1", KEYS["w-1"][:-1]),
        ("w-1", KEYS["src-1"]),
        ("nobody", "nobody.x"),
        ("w-1", "\ud800"),
    ],
)
def test_every_wrong_credential_is_nobody(device: str, key: str) -> None:
    assert device_with_key(DIRECTORY, device, key) is None


def test_nobody_is_hung_up_on_in_one_wording_and_a_disabled_device_is_told() -> None:
    session = Session(Rates())
    talk(session, HELLO)
    assert session.verified(None, NOW, 0.0) == [BAD_CREDENTIALS]
    session = Session(Rates())
    talk(session, HELLO)
    assert session.verified(device_with_key(DIRECTORY, "off-1", KEYS["off-1"]), NOW, 0.0) == [DISABLED]


@pytest.mark.parametrize("first", [GOOD, FIX, {"type": "beat"}])
def test_anything_before_hello_is_the_end(first: dict[str, Any]) -> None:
    assert talk(Session(Rates()), first) == [HELLO_EXPECTED]


@pytest.mark.parametrize("first", ["{", b"\0", raw(HELLO, colour=1)])
def test_a_broken_first_frame_is_answered_and_the_end(first: str | bytes) -> None:
    reply, end = talk(Session(Rates()), first)
    assert said(reply)["ok"] is False
    assert end is HELLO_EXPECTED


def test_report_alert_and_status_are_to_be_filed() -> None:
    session = opened()
    filed = [talk(session, message)[0] for message in (GOOD, ALERT, STATUS)]
    assert [(f.kind, f.id, f.received_at) for f in filed if isinstance(f, File)] == [
        ("report", GOOD["id"], NOW),
        ("alert", "a1", NOW),
        ("status", "s1", NOW),
    ]


def test_a_fix_is_converted_once() -> None:
    (moved,) = talk(opened(), FIX | {"crs": "gcj02"})
    assert isinstance(moved, Moved)
    (fix,) = moved.fixes
    assert fix.worker == "W-0001"
    assert abs(fix.lon - 120.1) > 0.001  # GCJ-02 is a few hundred metres off


def test_a_batch_keeps_its_good_fixes_and_names_the_first_bad_one() -> None:
    items = [FIX, FIX | {"lon": 0, "lat": 0}, FIX | {"worker": "W-0002"}]
    batch = {"type": "positions", "items": [{k: v for k, v in item.items() if k != "type"} for item in items]}
    moved, reply = talk(opened(), batch)
    assert isinstance(moved, Moved)
    assert [fix.worker for fix in moved.fixes] == ["W-0001", "W-0002"]
    assert (said(reply)["type"], said(reply)["code"], said(reply)["field"]) == ("error", "NULL_ISLAND", "items[1].lon")


@pytest.mark.parametrize("message", [FIX | {"worker": "W-0002"}, STATUS | {"worker": "W-0002"}, GOOD | {"worker": "X"}])
def test_a_workers_device_speaks_for_that_worker_only(message: dict[str, Any]) -> None:
    (reply,) = talk(opened(WORKER), message)
    assert (said(reply)["code"], said(reply)["field"]) == ("NOT_YOURS", "worker")


def test_a_fix_from_the_future_would_block_all_later_ones() -> None:
    ahead = (NOW + timedelta(minutes=6)).isoformat()
    (reply,) = talk(opened(), FIX | {"at": ahead})
    assert (said(reply)["code"], said(reply)["field"]) == ("BAD_TIME", "at")


def test_beat_and_task_ack() -> None:
    session = opened(WORKER)
    assert said(talk(session, {"type": "beat"})[0]) == {"type": "beat", "server_at": "2026-11-21T00:00:30.000Z"}
    assert talk(session, {"type": "task_ack", "id": "T1"}) == [TaskSeen("T1", WorkerId("W-0001"))]


def test_a_flood_of_reports_is_told_when_to_come_back_and_is_no_bad_message() -> None:
    session = opened(WORKER)
    effects = [talk(session, GOOD | {"id": f"r{n}"}, tick=1.0)[-1] for n in range(60)]
    filed = [effect for effect in effects if isinstance(effect, File)]
    refused = [said(effect) for effect in effects if isinstance(effect, Reply)]
    assert len(filed) == 6  # three seconds' worth at once
    assert {(r["type"], r["code"]) for r in refused} == {("ack", "RATE_LIMITED")}
    assert 0 < refused[0]["retry_after_s"] <= 0.5
    assert isinstance(talk(session, GOOD | {"id": "later"}, tick=1.6)[0], File)


def test_a_flood_of_fixes_is_told_so_once_a_second() -> None:
    session = opened(WORKER)
    effects = [effect for _ in range(100) for effect in talk(session, FIX, tick=1.0)]
    assert [said(effect)["code"] for effect in effects if isinstance(effect, Reply)] == ["RATE_LIMITED"]


def test_one_bad_message_is_answered_and_twenty_in_a_minute_are_the_end() -> None:
    session = opened()
    for number in range(19):
        assert not any(isinstance(effect, HangUp) for effect in talk(session, "{", tick=float(number)))
    assert talk(session, "{", tick=59.0)[-1] is TOO_MANY_BAD


def test_twenty_bad_messages_over_a_long_time_are_not() -> None:
    session = opened()
    for number in range(40):
        assert not any(isinstance(effect, HangUp) for effect in talk(session, "{", tick=number * 4.0))


def test_binary_and_a_second_hello_are_refused() -> None:
    session = opened()
    assert said(talk(session, b"\x00\x01")[0])["code"] == "UNSUPPORTED_BINARY"
    assert said(talk(session, HELLO)[0])["code"] == "FORBIDDEN"
