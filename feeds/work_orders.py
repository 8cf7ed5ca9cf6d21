"""Work orders of another centre (12345) as reports: a row and a mapping in, a checked report or a refusal out."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cases.calendar import LOCAL
from cases.categories import CATEGORIES, OTHER
from feeds.frames import Report
from feeds.messages import decode_body
from feeds.refusals import Refusal, refuse

TITLES: Mapping[str, tuple[str, ...]] = {
    "id": ("工单编号", "工单号", "编号", "受理编号", "id"),
    "at": ("受理时间", "来电时间", "诉求时间", "时间", "日期", "date"),
    "category": ("诉求类别", "问题类别", "类别", "分类", "category"),
    "title": ("标题", "主题", "诉求标题", "title"),
    "text": ("诉求内容", "内容", "描述", "text"),
    "address": ("地址", "事发地址", "诉求地址", "address"),
    "grid": ("网格编码", "网格", "grid"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "name": ("诉求人", "联系人", "姓名", "name"),
    "phone": ("联系电话", "电话", "手机", "phone"),
    "severity": ("严重程度", "紧急程度", "severity"),
    "people": ("涉及人数", "人数", "people"),
}
"""The fields of a work order and the column titles that mean them. One field may be put together: `date+seq`."""

NEEDED = ("id", "at", "title")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WITH_EXPONENT = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")
_SERIAL_DAY = re.compile(r"[345]\d{4}(?:\.\d+)?")  # Excel's own count of days, 1982–2064
_WRITTEN = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
)
_MANGLED = "Excel 改写了数字，请把这一列设为文本后重新导出"


class BadMapping(Exception):
    """A mapping that cannot be used on this file, in words."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a file is read: columns by field, our category by theirs, the coordinate system, the channel."""

    columns: Mapping[str, str]
    categories: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    channel: str = "hotline"

    def checked(self, titles: tuple[str, ...]) -> Mapped:
        """Itself; BadMapping for what the file or we do not have."""
        wrong = [f"没有字段 {each}" for each in self.columns if each not in TITLES]
        wrong += [f"没有列 {each}" for part in self.columns.values() for each in part.split("+") if each not in titles]
        wrong += [f"缺少字段 {each}" for each in NEEDED if each not in self.columns]
        wrong += [f"没有类别 {each}" for each in self.categories.values() if each not in CATEGORIES]
        if ("lon" in self.columns) != ("lat" in self.columns):
            wrong.append("经度和纬度须同时对应")
        if "lon" in self.columns and not self.crs:
            wrong.append("有坐标，须说明坐标系：wgs84 gcj02 bd09 cgcs2000")
        if not {"lon", "grid", "address"} & set(self.columns):
            wrong.append("缺少位置：坐标、网格编码或地址")
        if wrong:
            raise BadMapping("；".join(wrong))
        return self


def guessed(titles: tuple[str, ...]) -> dict[str, str]:
    """Columns by field, by the titles that mean one."""
    by_name = {title.lower(): title for title in titles}
    found = {name: next((by_name[t] for t in means if t in by_name), "") for name, means in TITLES.items()}
    return {name: title for name, title in found.items() if title}


def report_of(row: Mapping[str, str], mapped: Mapped) -> Report | Refusal:
    """The report of one row, checked as if a device had sent it; its `id` is the order's, so that a repeat is known."""
    if row.get("__defect__"):
        return refuse("LOOKS_MANGLED", f"这一行{row['__defect__']}：内容里有逗号的格须加引号")
    said = {name: _cell(row, title, "-" if name == "id" else " ") for name, title in mapped.columns.items()}
    for name in ("id", "phone", "grid", "at"):
        if _WITH_EXPONENT.fullmatch(said.get(name, "")) or (name == "at" and _SERIAL_DAY.fullmatch(said.get(name, ""))):
            return refuse("LOOKS_MANGLED", _MANGLED, name)
    at = _instant(said["at"])
    if at is None:
        return refuse("BAD_TIME", "时间须写成 2026-11-21 08:00:00", "at")
    numbers = _numbers(said)
    if isinstance(numbers, Refusal):
        return numbers
    body = _body(said, at, numbers, mapped)
    found = decode_body(json.dumps(body, ensure_ascii=False).encode(errors="surrogatepass"))
    assert isinstance(found, Report | Refusal)  # noqa: S101 — a body without a type is a report
    return found


def _body(said: Mapping[str, str], at: datetime, numbers: Mapping[str, float], mapped: Mapped) -> dict[str, object]:
    theirs = said.get("category", "")
    body: dict[str, object] = {
        "id": said["id"] if _ID.fullmatch(said["id"]) else _short(said["id"]),
        "at": at.isoformat(),
        "channel": mapped.channel,
        "category": mapped.categories.get(theirs, theirs or OTHER)[:64],
        "title": said["title"],
        **{name: said[name] for name in ("text", "address", "grid") if said.get(name)},
        **numbers,
    }
    if "lon" in numbers:
        body["crs"] = mapped.crs
    if said.get("name") or said.get("phone"):
        body["reporter"] = {"name": said.get("name", ""), "phone": said.get("phone", "")}
    return body


def _short(order: str) -> str:
    """An id in our letters for one that has others; the same for the same order. "" stays "" and is refused."""
    return f"w-{hashlib.sha256(order.encode(errors='surrogatepass')).hexdigest()[:32]}" if order else ""


def _cell(row: Mapping[str, str], title: str, joint: str) -> str:
    parts = [row.get(each, "").strip() for each in title.split("+")]
    return joint.join(each for each in parts if each)


def _numbers(said: Mapping[str, str]) -> dict[str, float] | Refusal:
    found: dict[str, float] = {}
    for name, kind in (("lon", float), ("lat", float), ("severity", int), ("people", int)):
        if not said.get(name):
            continue
        try:
            found[name] = kind(said[name])
        except ValueError:
            return refuse("BAD_TYPE", "类型不对，应为数字", name)
        if not math.isfinite(found[name]) or abs(found[name]) > 1e9:
            return refuse("BAD_NUMBER", "数字超出可表示的范围", name)
    return found


def _instant(text: str) -> datetime | None:
    """An instant as such a file writes it: local time where no zone is named; None for anything else."""
    at = _as_written(text)
    with suppress(OverflowError):  # the first and the last day of all are no instants everywhere
        return at and (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC)
    return None


def _as_written(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    for form in _WRITTEN:
        try:
            return datetime.strptime(text, form).replace(tzinfo=LOCAL)
        except ValueError:
            continue
    return None
