"""The intake protocol's messages: a frame in, a checked message or a refusal out, and one canonical form of it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC
from typing import Any

import msgspec

from feeds import checks
from feeds.frames import Alert, Beat, Filed, Hello, Message, Position, Positions, Report, Spot, Status, TaskAck, Teller
from feeds.refusals import Refusal, broken_json, refusal_of, refuse

_KINDS: dict[str, Any] = {
    str(kind.__struct_config__.tag): kind for kind in (Hello, Report, Alert, Position, Positions, Status, TaskAck, Beat)
}
_decoder = msgspec.json.Decoder(Message)
_filed_decoder = msgspec.json.Decoder(Report | Alert | Status)
_canonical = msgspec.json.Encoder(order="sorted")
_TAG = re.compile(rb',"type":"(?:report|alert|status)"')  # inside a JSON string the quotes would be escaped

_NAME = re.compile(rb'"(\w+)":')


def decode(raw: bytes | str) -> Message | Refusal:
    """One frame's message, texts in NFC and instants in UTC, or why it is not taken."""
    data = raw.encode(errors="surrogatepass") if isinstance(raw, str) else raw
    try:
        message: Message = _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        return _explain(data, str(fault))
    problem = _twice(data, message) or _problem(message)
    return problem.of(_kind_of(message), getattr(message, "id", None)) if problem else message


def decode_body(body: bytes, kind: str = "report") -> Message | Refusal:
    """A message whose type is known from the address it was sent to: the body carries no `type`."""
    given = broken_json(body)
    if isinstance(given, Refusal):
        return given.of(kind, None)
    if "type" in given:
        return refuse("UNKNOWN_FIELD", "此处不需要 type 字段", "type").of(kind, _readable_id(given))
    head, tail = f'{{"type":"{kind}"'.encode(), body.lstrip()[1:]
    return decode(head + (b"," if given else b"") + tail)


def canonical(message: Filed) -> bytes:
    """The message with its defaults filled, keys sorted, instants in UTC, as JSON."""
    return _canonical.encode(message)


def fingerprint(canonical_form: bytes) -> str:
    """SHA-256 (hex) of the content: the canonical form without `type`."""
    return hashlib.sha256(_TAG.sub(b"", canonical_form, count=1)).hexdigest()


def from_canonical(form: bytes) -> Filed:
    """A message that `canonical` wrote. Raises msgspec.ValidationError or DecodeError for anything else."""
    message: Filed = _filed_decoder.decode(form)
    message.at = message.at.astimezone(UTC)
    return message


def _explain(data: bytes, problem: str) -> Refusal:
    given = broken_json(data, problem)
    if isinstance(given, Refusal):
        return given
    kind = given.get("type") if isinstance(given.get("type"), str) else ""
    struct = _KINDS.get(kind or "")
    known = [*struct.__struct_fields__, "type"] if struct else ["type"]
    if problem.endswith("at `$.reporter`"):
        known = list(Teller.__struct_fields__)
    elif "at `$.items[" in problem:
        known = list(Spot.__struct_fields__)
    return _nearest_cause(given, refusal_of(problem, known)).of(kind or "", _readable_id(given))


def _nearest_cause(given: dict[str, Any], found: Refusal) -> Refusal:
    """A fix without its coordinate system says so by its own code."""
    if found.code == "MISSING_FIELD" and (found.field or "").split(".")[-1] == "crs":
        return refuse("MISSING_CRS", "缺少坐标系 crs：wgs84 gcj02 bd09 cgcs2000 之一", found.field)
    if found.code == "BATCH_TOO_LARGE" and found.field == "attachments":
        return refuse("TOO_LONG", "附件最多 20 个", "attachments")
    return found


def _readable_id(given: dict[str, Any]) -> str | None:
    found = given.get("id")
    return found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", found) else None


def _kind_of(message: Message) -> str:
    return str(message.__struct_config__.tag)


def _problem(message: Message) -> Refusal | None:
    """What the types cannot say; puts texts into NFC and instants into UTC on the way."""
    if isinstance(message, Report):
        return checks.report(message)
    if isinstance(message, Alert):
        return checks.alert(message)
    if isinstance(message, Position):
        return checks.spot(message)
    if isinstance(message, Status):
        return checks.status(message)
    return None


def _twice(data: bytes, message: Message) -> Refusal | None:
    """DUPLICATE_KEY (every parser silently keeps the last one): a cheap proof that there is none, else a full look."""
    if not (b"\\" in data or b" :" in data or b"\t:" in data or b"\n:" in data or b"\r:" in data):
        # Without escapes every quote-colon ends a name, and every name is one of ours: the decoder took it.
        if isinstance(message, Position):
            alone = data.count(b'":') == 1 + _keys_of(message)
        elif isinstance(message, Positions):
            alone = data.count(b'":') == 2 + sum(map(_keys_of, message.items))
        else:
            names = _NAME.findall(data)
            alone = len(names) == len(set(names))
        if alone:
            return None
    try:
        json.loads(data, object_pairs_hook=_no_name_twice)
    except _Twice as found:
        return refuse("DUPLICATE_KEY", f"字段 {found} 出现两次", str(found))
    return None


def _keys_of(spot: Spot) -> int:
    """The keys a fix must have had: its five, and the others where they say something."""
    return 5 + (spot.accuracy_m is not None) + (spot.speed_mps is not None) + (spot.heading_deg is not None)


class _Twice(Exception):
    """A name that stands twice in one object."""


def _no_name_twice(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _Twice(name)
        seen.add(name)
