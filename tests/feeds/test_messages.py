"""Bytes in, message or refusal out: what is kept of good input, and the words of a refusal. The corpus: test_corpus."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from feeds.frames import Positions, Report
from feeds.messages import canonical, decode, decode_body, fingerprint, from_canonical
from feeds.refusals import Refusal

GOOD = {
    "type": "report",
    "id": "01JABC",
    "at": "2026-11-21T08:00:00+08:00",
    "channel": "grid_worker",
    "category": "dispute.neighbour",
    "title": "楼上噪声",
    "lon": 120.1,
    "lat": 30.2,
    "crs": "gcj02",
}
FIX = {"type": "position", "worker": "W-0001", "at": GOOD["at"], "lon": 120.1, "lat": 30.2, "crs": "wgs84"}
ALERT = {"type": "alert", "id": "a1", "at": GOOD["at"], "level": "red", "source": "iot", "kind": "烟感"} | {
    name: GOOD[name] for name in ("lon", "lat", "crs")
}
STATUS = {"type": "status", "id": "s1", "worker": "W-0001", "status": "on_scene", "at": GOOD["at"]}


def raw(message: dict[str, Any], *without: str, **more: Any) -> str:
    return json.dumps({k: v for k, v in (message | more).items() if k not in without}, ensure_ascii=False)


def doubled(name: str, value: object, *, spaced: bool = False) -> str:
    """GOOD with one field a second time."""
    return raw(GOOD)[:-1] + f',"{name}"{" " if spaced else ""}:{json.dumps(value)}}}'


def batch(count: int, **more: Any) -> str:
    item = {k: v for k, v in FIX.items() if k != "type"} | more
    return json.dumps({"type": "positions", "items": [item] * count})


def test_refusal_names_the_message_and_never_repeats_the_value() -> None:
    frame = json.loads(decode(raw(GOOD, reporter={"phone": "13812345678x"})).frame())
    assert (frame["type"], frame["id"], frame["ok"]) == ("ack", GOOD["id"], False)
    assert frame["ref"].startswith("R-")
    assert "138" not in json.dumps(frame)


def test_unknown_field_is_told_the_nearest_known_name() -> None:
    assert "grid" in decode(raw(GOOD, grdi="A1")).msg
    assert "phone" in decode(raw(GOOD, reporter={"phon": "1"})).msg


def test_cut_short_says_at_which_byte() -> None:
    assert decode('{"type":"incident"').msg == "第 18 个字节处不完整"


@pytest.mark.parametrize("message", [GOOD, FIX, ALERT, STATUS, {"type": "beat"}, {"type": "task_ack", "id": "T1-2"}])
def test_good_frames_are_taken(message: dict[str, Any]) -> None:
    assert not isinstance(decode(raw(message)), Refusal)


@pytest.mark.parametrize(
    "more",
    [
        {"text": 'he said: "lon": 1, {"lat": 2}'},
        {"text": "第一行\n第二行\t完"},
        {"text": "<img src=x onerror=alert(1)>"},
        {"address": "文三路 \u202e 12 号"},
        {"severity": 3, "exercise": False, "reporter": {"name": "", "phone": "", "anonymous": True}},
        {"people": None, "grid": None, "worker": None},
        {"category": "no.such.kind"},
    ],
)
def test_odd_but_honest_content_is_taken(more: dict[str, Any]) -> None:
    for ascii_only in (True, False):
        taken = decode(json.dumps(GOOD | more, ensure_ascii=ascii_only))
        assert isinstance(taken, Report)
        for name, value in more.items():
            if isinstance(value, str):
                assert getattr(taken, name) == value


def test_full_batch_is_taken() -> None:
    taken = decode(batch(200, accuracy_m=5.0))
    assert isinstance(taken, Positions)
    assert len(taken.items) == 200


def test_text_is_kept_in_one_spelling_and_time_in_utc() -> None:
    taken = decode(raw(GOOD, address="Cafe\u0301 路"))
    assert isinstance(taken, Report)
    assert taken.address == "Café 路"
    assert taken.at == datetime(2026, 11, 21, tzinfo=UTC)
    assert taken.at.tzinfo is UTC


def print_of(**more: Any) -> str:
    message = decode(raw(GOOD, **more))
    assert isinstance(message, Report)
    return fingerprint(canonical(message))


def test_fingerprint_is_of_the_content_not_of_its_spelling() -> None:
    assert print_of() == print_of(severity=3, text="", at="2026-11-21T00:00:00Z", lon=120.10)
    assert print_of() != print_of(title="楼下噪声")
    assert print_of(text='","type":"report"') != print_of(text="")


def test_canonical_form_is_the_content_with_defaults_and_comes_back() -> None:
    message = decode(raw(GOOD, reporter={"name": "张三"}))
    assert isinstance(message, Report)
    form = json.loads(canonical(message))
    assert list(form) == sorted(form)
    assert (form["severity"], form["at"]) == (3, "2026-11-21T00:00:00Z")
    assert from_canonical(canonical(message)) == message


def test_body_over_http_carries_no_type() -> None:
    body = raw(GOOD, "type").encode()
    assert decode_body(body) == decode(raw(GOOD))
    refused = decode_body(raw(GOOD).encode())
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == ("UNKNOWN_FIELD", "type")
    assert decode_body(b"[]").code == "NOT_OBJECT"  # type: ignore[union-attr]
    assert decode_body(b"{}").field == "id"  # type: ignore[union-attr]
