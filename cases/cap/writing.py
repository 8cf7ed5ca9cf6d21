"""Our alerts as CAP 1.2: XML in the order of the schema, the same as JSON, and an Atom feed of those that hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from cases.calendar import LOCAL
from cases.cap.levels import BY_SEVERITY
from cases.cap.message import NAMESPACE, CapArea, CapInfo, CapMessage, Circle, Point, Reference
from cases.model import Alert, AlertLevel, AlertState

COLOUR_WORDS: Mapping[AlertLevel, str] = {
    AlertLevel.RED: "红色",
    AlertLevel.ORANGE: "橙色",
    AlertLevel.YELLOW: "黄色",
    AlertLevel.BLUE: "蓝色",
}
_SEVERITY = {level: severity for severity, level in BY_SEVERITY.items() if severity != "Unknown"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = Mapping[str, object]  # element name → words, a tree, or a list of either; the order is the schema's


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who a message comes from: `sender` is unique in the world (a host name), `room` its name in words."""

    sender: str
    room: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an alert holds, as codes of grids and in words."""

    codes: Sequence[str]
    words: str


def message_of(alert: Alert, issuer: Issuer, ground: Ground, earlier: Sequence[Alert] = ()) -> CapMessage:
    """What we tell of an alert: Alert, Update of what it replaced, or Cancel when it no longer holds.

    `earlier` are the alerts in whose place it came. An exercise says so. A cancel has an identifier of its own and
    refers to the alert's. No person is named: what an alert says of itself is its kind, its text and its place.
    """
    is_over = alert.state is AlertState.WITHDRAWN
    kind = "Cancel" if is_over else "Update" if earlier else "Alert"
    about = [alert] if is_over else earlier
    return CapMessage(
        f"{alert.no}-cancel" if is_over else alert.no,
        issuer.sender,
        (alert.acted_at or alert.at) if is_over else alert.at,
        "Exercise" if alert.exercise else "Actual",
        kind,
        "Restricted",
        source=issuer.room,
        restriction="综治中心及其授权的系统",
        note="演练，非真实预警" if alert.exercise else "",
        references=tuple(Reference(issuer.sender, each.no, written(each.at)) for each in about),
        infos=(_info(alert, ground),),
    )


def _info(alert: Alert, ground: Ground) -> CapInfo:
    return CapInfo(
        alert.kind[:100],
        ("Safety",),
        "Immediate",
        _SEVERITY[alert.level],
        "Observed",
        "zh-CN",
        expires=alert.expires_at,
        description=alert.text,
        parameters=(("alertLevel", COLOUR_WORDS[alert.level]),),
        areas=(_area(alert, ground),),
    )


def _area(alert: Alert, ground: Ground) -> CapArea:
    place = alert.place
    is_point = place.lon is not None and place.lat is not None and not alert.is_wide
    points = (Circle((place.lon or 0.0, place.lat or 0.0), 0.0),) if is_point else ()
    words = place.address or ground.words or "位置待定"
    return CapArea(words, (), points, tuple(("网格码", code) for code in ground.codes))


def written(at: datetime) -> str:
    """An instant as CAP 3.3.2 wants it: local time with its offset, no fractions, never a Z."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds")


# as a tree ----------------------------------------------------------------------------------------------------


def tree_of(message: CapMessage) -> dict[str, object]:
    """A message by the specification's names, in the order of the schema; what says nothing is left out."""
    refers = " ".join(f"{each.sender},{each.identifier},{each.sent}" for each in message.references)
    return _said(
        identifier=message.identifier,
        sender=message.sender,
        sent=written(message.sent),
        status=message.status,
        msgType=message.msg_type,
        source=message.source,
        scope=message.scope,
        restriction=message.restriction,
        addresses=message.addresses,
        code=list(message.codes),
        note=message.note,
        references=refers,
        incidents=message.incidents,
        info=[_info_tree(info) for info in message.infos],
    )


def _info_tree(info: CapInfo) -> Tree:
    return _said(
        language=info.language,
        category=list(info.categories),
        event=info.event,
        responseType=list(info.responses),
        urgency=info.urgency,
        severity=info.severity,
        certainty=info.certainty,
        effective=info.effective and written(info.effective),
        onset=info.onset and written(info.onset),
        expires=info.expires and written(info.expires),
        senderName=info.sender_name,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        web=info.web,
        contact=info.contact,
        parameter=_pairs(info.parameters),
        area=[_area_tree(area) for area in info.areas],
    )


def _area_tree(area: CapArea) -> Tree:
    return _said(
        areaDesc=area.words,
        polygon=[" ".join(_pair(point) for point in ring) for ring in area.polygons],
        circle=[f"{_pair(circle.centre)} {circle.radius_km:g}" for circle in area.circles],
        geocode=_pairs(area.geocodes),
    )


def _pair(point: Point) -> str:
    """A point as CAP writes it: latitude first."""
    lon, lat = point
    return f"{lat:.10g},{lon:.10g}"


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Tree]:
    return [{"valueName": name, "value": value} for name, value in pairs]


def _said(**elements: object) -> dict[str, object]:
    return {name: value for name, value in elements.items() if value}


# as XML -------------------------------------------------------------------------------------------------------


def xml_of(message: CapMessage) -> bytes:
    """The document, UTF-8."""
    body = "".join(_elements(tree_of(message)))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="{NAMESPACE}">{body}</alert>\n'.encode()


def atom_of(entries: Sequence[tuple[CapMessage, str]], issuer: Issuer, address: str, updated: datetime) -> bytes:
    """An Atom feed (RFC 4287) of messages with the address of each."""
    told = "".join(_entry(message, link) for message, link in entries)
    head = (
        f"<id>{_words(address)}</id><title>{_words(issuer.room)} 预警</title><updated>{written(updated)}</updated>"
        f'<author><name>{_words(issuer.room)}</name></author><link rel="self" href="{_words(address)}"/>'
    )
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{told}</feed>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{feed}\n'.encode()


def _entry(message: CapMessage, link: str) -> str:
    info = message.infos[0]
    mark = "（演练）" if message.status == "Exercise" else ""
    title = f"{mark}{info.event} {info.parameters[0][1]}"
    return (
        f"<entry><id>{_words(link)}</id><title>{_words(title)}</title><updated>{written(message.sent)}</updated>"
        f'<link rel="alternate" type="application/cap+xml" href="{_words(link)}"/></entry>'
    )


def _elements(tree: Tree) -> Iterator[str]:
    for name, value in tree.items():
        for each in value if isinstance(value, list) else [value]:
            inside = "".join(_elements(each)) if isinstance(each, Mapping) else _words(str(each))
            yield f"<{name}>{inside}</{name}>"


def _words(said: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", said), {'"': "&quot;"})
