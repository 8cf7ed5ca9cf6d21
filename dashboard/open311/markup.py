"""One answer, two languages: what GeoReport v2 says, as JSON or as XML with the specification's element names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

Value = object  # a plain value, a mapping, or a list of mappings

_ITEMS: Mapping[str, str] = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What one thing in a list is called; lists stand under these names in the specification."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(root: str, told: Value, form: str, status: int = 200) -> Response:
    """`told` under the element `root`; JSON has no root. `form` is json or xml."""
    headers = {"Cache-Control": "no-store"}
    if form == "json":
        return JSONResponse(told, status, headers)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, told)}'
    return Response(text.encode(), status, headers, media_type="text/xml; charset=utf-8")


def _element(name: str, value: Value) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    return f"<{name}>{_content(name, value)}</{name}>"


def _content(name: str, value: Value) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(str(key), each) for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(_ITEMS[name], each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_XML.sub("\ufffd", str(value)))
