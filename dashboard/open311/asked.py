"""A GeoReport request as the report that our one intake takes, and the id by which a repeat of it is known."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.categories import CATEGORIES, category_of

SAME_WITHIN = timedelta(minutes=10)
_SCHEMES = ("https://", "http://")
_OURS = frozenset({"api_key", "jurisdiction_id"})  # they say who asks, not what for


class BadRequest(Exception):
    """Why a request is not one; `status` as the specification has it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Asked:
    """`content` is what the sender said, without our time; `ids` those a repeat may have, the present one first."""

    content: bytes
    ids: tuple[str, str]
    report: Mapping[str, object]


def read(form: Mapping[str, str], source: str, channel: str, key: str, now: datetime) -> Asked:
    """The report of a form sent by a device; BadRequest for what the specification itself demands.

    GeoReport has no message id: the same form from the same device within ten minutes is the same report, so that a
    client that heard no answer may ask again. `key`, an Idempotency-Key where the client has one, says it for longer.
    """
    said = {name: value.strip() for name, value in form.items() if name not in _OURS and value.strip()}
    content = json.dumps([source, sorted(said.items())], ensure_ascii=False).encode(errors="surrogatepass")
    ids = _ids(content, key, source, now)
    report = {"id": ids[0], "at": now.isoformat(), "channel": channel, **_what(said), **_where(said), **_who(said)}
    return Asked(content, ids, report)


def _ids(content: bytes, key: str, source: str, now: datetime) -> tuple[str, str]:
    if key:
        kept = f"o311-k{_digest(f'{source} {key}'.encode())}"
        return kept, kept
    span = int(now.timestamp() // SAME_WITHIN.total_seconds())
    return f"o311-{_digest(content)}-{span}", f"o311-{_digest(content)}-{span - 1}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _what(said: Mapping[str, str]) -> dict[str, object]:
    code = said.get("service_code", "")
    if not code:
        raise BadRequest(400, "缺少 service_code")
    if code not in CATEGORIES:
        raise BadRequest(404, "没有这个 service_code")
    text = said.get("description", "")
    if len(text) > 4000:
        raise BadRequest(400, "description 最多 4000 字")
    title = " ".join(text.split())[:200] or category_of(code).name
    told = {"category": code, "title": title, "text": "\n".join(filter(None, (text, _picture(said))))}
    numbers = {name: _number(said, f"attribute[{name}]", int) for name in ("severity", "people")}
    return told | {name: value for name, value in numbers.items() if value is not None}


def _picture(said: Mapping[str, str]) -> str:
    """A picture's address is kept as words and never fetched: it may be an address inside our own network."""
    address = said.get("media_url", "")
    return f"附图：{address[:500]}" if address.startswith(_SCHEMES) else ""


def _where(said: Mapping[str, str]) -> dict[str, object]:
    lat, lon = _number(said, "lat", float), _number(said, "long", float)
    if (lat is None) != (lon is None):
        raise BadRequest(400, "lat 和 long 须同时给出")
    found: dict[str, object] = {} if lat is None else {"lon": lon, "lat": lat, "crs": "wgs84"}
    found |= {"address": said["address_string"]} if "address_string" in said else {}
    found |= {"grid": said["address_id"]} if "address_id" in said else {}
    if not found:
        raise BadRequest(400, "缺少位置：lat 与 long（WGS-84）、address_string 或 address_id（网格编码）")
    return found


def _number(said: Mapping[str, str], name: str, kind: type[int] | type[float]) -> int | float | None:
    if name not in said:
        return None
    try:
        value = kind(said[name])
    except ValueError:
        raise BadRequest(400, f"{name} 应为数字") from None
    if not math.isfinite(value) or abs(value) > 1e9:
        raise BadRequest(400, f"{name} 应为数字")
    return value


def _who(said: Mapping[str, str]) -> dict[str, object]:
    """Family name first; the telephone, else the address for mail, is where the reporter is reached."""
    name = said.get("last_name", "") + said.get("first_name", "")
    reached = said.get("phone") or said.get("email", "")
    return {"reporter": {"name": name, "phone": reached}} if name or reached else {}
