"""Bytes in, message or refusal out: the bad-input corpus (reliability.md §6.2), and what is kept of good input."""

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


CORPUS: list[tuple[str, str | bytes, str, str | None]] = [
    ("C23", '{"type":"incident"', "BAD_JSON", None),
    ("C23 empty", "", "BAD_JSON", None),
    ("C23 trailing", raw(GOOD) + "x", "BAD_JSON", None),
    ("C25 list", "[]", "NOT_OBJECT", None),
    ("C25 null", "null", "NOT_OBJECT", None),
    ("C25 number", "1", "NOT_OBJECT", None),
    ("C25 text", '"x"', "NOT_OBJECT", None),
    ("C26 NaN", raw(GOOD).replace("120.1", "NaN"), "BAD_NUMBER", "lon"),
    ("C26 inf", raw(GOOD).replace("30.2", "-Infinity"), "BAD_NUMBER", "lat"),
    ("C26 1e999", raw(GOOD).replace("120.1", "1e999"), "BAD_NUMBER", "lon"),
    ("C26 long", raw(GOOD).replace("120.1", "1" * 5000), "BAD_NUMBER", "lon"),
    ("C28", "[" * 60_000, "BAD_JSON", None),
    ("C28 inside", raw(GOOD)[:-1] + ',"reporter":' + "[" * 60_000, "BAD_JSON", None),
    ("C29", doubled("grid", "A") .replace('"grid"', '"title"'), "DUPLICATE_KEY", "title"),
    ("C29 spaced", doubled("lon", 120.2, spaced=True), "DUPLICATE_KEY", "lon"),
    ("C29 escaped", raw(GOOD)[:-1] + ',"l\\u006fn":120.2}', "DUPLICATE_KEY", "lon"),
    ("C29 decoy", raw(GOOD, text='\\":')[:-1].replace('\\"', "\\u0022") + ',"lon":1}', "DUPLICATE_KEY", "lon"),
    ("C29 nested", raw(GOOD)[:-1] + ',"reporter":{"name":"a","name":"b"}}', "DUPLICATE_KEY", "name"),
    ("C29 batch", batch(1)[:-3] + ',"lon":1}]}', "DUPLICATE_KEY", "lon"),
    ("C31", raw(GOOD, address="文三路\u0000"), "BAD_TEXT", "address"),
    ("C31 title", raw(GOOD, title="a\u001bb"), "BAD_TEXT", "title"),
    ("C31 name", raw(GOOD, reporter={"name": "张\u0007三"}), "BAD_TEXT", "reporter.name"),
    ("C31 surrogate", raw(GOOD)[:-1] + ',"text":"\\ud800"}', "BAD_TEXT", None),
    ("C31 GBK", raw(GOOD).encode("gbk"), "BAD_TEXT", None),
    ("C32", raw(GOOD, grdi="A1"), "UNKNOWN_FIELD", "grdi"),
    ("C32 nested", raw(GOOD, reporter={"phon": "1"}), "UNKNOWN_FIELD", "reporter.phon"),
    ("C32 phone as a name", raw(GOOD) [:-1] + ',"13800000000":1}', "UNKNOWN_FIELD", None),
    ("C34 type", raw(GOOD, "type"), "MISSING_FIELD", "type"),
    *((f"C34 {name}", raw(GOOD, name), "MISSING_FIELD", name) for name in ("id", "at", "channel", "category", "title")),
    ("C34 lat", raw(GOOD, "lat"), "MISSING_FIELD", "lat"),
    ("C34 place", raw(GOOD, "lon", "lat", "crs"), "MISSING_FIELD", "lon"),
    ("C35 true", raw(GOOD, lon=True), "BAD_TYPE", "lon"),
    ("C35 text", raw(GOOD, lon="120.1"), "BAD_TYPE", "lon"),
    ("C35 title", raw(GOOD, title=5), "BAD_TYPE", "title"),
    ("C35 type", raw(GOOD, type=5), "BAD_TYPE", "type"),
    ("C37", raw(GOOD, lon=30.27, lat=120.15), "SUSPECT_SWAPPED", "lon"),
    ("C38", raw(GOOD, lon=0, lat=0), "NULL_ISLAND", "lon"),
    ("C41 none", raw(GOOD, "crs"), "MISSING_CRS", "crs"),
    ("C41 odd", raw(GOOD, crs="WGS85"), "UNKNOWN_CRS", "crs"),
    ("C41 fix", raw(FIX, "crs"), "MISSING_CRS", "crs"),
    ("C46 speed", raw(FIX, speed_mps=-3), "OUT_OF_RANGE", "speed_mps"),
    ("C46 heading", raw(FIX, heading_deg=720), "OUT_OF_RANGE", "heading_deg"),
    ("C46 lon", raw(GOOD, lon=181), "OUT_OF_RANGE", "lon"),
    ("C46 lat", raw(GOOD, lon=10, lat=-91), "OUT_OF_RANGE", "lat"),
    ("C46 people", raw(GOOD, people=-1), "OUT_OF_RANGE", "people"),
    ("C46 accuracy", raw(GOOD, accuracy_m=-1), "OUT_OF_RANGE", "accuracy_m"),
    ("C47", raw(GOOD, at="2026-11-21T08:00:00"), "BAD_TIME", "at"),
    ("C49 day", raw(GOOD, at="2026-02-30T08:00:00Z"), "BAD_TIME", "at"),
    ("C49 hour", raw(GOOD, at="2026-11-21T24:00:00Z"), "BAD_TIME", "at"),
    ("C49 second", raw(GOOD, at="2026-11-21T23:59:60Z"), "BAD_TIME", "at"),
    ("C49 year", raw(GOOD, at="0001-01-01T00:00:00+08:00"), "BAD_TIME", "at"),
    ("C49 far", raw(GOOD, at="9999-12-31T23:59:59-08:00"), "BAD_TIME", "at"),
    ("C58 text", raw(GOOD, text="字" * 5001), "TOO_LONG", "text"),
    ("C58 title", raw(GOOD, title="字" * 201), "TOO_LONG", "title"),
    ("C58 no title", raw(GOOD, title=""), "MISSING_FIELD", "title"),
    ("C58 blank title", raw(GOOD, title="  "), "MISSING_FIELD", "title"),
    ("C64 phone", raw(GOOD, reporter={"phone": "1380000abcd"}), "BAD_TEXT", "reporter.phone"),
    ("C65 proto", raw(GOOD, __proto__={}), "UNKNOWN_FIELD", "__proto__"),
    ("C65 where", raw(GOOD)[:-1] + ',"$where":1}', "UNKNOWN_FIELD", None),
    ("C68 zero", raw(GOOD, severity=0), "BAD_ENUM", "severity"),
    ("C68 99", raw(GOOD, severity=99), "BAD_ENUM", "severity"),
    ("C68 word", raw(GOOD, severity="urgent"), "BAD_ENUM", "severity"),
    ("C73", batch(201), "BATCH_TOO_LARGE", "items"),
    ("type", raw(GOOD, type="incident"), "UNKNOWN_TYPE", "type"),
    ("channel", raw(GOOD, channel="pigeon"), "BAD_ENUM", "channel"),
    ("level", raw(ALERT, level="pink"), "BAD_ENUM", "level"),
    ("status", raw(STATUS, status="asleep"), "BAD_ENUM", "status"),
    ("status case", raw(STATUS, case="1 OR 1=1"), "UNKNOWN_CODE", "case"),
    ("id empty", raw(GOOD, id=""), "BAD_ID", "id"),
    ("id long", raw(GOOD, id="a" * 65), "BAD_ID", "id"),
    ("id odd", raw(GOOD, id="a b"), "BAD_ID", "id"),
    ("id newline", raw(GOOD, id="abc\n"), "BAD_ID", "id"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "code", "field"), [row[1:] for row in CORPUS], ids=[row[0] for row in CORPUS])
def test_corpus(sent: str | bytes, code: str, field: str | None) -> None:
    said = decode(sent)
    assert isinstance(said, Refusal)
    assert (said.code, said.field) == (code, field)
    assert said.msg
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said.msg)


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
