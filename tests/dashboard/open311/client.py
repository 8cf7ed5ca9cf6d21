"""A client of GeoReport v2 written from the specification alone: it knows no word of our own documents.

Every answer is checked against what the specification demands of its format before a test sees it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import requests

Row = dict[str, Any]
LISTS = {"services", "service_requests", "errors", "attributes", "values", "endpoints", "formats"}
REQUEST_FIELDS = [
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
]


class Refused(Exception):
    """An answer of 400 and above, with the codes and descriptions it must carry."""

    def __init__(self, status: int, errors: list[Row]) -> None:
        super().__init__(status, errors)
        self.status, self.errors = status, errors


class GeoReportClient:
    """One endpoint in one format: `json` or `xml`."""

    def __init__(self, url: str, form: str, api_key: str = "") -> None:
        self._url, self._form, self._key = url, form, api_key
        self._http = requests.Session()

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def discovery(self) -> Row:
        """GET discovery."""
        told: Row = self._ask("GET", "discovery")
        assert {"changeset", "contact", "key_service", "endpoints"} <= set(told)
        for point in told["endpoints"]:
            assert point["type"] in ("production", "test")
            assert {"specification", "url", "changeset", "formats"} <= set(point)
        return told

    def services(self) -> list[Row]:
        """GET services."""
        told: list[Row] = self._ask("GET", "services")
        for each in told:
            assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} <= set(each)
            assert each["type"] in ("realtime", "batch", "blackbox")
            assert str(each["metadata"]).lower() in ("true", "false")
        return told

    def definition(self, code: str) -> Row:
        """GET services/<code>."""
        told: Row = self._ask("GET", f"services/{code}")
        assert told["service_code"] == code
        for each in told["attributes"]:
            assert each["datatype"] in ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
        return told

    def send(self, **fields: str) -> str:
        """POST requests; the number, which must be one where no token is given."""
        told = self._ask("POST", "requests", {"api_key": self._key, **fields})
        assert len(told) == 1
        assert bool(told[0].get("service_request_id")) != bool(told[0].get("token"))
        return str(told[0]["service_request_id"])

    def requests(self, **asked: str) -> list[Row]:
        """GET requests."""
        return [_checked(each) for each in self._ask("GET", "requests", {"api_key": self._key, **asked})]

    def request(self, number: str) -> Row:
        """GET requests/<id>."""
        [told] = self._ask("GET", f"requests/{number}", {"api_key": self._key})
        return _checked(told)

    def token(self, token: str) -> str:
        """GET tokens/<token>."""
        [told] = self._ask("GET", f"tokens/{token}", {"api_key": self._key})
        assert str(told["token"]) == token
        return str(told["service_request_id"])

    def _ask(self, method: str, what: str, fields: Row | None = None) -> Any:
        sent = {"data": fields} if method == "POST" else {"params": fields}
        answer = self._http.request(method, f"{self._url}/{what}.{self._form}", timeout=10, **sent)  # type: ignore[arg-type]
        wanted = "application/json" if self._form == "json" else "text/xml"
        assert answer.headers["content-type"].startswith(wanted), answer.headers["content-type"]
        told = answer.json() if self._form == "json" else _plain(ElementTree.fromstring(answer.content))
        if answer.status_code >= 400:
            assert all({"code", "description"} == set(each) and each["description"] for each in told), told
            raise Refused(answer.status_code, told)
        return told


def _plain(element: ElementTree.Element) -> Any:
    """XML as the JSON would be: lists by the specification's names, texts as texts."""
    if element.tag in LISTS:
        return [_plain(each) for each in element]
    if len(element):
        return {each.tag: _plain(each) for each in element}
    return element.text or ""


def _checked(told: Row) -> Row:
    assert set(REQUEST_FIELDS) <= set(told), set(REQUEST_FIELDS) - set(told)
    assert told["status"] in ("open", "closed")
    for name in ("requested_datetime", "updated_datetime"):
        assert datetime.fromisoformat(told[name]).tzinfo is not None
    return told
