"""GeoReport v2 as OpenAPI tells it: what each address takes and answers, in JSON; the same with `.xml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.categories import CATEGORIES

Schema = dict[str, Any]

_TEXT = {"type": "string"}
_ERRORS = {"$ref": "#/components/schemas/GeoReportErrors"}
_REQUESTS = {"type": "array", "items": {"type": "object", "required": ["service_request_id"]}}
_ROOT = "/open311/v2"
_KEY = {"name": "api_key", "in": "query", "schema": _TEXT}
_REFUSALS = {400: "请求不合规范", 403: "api_key 缺失或无效", 404: "没有", 429: "过于频繁", 503: "暂时不可用"}
_FIELDS: Mapping[str, Schema] = {
    "service_code": {"type": "string", "enum": sorted(CATEGORIES)},
    "api_key": _TEXT,
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
    "long": {"type": "number", "minimum": -180, "maximum": 180},
    "address_string": _TEXT,
    "address_id": _TEXT,
    "description": {"type": "string", "maxLength": 4000},
    "first_name": _TEXT,
    "last_name": _TEXT,
    "phone": _TEXT,
    "email": _TEXT,
    "media_url": _TEXT,
}


def errors() -> Schema:
    """How GeoReport says no: a list of codes and words."""
    one = {"type": "object", "required": ["code", "description"], "properties": {"code": {"type": "integer"}}}
    return {"type": "array", "items": one, "minItems": 1}


def paths() -> dict[str, Schema]:
    """The operations by address."""
    return {
        f"{_ROOT}/discovery.json": {"get": _operation({"type": "object", "required": ["endpoints"]})},
        f"{_ROOT}/services.json": {"get": _operation({"type": "array", "items": {"type": "object"}})},
        f"{_ROOT}/services/{{service_code}}.json": {
            "get": _operation({"type": "object"}, _in_path("service_code", _FIELDS["service_code"]))
        },
        f"{_ROOT}/requests.json": {
            "get": _operation(
                _REQUESTS,
                _KEY,
                *({"name": each, "in": "query", "schema": _TEXT} for each in ("service_request_id", "service_code")),
                *({"name": each, "in": "query", "schema": _TEXT} for each in ("start_date", "end_date", "status")),
            ),
            "post": _filing(),
        },
        f"{_ROOT}/requests/{{service_request_id}}.json": {
            "get": _operation(_REQUESTS, _KEY, _in_path("service_request_id"))
        },
        f"{_ROOT}/tokens/{{token}}.json": {"get": _operation(_REQUESTS, _KEY, _in_path("token"))},
    }


def _filing() -> Schema:
    form = {"type": "object", "properties": dict(_FIELDS), "required": ["service_code", "api_key"]}
    said = _operation(_REQUESTS)
    said["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}}
    # Beyond the specification: a foreign page's Origin, another content under one Idempotency-Key, a body too large.
    said["responses"] |= {str(status): _answer("拒绝", _ERRORS) for status in (409,)}
    said["responses"] |= {str(s): _answer("拒绝", {"$ref": "#/components/schemas/Refusal"}) for s in (408, 413)}
    return said


def _in_path(name: str, schema: Schema = _TEXT) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _operation(good: Schema, *parameters: Schema) -> Schema:
    answers = {"200": _answer("好", good)} | {str(s): _answer(w, _ERRORS) for s, w in _REFUSALS.items()}
    return {"tags": ["Open311"], "parameters": list(parameters), "responses": answers}


def _answer(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
