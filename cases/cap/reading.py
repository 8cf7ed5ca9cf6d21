"""From XML to a checked CAP message; what is wrong is said once, with its element and line, never with its value."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from cases.cap.message import ENUMS, NAMESPACE, CapArea, CapInfo, CapMessage, CapProblem, Circle, Point, Reference
from cases.cap.xml_tree import Element, tree

MANY = frozenset({"code", "info", "category", "responseType", "eventCode", "parameter", "resource", "area"}) | {
    "polygon",
    "circle",
    "geocode",
}
ALERT = frozenset(
    {"identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses"}
) | {
    "code",
    "note",
    "references",
    "incidents",
    "info",
}
INFO = frozenset({"language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience"}) | {
    *("eventCode", "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web"),
    *("contact", "parameter", "resource", "area"),
}
AREA = frozenset({"areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"})
NEEDED: Mapping[str, tuple[str, ...]] = {
    "alert": ("identifier", "sender", "sent", "status", "msgType", "scope"),
    "info": ("category", "event", "urgency", "severity", "certainty"),
    "area": ("areaDesc",),
}
LONGEST: Mapping[str, int] = {"identifier": 200, "sender": 200, "event": 100, "headline": 500, "areaDesc": 500}
MOST_WORDS = 20_000
MOST_POINTS = 5000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[^\s,<&]+")  # identifier and sender (CAP 3.2.1)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_UNWELCOME = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def read(body: bytes) -> CapMessage:
    """The message of a document. Raises CapProblem.

    The order of elements is not asked for; elements of other namespaces (a signature) are passed over.
    """
    root = tree(body)
    if root.name != "alert" or root.namespace != NAMESPACE:
        raise CapProblem("UNKNOWN_TYPE", f"只接受 CAP 1.2 报文：根元素为 alert，命名空间 {NAMESPACE}", "alert")
    said = _Said(root, ALERT)
    message = CapMessage(
        said.name("identifier"),
        said.name("sender"),
        said.needed_instant("sent"),
        said.one_of("status"),
        said.one_of("msgType"),
        said.one_of("scope"),
        said.words("source"),
        said.words("restriction"),
        said.words("addresses"),
        tuple(said.each("code")),
        said.words("note"),
        _references(said.words("references")),
        said.words("incidents"),
        tuple(_info(each) for each in said.under("info")),
    )
    if message.msg_type in ("Alert", "Update") and not message.infos:
        raise CapProblem("MISSING_FIELD", "缺少 info：预警和更新须说明事件", "info")
    if message.msg_type in ("Update", "Cancel") and not message.references:
        raise CapProblem("MISSING_FIELD", "缺少 references：更新和解除须写明原报文（发布者,编号,时间）", "references")
    return message


def _info(element: Element) -> CapInfo:
    said = _Said(element, INFO)
    return CapInfo(
        said.words("event"),
        tuple(said.several("category")),
        said.one_of("urgency"),
        said.one_of("severity"),
        said.one_of("certainty"),
        said.words("language") or "en-US",
        tuple(said.several("responseType")),
        said.instant("onset"),
        said.instant("effective"),
        said.instant("expires"),
        said.words("senderName"),
        said.words("headline"),
        said.words("description"),
        said.words("instruction"),
        said.words("web"),
        said.words("contact"),
        tuple(_pair(each) for each in said.under("parameter")),
        tuple(_area(each) for each in said.under("area")),
    )


def _area(element: Element) -> CapArea:
    said = _Said(element, AREA)
    polygons = tuple(_polygon(each) for each in said.under("polygon"))
    circles = tuple(_circle(each) for each in said.under("circle"))
    return CapArea(said.words("areaDesc"), polygons, circles, tuple(_pair(each) for each in said.under("geocode")))


class _Said:
    """What one element of CAP says: checked for what it may and must hold."""

    def __init__(self, element: Element, known: frozenset[str]) -> None:
        self._name = element.name
        self._under = [each for each in element.children if each.namespace == NAMESPACE]
        for each in self._under:
            if each.name not in known:
                raise _problem("UNKNOWN_FIELD", each, "CAP 1.2 在此处没有这个元素")
        counts = Counter(each.name for each in self._under)
        for name, count in counts.items():
            if count > 1 and name not in MANY:
                raise CapProblem("DUPLICATE_KEY", f"{element.name} 中 {name} 出现 {count} 次，只能有一次", name)
        for name in NEEDED[element.name]:
            if not any(each.name == name and each.text.strip() for each in self._under):
                raise CapProblem("MISSING_FIELD", f"第 {element.line} 行的 {element.name} 缺少 {name}", name)

    def under(self, name: str) -> list[Element]:
        return [each for each in self._under if each.name == name]

    def words(self, name: str) -> str:
        found = self.under(name)
        return _words(found[0]) if found else ""

    def each(self, name: str) -> list[str]:
        return [_words(each) for each in self.under(name)]

    def name(self, name: str) -> str:
        said = self.words(name)
        if not _NAME.fullmatch(said):
            raise _problem("BAD_ID", self.under(name)[0], "不能含空格、逗号、< 或 &")
        return said

    def one_of(self, name: str) -> str:
        return self.several(name)[0]

    def several(self, name: str) -> list[str]:
        for each in self.under(name):
            if _words(each) not in ENUMS[name]:
                raise _problem("BAD_ENUM", each, f"须为 {' '.join(ENUMS[name])} 之一")
        return self.each(name)

    def instant(self, name: str) -> datetime | None:
        found = self.under(name)
        return _instant(found[0]) if found and found[0].text.strip() else None

    def needed_instant(self, name: str) -> datetime:
        return _instant(self.under(name)[0])


def _words(element: Element) -> str:
    said = unicodedata.normalize("NFC", element.text.strip())
    most = LONGEST.get(element.name, MOST_WORDS)
    if len(said) > most:
        raise _problem("TOO_LONG", element, f"过长，最多 {most} 个字")
    if _UNWELCOME.search(said):
        raise _problem("BAD_TEXT", element, "文字含控制字符")
    return said


def _instant(element: Element) -> datetime:
    """An instant with its zone; a Z is taken too, though CAP 3.3.2 forbids it."""
    said = element.text.strip()
    try:
        at = datetime.fromisoformat(said).astimezone(UTC) if _INSTANT.fullmatch(said) else None
    except (ValueError, OverflowError):
        at = None
    if at is None or not EARLIEST <= at < LATEST:
        raise _problem("BAD_TIME", element, "须写成 2026-11-21T08:00:00+08:00，在 1970 至 2200 年之间")
    return at


def _references(said: str) -> tuple[Reference, ...]:
    """`sender,identifier,sent` one after another, with spaces between them (CAP 3.2.1)."""
    found = []
    for each in said.split():
        parts = each.split(",")
        if len(parts) != 3 or not all(parts):
            raise CapProblem("BAD_ID", "references 须为 发布者,编号,时间，多条以空格分开", "references")
        found.append(Reference(*parts))
    return tuple(found)


def _pair(element: Element) -> tuple[str, str]:
    said = {each.name: _words(each) for each in element.children if each.namespace == NAMESPACE}
    if "valueName" not in said or "value" not in said:
        raise _problem("MISSING_FIELD", element, "须有 valueName 和 value")
    return said["valueName"], said["value"]


def _polygon(element: Element) -> tuple[Point, ...]:
    """At least four pairs `lat,lon`, the last as the first (CAP 3.2.4), here as (lon, lat)."""
    pairs = element.text.split()
    if not 4 <= len(pairs) <= MOST_POINTS:
        raise _problem("OUT_OF_RANGE", element, f"多边形须有 4 到 {MOST_POINTS} 个点")
    points = tuple(_point(pair, element) for pair in pairs)
    if points[0] != points[-1]:
        raise _problem("OUT_OF_RANGE", element, "多边形须首尾相接：最后一个点与第一个点相同")
    return points


def _circle(element: Element) -> Circle:
    """`lat,lon radius`, the radius in kilometres (CAP 3.2.4)."""
    parts = element.text.split()
    if len(parts) != 2:
        raise _problem("BAD_NUMBER", element, "圆须写成 纬度,经度 半径（千米）")
    radius = _number(parts[1], element)
    if not 0 <= radius <= 20_000:
        raise _problem("OUT_OF_RANGE", element, "半径须在 0 到 20000 千米之间")
    return Circle(_point(parts[0], element), radius)


def _point(pair: str, element: Element) -> Point:
    lat, comma, lon = pair.partition(",")
    if not comma:
        raise _problem("BAD_NUMBER", element, "坐标须写成 纬度,经度")
    y, x = _number(lat, element), _number(lon, element)
    if 73 <= y <= 136 and 3 <= x <= 54:  # China with its coordinates the wrong way round
        raise _problem("SUSPECT_SWAPPED", element, "经纬度可能颠倒：CAP 先写纬度，后写经度")
    if not (-90 <= y <= 90 and -180 <= x <= 180):
        raise _problem("OUT_OF_RANGE", element, "坐标超出范围：纬度 -90 到 90，经度 -180 到 180")
    return x, y


def _number(said: str, element: Element) -> float:
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _problem("BAD_NUMBER", element, "不是数字")
    return value


def _problem(code: str, element: Element, words: str) -> CapProblem:
    name = element.name if re.fullmatch(r"[A-Za-z_]{1,40}", element.name) else "元素"
    return CapProblem(code, f"第 {element.line} 行 {name}：{words}", name if name.isascii() else None)
