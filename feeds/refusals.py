"""Refusals: a stable code, one Chinese sentence, the field, and a reference that finds the log line.

A refusal never carries the value it refuses: it may be personal.
"""

from __future__ import annotations

import difflib
import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

log = logging.getLogger("feeds.refusals")

_REF_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 O 1 I: read aloud on the telephone
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_AT = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_NAMED = re.compile(r"field `(.*?)`(?: - at|$)", re.DOTALL)
_NOT_A_NUMBER = re.compile(rb'"(\w{1,40})"\s*:\s*[^"{}]*?-?(?:NaN|Infinity)\b')
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")

TYPE_NAMES = {
    "float": "数字",
    "int": "整数",
    "str": "文字",
    "bool": "true 或 false",
    "object": "对象",
    "array": "数组",
    "datetime": "时间文字，如 2026-11-21T08:00:00+08:00",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message was not taken; `kind` and `id` name the message where they could be read."""

    code: str
    msg: str
    field: str | None = None
    ref: str = ""
    id: str | None = None
    kind: str = ""
    retry_after_s: float | None = None

    def of(self, kind: str, message_id: str | None) -> Refusal:
        """The same refusal, said about this message."""
        return replace(self, kind=kind, id=message_id)

    def answer(self) -> dict[str, object]:
        """The fields that go over the wire (protocol.md §1), without `type` and `id`."""
        said: dict[str, object] = {"ok": False, "code": self.code, "msg": self.msg}
        if self.field is not None:
            said["field"] = self.field
        if self.retry_after_s is not None:
            said["retry_after_s"] = self.retry_after_s
        return said | {"ref": self.ref}

    def frame(self) -> bytes:
        """What the sender gets: an ack for what is acknowledged, an error for anything else."""
        if self.kind in ("report", "alert", "status"):
            return msgspec.json.encode({"type": "ack", "id": self.id} | self.answer())
        return msgspec.json.encode({"type": "error"} | self.answer())


def refuse(code: str, msg: str, field: str | None = None, retry_after_s: float | None = None) -> Refusal:
    """A refusal with a fresh reference, logged without any value."""
    ref = "R-" + "".join(_REF_LETTERS[byte % 32] for byte in secrets.token_bytes(4))
    log.info("%s %s field=%s", ref, code, field)
    return Refusal(code, msg, field, ref, retry_after_s=retry_after_s)


def unknown_field(name: str, known: Sequence[str], path: str = "") -> Refusal:
    """UNKNOWN_FIELD with the nearest known name; the odd name is repeated only when it looks like a name."""
    near = difflib.get_close_matches(name, known, 1, 0.6)
    hint = f"，是否要写 {near[0]}？" if near else ""
    if not _PLAIN_NAME.fullmatch(name):
        return refuse("UNKNOWN_FIELD", f"有未知字段{hint}", path or None)
    return refuse("UNKNOWN_FIELD", f"未知字段 {name}{hint}", f"{path}.{name}" if path else name)


def broken_json(raw: bytes, problem: str = "") -> Refusal | Any:
    """Why `raw` is no JSON object, or the object it is after all; `problem` is what the typed decoder said."""
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        return refuse("BAD_JSON", "嵌套过深")
    except UnicodeDecodeError:
        return refuse("BAD_TEXT", "文字不是 UTF-8（可能是 GBK）")
    except msgspec.ValidationError:
        return refuse("BAD_NUMBER", "数字超出可表示的范围", field_of(problem))
    except msgspec.DecodeError as fault:
        return _malformed(raw, str(fault))
    if not isinstance(value, dict):
        return refuse("NOT_OBJECT", "应为一个 JSON 对象，如 {…}")
    return value


def _malformed(raw: bytes, problem: str) -> Refusal:
    odd = _NOT_A_NUMBER.search(raw) if b"NaN" in raw or b"Infinity" in raw else None
    if odd:
        return refuse("BAD_NUMBER", "数字不能是 NaN 或无穷大", odd[1].decode())
    if _LONE_SURROGATE.search(raw):
        return refuse("BAD_TEXT", "文字含不完整的字符（单独的代理项）")
    if "truncated" in problem:
        return refuse("BAD_JSON", f"第 {len(raw)} 个字节处不完整")
    place = re.search(r"byte (\d+)", problem)
    return refuse("BAD_JSON", f"第 {place[1]} 个字节处不是有效的 JSON" if place else "不是有效的 JSON")


def field_of(problem: str) -> str | None:
    """The path in msgspec's words, as the sender writes it: `reporter.phone`, `items[3].lon`."""
    place = _AT.search(problem)
    path = place[1].replace("[...]", "[]") if place else ""
    return path if path and len(path) <= 80 and path.isascii() else None


def refusal_of(problem: str, known: Sequence[str]) -> Refusal:
    """Put msgspec's sentence about a well-formed object into our code and words; `known` are the type's fields."""
    field = field_of(problem)
    leaf = (field or "").rsplit(".", 1)[-1]
    named = _NAMED.search(problem)
    if "unknown field" in problem and named:
        return unknown_field(named[1], known, field or "")
    if "missing required field" in problem and named:
        return refuse("MISSING_FIELD", f"缺少必填字段 {named[1]}", f"{field}.{named[1]}" if field else named[1])
    wrong_type = "got `" in problem or problem.startswith("Expected `str` - at")
    if leaf in _FIELD_WORDS and (not wrong_type or leaf == "severity"):
        return refuse(*_FIELD_WORDS[leaf], field)
    if wrong_type:
        return _wrong_type(problem, field)
    return _out_of_bounds(problem, field)


# What is said of these fields when the type is right and the value is not.
_FIELD_WORDS: dict[str, tuple[str, str]] = {
    "type": ("UNKNOWN_TYPE", "不认识的消息类型，应为 report alert position positions status task_ack beat 之一"),
    "id": ("BAD_ID", "编号须为 1–64 位的字母、数字、下划线或连字符"),
    "severity": ("BAD_ENUM", "严重程度须为 1（最重）、2、3 或 4"),
    "channel": (
        "BAD_ENUM",
        "渠道须为 grid_worker citizen call letter visit hotline video iot superior leader_visit offline_event"
        " patrol emergency supervision other 之一",
    ),
    "level": ("BAD_ENUM", "预警级别须为 red orange yellow blue 之一"),
    "status": ("BAD_ENUM", "状态须为 available dispatched en_route on_scene off_duty 之一"),
    "crs": ("UNKNOWN_CRS", "坐标系须为 wgs84 gcj02 bd09 cgcs2000 之一"),
}


def _wrong_type(problem: str, field: str | None) -> Refusal:
    wanted = re.search(r"Expected `(\w+)", problem)
    name = TYPE_NAMES.get(wanted[1] if wanted else "", "其他类型")
    return refuse("BAD_TYPE", f"类型不对，应为{name}", field)


def _out_of_bounds(problem: str, field: str | None) -> Refusal:
    """The right type and a value outside what is taken: the first of these that msgspec's sentence matches."""
    for pattern, code, msg in _BOUNDS:
        found = re.search(pattern, problem)
        if found:
            return refuse(code, msg.format(*found.groups(), field=field), field)
    return refuse("BAD_TYPE", "内容不符合协议", field)


_BOUNDS = (
    (r"timezone", "BAD_TIME", "时间缺少时区，请写成 2026-11-21T08:00:00+08:00"),
    (r"datetime", "BAD_TIME", "不是有效的时间，请写成 2026-11-21T08:00:00+08:00"),
    (r"Number out of range", "BAD_NUMBER", "数字超出可表示的范围"),
    (r"`array` of length <= (\d+)", "BATCH_TOO_LARGE", "一次最多 {0} 条"),
    (r"`str` of length <= (\d+)", "TOO_LONG", "过长，最多 {0} 个字"),
    (r"`str` of length >=", "MISSING_FIELD", "{field} 不能为空"),
    (r"matching regex", "BAD_ID", "只能含字母、数字、下划线和连字符，最多 64 位"),
    (r"Expected `\w+` <= ([-\d.]+)", "OUT_OF_RANGE", "超出范围，须不大于 {0}"),
    (r"Expected `\w+` >= ([-\d.]+)", "OUT_OF_RANGE", "超出范围，须不小于 {0}"),
    (r"enum", "BAD_ENUM", "不在允许的取值之内"),
)
