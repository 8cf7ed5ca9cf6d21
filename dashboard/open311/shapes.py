"""What GeoReport v2 asks a server to tell, from our categories and cases (wiki.open311.org/GeoReport_v2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cases import citizen
from cases.calendar import LOCAL
from cases.categories import CATEGORIES, Category, category_of
from cases.feed_ports import over_for_source
from cases.model import Case

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED_AT = "2026-11-22T00:00:00+08:00"
NOTICE = "已收到。密钥所属系统可凭编号查询办理进展。"
KEYS = "密钥由本中心管理员按设备发放（/devices，或 python app.py device add）；查询只见本系统自己报来的事项。"


def discovery(title: str, url: str) -> dict[str, object]:
    """Who we are, how one gets a key, where the service is."""
    here = f"{url}/open311/v2"
    point = {"specification": SPECIFICATION, "url": here, "changeset": CHANGED_AT, "type": "production"}
    formats = ["application/json", "text/xml"]
    return {"changeset": CHANGED_AT, "contact": title, "key_service": KEYS, "endpoints": [point | {"formats": formats}]}


def services() -> list[dict[str, object]]:
    """Every category as a service."""
    return [_service(each) for each in CATEGORIES.values()]


def _service(each: Category) -> dict[str, object]:
    named = {"service_code": each.code, "service_name": each.name, "description": f"{each.group}：{each.name}"}
    return {**named, "metadata": True, "type": "realtime", "keywords": each.group, "group": each.group}


def definition(code: str) -> dict[str, object]:
    """What more may be said of a service's requests; nothing of it must be."""
    grades = [("1", "特别重大"), ("2", "重大"), ("3", "一般"), ("4", "轻微")]
    values = [{"key": key, "name": name} for key, name in grades]
    return {
        "service_code": code,
        "attributes": [
            _attribute(1, "severity", "singlevaluelist", "严重程度，1 最重") | {"values": values},
            _attribute(2, "people", "number", "涉及人数"),
        ],
    }


def _attribute(order: int, code: str, kind: str, words: str) -> dict[str, object]:
    named: dict[str, object] = {"variable": True, "code": code, "datatype": kind, "required": False}
    return named | {"datatype_description": "", "order": order, "description": words}


def request(case: Case, units: Mapping[str, str]) -> dict[str, object]:
    """One case as the source that sent it may see it: its own words, and of ours only what a citizen is told."""
    place = case.place
    return {
        "service_request_id": case.no,
        "status": "closed" if over_for_source(case) else "open",
        "status_notes": citizen.headline(case, units),
        "service_name": category_of(case.category).name,
        "service_code": case.category,
        "description": case.text or case.title,
        "agency_responsible": units.get(case.unit or "", ""),
        "service_notice": "",
        "requested_datetime": stamp(case.reported_at),
        "updated_datetime": stamp(case.updated_at),
        "expected_datetime": stamp(case.due_at) if case.due_at else "",
        "address": place.address,
        "address_id": place.grids[-1] if place.grids else "",
        "zipcode": "",
        "lat": place.lat,
        "long": place.lon,
        "media_url": "",
    }


def stamp(at: datetime) -> str:
    """An instant as the specification writes it, local time with its zone."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds")
