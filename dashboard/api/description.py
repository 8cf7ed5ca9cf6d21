"""What `/api/v1/openapi.json` says beyond the routes' own types: bodies, answers, refusals, and Open311 beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from cases.cap.message import MSG_TYPE as CAP_MSG_TYPE
from cases.cap.message import SCOPE as CAP_SCOPE
from cases.cap.message import STATUS as CAP_STATUS
from cases.model import CHANNELS, Action, Stage, Standing, State
from dashboard.open311 import description as open311

Schema = dict[str, Any]

JSON, CSV = "application/json", "text/csv"
CAP_KINDS = ("application/cap+xml", "application/xml", "text/xml")
PREFIX, VERSION = "/api/v1", "1"


def text(**more: Any) -> Schema:
    """A string."""
    return {"type": "string", **more}


def number(**more: Any) -> Schema:
    """A number that need not be whole."""
    return {"type": "number", **more}


def whole(**more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", **more}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema, **more: Any) -> Schema:
    """A list of them."""
    return {"type": "array", "items": schema, **more}


def thing(fields: Mapping[str, Schema], besides: Mapping[str, Schema] | None = None, *, closed: bool = False) -> Schema:
    """An object with these fields; `closed`: and no others."""
    said: Schema = {"type": "object", "properties": {**fields, **(besides or {})}, "required": list(fields)}
    return said | {"additionalProperties": False} if closed else said


def ref(name: str) -> Schema:
    """One of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(schema: Schema) -> Schema:
    """A list as every list here is told."""
    return thing({"items": many(schema), "page": whole(), "total": whole()})


INSTANT = text(format="date-time")
PLACE = {"lon": maybe(number()), "lat": maybe(number())}
CASE = {
    "case": text(),
    "version": whole(),
    "stage": text(enum=[each.value for each in Stage]),
    "state": text(enum=[each.value for each in State]),
    "standing": text(enum=[each.value for each in Standing]),
    "severity": whole(minimum=1, maximum=4),
    "title": text(),
    "category": text(),
    "channel": text(),
    "grids": many(text()),
    **PLACE,
    "unit": maybe(text()),
    "worker": maybe(text()),
    "reported_at": INSTANT,
    "due_at": maybe(INSTANT),
    "exercise": {"type": "boolean"},
}
EVENT = {"seq": whole(), "at": INSTANT, "by": text(), "action": text(), "why": text(), "changes": {"type": "object"}}
ALERT = {
    "alert": text(),
    "version": whole(),
    "level": text(enum=["red", "orange", "yellow", "blue"]),
    "state": text(),
    "source": text(),
    "kind": text(),
    "text": text(),
    "grids": many(text()),
    **PLACE,
    "at": INSTANT,
    "outline": many(many(many(number()))),
}
FIGURE = {"id": text(), "value": maybe(number()), "words": text(), "unit": text(), "as_of": INSTANT}
REPORT = {
    "id": text(pattern="^[A-Za-z0-9_-]{1,64}$"),
    "at": INSTANT,
    "channel": text(enum=sorted(CHANNELS)),
    "category": text(minLength=1, maxLength=64),
    "title": text(minLength=1, maxLength=200),
}
REPORT_BESIDES = {
    "text": text(maxLength=5000),
    "address": text(maxLength=500),
    "grid": maybe(text(minLength=1, maxLength=64)),
    "lon": maybe(number(minimum=-180, maximum=180)),
    "lat": maybe(number(minimum=-90, maximum=90)),
    "crs": maybe(text(enum=["wgs84", "gcj02", "bd09", "cgcs2000"])),
    "accuracy_m": maybe(number(minimum=0)),
    "severity": whole(minimum=1, maximum=4),
    "people": maybe(whole(minimum=0, maximum=1_000_000)),
    "reporter": maybe(thing({}, {"name": text(), "phone": text(), "anonymous": {"type": "boolean"}}, closed=True)),
    "attachments": many(text(pattern="^[A-Za-z0-9_-]{1,64}$"), maxItems=20),
    "worker": maybe(text(minLength=1, maxLength=64)),
    "exercise": {"type": "boolean"},
}
ACK = {"type": text(enum=["ack"]), "id": text(), "ok": {"type": "boolean"}}
REFUSAL = {"ok": {"type": "boolean", "enum": [False]}, "code": text(), "msg": text(), "ref": text()}

CAP_MESSAGE = {
    "identifier": text(),
    "sender": text(),
    "sent": INSTANT,
    "status": text(enum=list(CAP_STATUS)),
    "msgType": text(enum=list(CAP_MSG_TYPE)),
    "scope": text(enum=list(CAP_SCOPE)),
    "info": many({"type": "object"}),
}
CAP_ACK = {
    "alert": text(),
    "grids": many(text()),
    "flags": many(text()),
    "duplicate": {"type": "boolean"},
    "msg": text(),
}

SCHEMAS: Mapping[str, Schema] = {
    "Refusal": thing(REFUSAL, {"field": maybe(text()), "retry_after_s": number()}),
    "Case": thing(CASE),
    "CaseWithEvents": thing(CASE | {"events": many(ref("Event"))}),
    "Event": thing(EVENT),
    "Alert": thing(ALERT),
    "Figure": thing(FIGURE),
    "Report": thing(REPORT, REPORT_BESIDES, closed=True),
    "GeoReportErrors": open311.errors(),
    "CapMessage": thing(CAP_MESSAGE, {"source": text(), "restriction": text(), "references": text(), "note": text()}),
    "CapAck": thing(ACK | {"filed": {"type": "boolean"}}, CAP_ACK),
    "Ack": thing(ACK, {"case": text(), "grids": many(text()), "flags": many(text()), "duplicate": {"type": "boolean"}}),
}

ACTIONS = sorted(each.value for each in Action if each not in (Action.REPORT, Action.CLOCK, Action.HAND_OVER))
CASE_ACTION = thing(
    {"action": text(enum=ACTIONS), "seen": whole(minimum=1, maximum=2**31 - 1)},
    {"reason": text(maxLength=5000), "text": text(maxLength=5000), "unit": text(), "worker": text(), "into": text()},
)
ALERT_ACTION = thing({"action": text()}, {"reason": text(), "minutes": whole()})
GRIDS = {"anyOf": [page_of(thing({"code": text(), "name": text(), "level": whole()})), thing({"type": text()})]}
LOCATED = thing({"lon": number(), "lat": number(), "grids": many(text()), "names": many(text())})
ANY = {"type": "object"}
FILE: Schema = {"type": "string", "format": "binary"}
MULTIPART: Schema = {"type": "object", "properties": {"file": FILE}, "required": ["file"]}


@dataclass(frozen=True, slots=True)
class Told:
    """What one operation takes and gives; `besides` are refusals that only it has."""

    good: Mapping[int, Schema]
    kinds: tuple[str, ...] = (JSON,)
    body: Mapping[str, Schema] | None = None
    besides: tuple[int, ...] = ()
    is_open: bool = False


COMMON = (400, 401, 403, 404, 422, 503)
"""401 no session, 403 not one's to ask, 404 absent or not one's own, 422 a value without sense, 503 no database."""
TAKING = (408, 413, 415)
"""What a body adds: too slow, too large, of a kind not taken."""

OPERATIONS: Mapping[tuple[str, str], Told] = {
    ("post", "/session"): Told({200: thing({"token": text(), "expires_at": INSTANT})}, besides=(429,), is_open=True),
    ("get", "/cases"): Told({200: page_of(ref("Case"))}),
    ("get", "/cases/{no}"): Told({200: ref("CaseWithEvents")}),
    ("post", "/cases/{no}/actions"): Told({200: ref("Case")}, body={JSON: CASE_ACTION}, besides=(409,)),
    ("get", "/cases/{no}/uploads/{id_}"): Told({200: FILE}, ("image/*", "audio/*", "application/pdf")),
    ("get", "/alerts"): Told({200: page_of(ref("Alert"))}),
    ("get", "/alerts/{no}"): Told({200: ref("Alert")}),
    ("post", "/alerts/{no}/actions"): Told({200: ref("Alert")}, body={JSON: ALERT_ACTION}, besides=(409,)),
    ("get", "/cap"): Told({200: text()}, ("application/atom+xml",)),
    ("get", "/cap.json"): Told({200: page_of(ref("CapMessage"))}),
    ("get", "/cap/{no}"): Told({200: text()}, ("application/cap+xml",)),
    ("get", "/cap/{no}.json"): Told({200: ref("CapMessage")}),
    ("post", "/cap"): Told(
        {200: ref("CapAck"), 201: ref("CapAck")}, body={kind: text() for kind in CAP_KINDS}, besides=(409, 429)
    ),
    ("get", "/grids"): Told({200: GRIDS}),
    ("get", "/locate"): Told({200: LOCATED}),
    ("get", "/kpi"): Told({200: thing({"as_of": INSTANT, "figures": ANY, "grids": ANY})}),
    ("get", "/workers"): Told({200: page_of(thing({"worker": text(), "name": text(), "grid": text()}))}),
    ("get", "/figures"): Told({200: thing({"items": many(thing({"id": text(), "name": text(), "unit": text()}))})}),
    ("get", "/figures/{id_}"): Told({200: ref("Figure")}),
    ("get", "/figures/{id_}/rows"): Told({200: page_of(ref("Case"))}),
    ("get", "/figures/{id_}/export.{kind}"): Told(
        {200: FILE}, (CSV, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ),
    ("get", "/past"): Told({200: ANY}),
    ("get", "/past/next"): Told({200: thing({"at": maybe(INSTANT)})}),
    ("post", "/reports"): Told(
        {200: ref("Ack"), 201: ref("Ack")}, body={JSON: ref("Report")}, besides=(409, 429), is_open=True
    ),
    ("post", "/uploads"): Told(
        {201: thing({"id": text()})}, body={"multipart/form-data": MULTIPART, "application/octet-stream": FILE}
    ),
    ("post", "/registers/files"): Told(
        {201: thing({"id": text(), "file": text(), "rows": whole()})}, body={"multipart/form-data": MULTIPART}
    ),
}
UNTOLD = Told({200: {}})


class DescribedServer(FastAPI):
    """A server whose OpenAPI is this; made once, when first asked for."""

    def openapi(self) -> Schema:
        """The description; a route without a row in OPERATIONS is told as UNTOLD, and the tests ask for its row."""
        if self.openapi_schema is None:
            self.openapi_schema = _described(self)
        return self.openapi_schema


def _described(server: FastAPI) -> Schema:
    said = get_openapi(title=server.title, version=VERSION, routes=server.routes)
    parts = said.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    parts |= SCHEMAS
    said["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            _tell(operation, OPERATIONS.get((method, path.removeprefix(PREFIX)), UNTOLD))
    said["paths"] |= open311.paths()
    return said


def _tell(operation: Schema, told: Told) -> None:
    """Put one operation's body, answers and refusals in place of what the framework guessed."""
    if told.body is not None:
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": s} for kind, s in told.body.items()}}
    if not told.is_open:
        operation["security"] = [{"key": []}]
    statuses = (*COMMON, *(TAKING if "requestBody" in operation else ()), *told.besides)
    operation["responses"] = {
        str(status): _answer("好", schema, told.kinds) for status, schema in told.good.items()
    } | {str(status): _answer("拒绝", ref("Refusal"), (JSON,)) for status in statuses}
    # A head over 32 KiB, or what is no HTTP at all, is answered before it comes to us, in plain words.
    operation["responses"]["400"]["content"]["text/plain"] = {"schema": text()}


def _answer(words: str, schema: Schema, kinds: tuple[str, ...]) -> Schema:
    return {"description": words, "content": {kind: {"schema": schema} for kind in kinds}}
