"""What a frame's types cannot say: ranges, plausible places, welcome characters, times we can keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from feeds.frames import Alert, Located, Report, Spot, Status, Teller
from feeds.refusals import Refusal, refuse

# Control characters but for tab and line ends; lone surrogates; non-characters.
_UNWELCOME = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CASE_NO = re.compile(r"[0-9]{8}-[0-9]{6,9}")
_LETTERS = re.compile(r"[A-Za-z]")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")  # who has no telephone is reached by mail
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_NULL_ISLAND_DEG = 0.001  # a receiver without a fix says (0, 0)
_REPORT_TEXTS = ("title", "text", "address", "category", "grid", "worker")
_ALERT_TEXTS = ("source", "kind", "text", "address")


def report(message: Report) -> Refusal | None:
    """A report's texts, time and place."""
    if not message.title.strip():
        return refuse("MISSING_FIELD", "title 不能为空", "title")
    problem = texts(message, _REPORT_TEXTS) or instant(message)
    if problem is None and message.reporter is not None:
        problem = _teller(message.reporter)
    return problem or _somewhere(message, bool(message.grid or message.address.strip()))


def alert(message: Alert) -> Refusal | None:
    """An alert's texts, time and place; a place in words is enough."""
    return texts(message, _ALERT_TEXTS) or instant(message) or _somewhere(message, bool(message.address.strip()))


def status(message: Status) -> Refusal | None:
    """A status's time, and a case number that can be one."""
    if message.case is not None and not _CASE_NO.fullmatch(message.case):
        return refuse("UNKNOWN_CODE", "没有这个案件编号", "case")
    return instant(message) or texts(message, ("worker",))


def spot(fix: Spot) -> Refusal | None:
    """One fix: its time, its place, and numbers that a body in motion can have."""
    return (
        instant(fix)
        or place(fix.lon, fix.lat)
        or within("accuracy_m", fix.accuracy_m, 0, 1_000_000)
        or within("speed_mps", fix.speed_mps, 0, 400)
        or within("heading_deg", fix.heading_deg, 0, 360)
        or texts(fix, ("worker",))
    )


def instant(message: Report | Alert | Spot | Status) -> Refusal | None:
    """BAD_TIME for an instant that no calendar of ours can show; puts the others into UTC."""
    try:
        message.at = message.at.astimezone(UTC)
    except OverflowError:
        return refuse("BAD_TIME", "时间不在 1970 至 2200 年之间", "at")
    if not _EARLIEST <= message.at < _LATEST:
        return refuse("BAD_TIME", "时间不在 1970 至 2200 年之间", "at")
    return None


def texts(message: object, names: Sequence[str]) -> Refusal | None:
    """BAD_TEXT for control characters; puts the rest into NFC, so that one word has one spelling."""
    words = [getattr(message, name) or "" for name in names]
    joined = "".join(words)
    if joined.isascii() and joined.isprintable():
        return None
    if _UNWELCOME.search(joined):
        name = next(n for n, word in zip(names, words, strict=True) if _UNWELCOME.search(word))
        return refuse("BAD_TEXT", "文字含控制字符", name)
    if not unicodedata.is_normalized("NFC", joined):
        for name, word in zip(names, words, strict=True):
            if word:
                setattr(message, name, unicodedata.normalize("NFC", word))
    return None


def _teller(teller: Teller) -> Refusal | None:
    problem = texts(teller, ("name", "phone"))
    if problem is None and _LETTERS.search(teller.phone) and not _MAIL.fullmatch(teller.phone):
        problem = refuse("BAD_TEXT", "电话不能含字母", "phone")
    if problem is None:
        return None
    return refuse(problem.code, problem.msg, f"reporter.{problem.field}")


def _somewhere(message: Located, in_words: bool) -> Refusal | None:
    """Coordinates are all or nothing; without them a grid or an address must say where."""
    lon, lat = message.lon, message.lat
    if lon is None and lat is None:
        if in_words:
            return None
        return refuse("MISSING_FIELD", "缺少地点：请给出 lon、lat、crs，或 grid，或 address", "lon")
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        return refuse("MISSING_FIELD", f"缺少 {missing}：经度与纬度须同时给出", missing)
    if message.crs is None:
        return refuse("MISSING_CRS", "缺少坐标系 crs：wgs84 gcj02 bd09 cgcs2000 之一", "crs")
    return place(lon, lat) or within("accuracy_m", message.accuracy_m, 0, 1_000_000)


def place(lon: float, lat: float) -> Refusal | None:
    """Degrees that can be a place, in the order (lon, lat)."""
    if 3 <= lon <= 54 and 73 <= lat <= 136:  # China with its coordinates the wrong way round
        return refuse("SUSPECT_SWAPPED", "经纬度可能颠倒：lon 是经度，lat 是纬度", "lon")
    if abs(lon) < _NULL_ISLAND_DEG and abs(lat) < _NULL_ISLAND_DEG:
        return refuse("NULL_ISLAND", "定位未获取：坐标为 (0, 0)", "lon")
    return within("lon", lon, -180, 180) or within("lat", lat, -90, 90)


def within(name: str, value: float | None, least: float, most: float) -> Refusal | None:
    """OUT_OF_RANGE unless `value` is absent or lies between the two bounds."""
    if value is None or least <= value <= most:
        return None
    return refuse("OUT_OF_RANGE", f"超出范围，{name} 须在 {least} 到 {most} 之间", name)
