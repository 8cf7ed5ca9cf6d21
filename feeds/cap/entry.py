"""From a CAP message to what the desk can file: the level by the table, its area as grids, what to do with tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from cases.cap.levels import GRAVEST_FIRST, level_of
from cases.cap.message import CapArea, CapInfo, CapMessage, CapProblem
from cases.model import AlertLevel, Bulletin, BulletinKind, Device, Place
from feeds.entry import AHEAD, BEHIND
from geo.covering import disc, fewest, holder, marked, outline, polygon, touched, under
from geo.grids import GridBook

GRID_NAMES = frozenset({"网格码", "网格编码", "区划码", "行政区划代码", "行政区划码", "areaCode", "gridCode"})
"""The valueNames of a geocode that is a code of our grids, or of a division that holds them."""
MOST_TEXT = 5000
NOT_FILED = {
    "System": "系统报文（status=System）不录入",
    "Test": "测试报文（status=Test）不录入；演练请用 status=Exercise",
    "Draft": "草稿（status=Draft）不录入",
    "Ack": "确认报文（msgType=Ack）不录入",
    "Error": "差错报文（msgType=Error）不录入",
}
"""What is answered and not filed, and why."""


@dataclass(frozen=True, slots=True)
class NotFiled:
    """A message that was read, understood and is nobody's business here."""

    id: str
    why: str


def enter(message: CapMessage, device: Device, received_at: datetime, book: GridBook) -> Bulletin | NotFiled:
    """What the desk files of a message. Raises CapProblem for an area that is not here, or a time that is over."""
    why = NOT_FILED.get(message.status) or NOT_FILED.get(message.msg_type)
    if why is not None:
        return NotFiled(message.identifier, why)
    bulletin = Bulletin(
        f"cap:{message.sender}",
        message.identifier,
        fingerprint(message),
        BulletinKind(message.msg_type),
        device.id,
        message.sent,
        received_at,
        AlertLevel.BLUE,
        "",
        earlier=tuple((f"cap:{each.sender}", each.identifier) for each in message.references),
        exercise=message.status == "Exercise",
        flags=_clock(message.sent, received_at),
    )
    if bulletin.kind is BulletinKind.CANCEL:
        return bulletin
    return _with_info(bulletin, told(message.infos), device.area, book)


def told(infos: Sequence[CapInfo]) -> list[CapInfo]:
    """The infos in Chinese, else those in the language of the first; the gravest first."""
    chinese = [info for info in infos if info.language.lower().startswith("zh")]
    chosen = chinese or [info for info in infos if info.language == infos[0].language]
    return sorted(chosen, key=lambda info: GRAVEST_FIRST.index(level_of(info)))


def fingerprint(message: CapMessage) -> str:
    """SHA-256 (hex) of what a message says, however its XML was written."""
    said = json.dumps(asdict(message), default=datetime.isoformat, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _with_info(bulletin: Bulletin, infos: Sequence[CapInfo], within: str, book: GridBook) -> Bulletin:
    infos = [info for info in infos if info.expires is None or info.expires > bulletin.received_at]
    if not infos:
        raise CapProblem("BAD_TIME", "已过有效期（expires），未录入", "expires")
    ends = [info.expires for info in infos if info.expires is not None]
    areas = list(dict.fromkeys(area for info in infos for area in info.areas))
    place, reach, flags = where(areas, book)
    if within and within not in place.grids:
        raise CapProblem("FORBIDDEN", "预警范围不在本设备绑定的辖区内", "area")
    return replace(
        bulletin,
        level=level_of(infos[0]),
        event=infos[0].event,
        text=words(infos),
        place=place,
        reach=reach,
        ground=tuple(fewest(book, reach)),
        expires_at=max(ends) if len(ends) == len(infos) else None,
        flags=bulletin.flags + flags,
        outline=outline(shape for area in areas for shape in _shapes(area)),
    )


def words(infos: Sequence[CapInfo]) -> str:
    """What people read: headline, description, what to do, and who issued it; each line once."""
    lines: list[str] = []
    for info in infos:
        for line in (info.headline, info.description, info.instruction):
            if line and line not in lines:
                lines.append(line)
    issuer = infos[0].sender_name
    if issuer and not any(issuer in line for line in lines):
        lines.append(f"发布：{issuer}")
    return "\n".join(lines)[:MOST_TEXT]


def where(areas: Sequence[CapArea], book: GridBook) -> tuple[Place, frozenset[str], tuple[str, ...]]:
    """The place of a warning, all grids that it touches, and flags.

    Its place is the innermost grid that holds all of it, with a mark inside; without shape or code it is in words
    only (待定). Raises CapProblem for one whose every shape and code lies elsewhere.
    """
    shapes = [shape for area in areas for shape in _shapes(area)]
    named = [_named(value, book) for area in areas for name, value in area.geocodes if name in GRID_NAMES]
    address = "、".join(dict.fromkeys(area.words for area in areas))[:500]
    drawn = touched(book, shapes)
    reach = drawn.union(*named)
    if not reach:
        if shapes or named:
            raise CapProblem("OUT_OF_RANGE", "预警范围不在本辖区内，未录入", "area")
        return Place(address=address), reach, ()
    ground = shapes if drawn else [book.grid(code).geometry for code in fewest(book, reach)]
    lon, lat, accuracy = marked(book, ground, drawn or reach)
    place = Place(lon, lat, holder(book, reach), None, accuracy, address)
    return place, reach, ("UNKNOWN_GRID",) if any(not each for each in named) else ()


def _shapes(area: CapArea) -> list[BaseGeometry]:
    discs = [disc(*circle.centre, circle.radius_km * 1000) for circle in area.circles]
    return [*(polygon(ring) for ring in area.polygons), *discs]


def _named(code: str, book: GridBook) -> frozenset[str]:
    """The grids a code means: itself and all under it, or everything where it is of a division that holds the room."""
    short = _short(code)
    for said in (code, short):
        if said in book:
            return under(book, said)
    outermost = [grid.code for grid in book.grids(0)]
    if len(short) >= 2 and all(each.startswith(short) for each in outermost):
        return frozenset().union(*(under(book, each) for each in outermost))
    return frozenset()


def _short(code: str) -> str:
    """A division's code without the zeros that fill it up: province 2, city 4, county 6, street 9 digits."""
    if not code.isascii() or not code.isdigit():
        return code
    return next((code[:length] for length in (2, 4, 6, 9) if not code[length:].strip("0")), code)


def _clock(at: datetime, received_at: datetime) -> tuple[str, ...]:
    if at - received_at > AHEAD:
        return ("CLOCK_AHEAD",)
    return ("CLOCK_BEHIND",) if received_at - at > BEHIND else ()
