"""CAP documents for tests: one that is right, and ways to spoil it; and the schema's rules to judge ours by."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree

from cases.cap import message as words

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
POLYGON = "30.01,120.01 30.09,120.01 30.09,120.19 30.01,120.19 30.01,120.01"

AREA = f"<area><areaDesc>东片</areaDesc><polygon>{POLYGON}</polygon></area>"
INFO = (
    "<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Expected</urgency>"
    "<severity>Severe</severity><certainty>Likely</certainty><expires>2126-11-21T18:00:00+08:00</expires>"
    "<senderName>某某市气象台</senderName><headline>暴雨橙色预警</headline>"
    f"<description>三小时内降雨超 50 毫米</description><instruction>停止户外作业</instruction>{AREA}</info>"
)
HEAD = (
    "<identifier>MET-1</identifier><sender>met.example</sender><sent>2026-11-21T08:00:00+08:00</sent>"
    "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
)


def document(head: str = HEAD, info: str = INFO, more: str = "") -> bytes:
    """A whole document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="{NAMESPACE}">{head}{more}{info}</alert>'.encode()


def changed(*changes: tuple[str, str]) -> bytes:
    """The right document with one text in the place of another."""
    said = document().decode()
    for old, new in changes:
        assert old in said, old
        said = said.replace(old, new)
    return said.encode()


# the schema's rules (OASIS CAP-v1.2, section 3.4): names, their order, how often, and their values -------------------

ALERT = (
    "identifier! sender! sent! status! msgType! source scope! restriction addresses code* note references incidents"
    " info*"
)
INFO_ORDER = (
    "language category+ event! responseType* urgency! severity! certainty! audience eventCode* effective onset expires"
    " senderName headline description instruction web contact parameter* resource* area*"
)
AREA_ORDER = "areaDesc! polygon* circle* geocode* altitude ceiling"
PAIR = "valueName! value!"


def faults(body: bytes) -> list[str]:
    """What of a document is not as the schema has it; empty for a valid one."""
    root = ElementTree.fromstring(body)
    found = [] if root.tag == f"{{{NAMESPACE}}}alert" else [f"root {root.tag}"]
    found += _ordered(root, ALERT) + _values(root)
    for info in root.iter(f"{{{NAMESPACE}}}info"):
        found += _ordered(info, INFO_ORDER) + _values(info)
    for area in root.iter(f"{{{NAMESPACE}}}area"):
        found += _ordered(area, AREA_ORDER)
    for name in ("parameter", "geocode", "eventCode"):
        for pair in root.iter(f"{{{NAMESPACE}}}{name}"):
            found += _ordered(pair, PAIR)
    if _text(root, "scope") == "Restricted" and not _text(root, "restriction"):
        found.append("restriction is needed with Restricted")
    return found


def _ordered(element: ElementTree.Element, rule: str) -> list[str]:
    names = [each.tag.removeprefix(f"{{{NAMESPACE}}}") for each in element]
    places = {each.rstrip("!*+"): (at, each[-1]) for at, each in enumerate(rule.split())}
    unknown = [name for name in names if name not in places]
    if unknown:
        return [f"unknown {unknown}"]
    found = [] if [places[n][0] for n in names] == sorted(places[n][0] for n in names) else [f"order {names}"]
    for name, (_, often) in places.items():
        count = names.count(name)
        if (often in "!+" and not count) or (often not in "*+" and count > 1):
            found.append(f"{name} {count} times")
    return found


def _values(element: ElementTree.Element) -> list[str]:
    found = [
        f"{name} {_text(element, name)}"
        for name, allowed in words.ENUMS.items()
        for each in element.findall(f"{{{NAMESPACE}}}{name}")
        if each.text not in allowed
    ]
    for name in ("sent", "effective", "onset", "expires"):
        said = _text(element, name)
        if said and (said.endswith("Z") or "." in said or datetime.fromisoformat(said).tzinfo is None):
            found.append(f"{name} {said}")
    return found


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{{{NAMESPACE}}}{name}") or ""
