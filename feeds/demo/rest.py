"""A small client of the room's REST interface: sign in, ask, act; one account, one bearer token. Blocking."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

_TIMEOUT_S = 5.0
_UNAUTHORISED = 401


class Unreachable(Exception):
    """The room did not answer, or not in JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON object that came with it."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the room did what it was asked."""
        return self.status < 300


@dataclass(slots=True)
class Rest:
    """One account's way to the room at `url` (http or https, without a trailing slash)."""

    url: str
    name: str
    password: str = field(repr=False)
    role: str
    unit: str | None = None
    _token: str = field(default="", repr=False)

    def get(self, path: str, **query: object) -> Answer:
        """GET /api/v1`path`; signs in first where needed. Raises Unreachable."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._ask("GET", f"{path}?{urlencode(given)}" if given else path, None)

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """POST /api/v1`path`; signs in first where needed. Raises Unreachable."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        if not self._token:
            self._sign_in()
        answer = self._exchange(method, path, body)
        if answer.status == _UNAUTHORISED:
            self._sign_in()
            answer = self._exchange(method, path, body)
        return answer

    def _sign_in(self) -> None:
        self._token = ""
        answer = self._exchange("POST", "/session", {"name": self.name, "password": self.password})
        if not answer.ok:
            raise Unreachable(f"sign-in of {self.name} answered {answer.status}")
        self._token = str(answer.body.get("token", ""))

    def _exchange(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        where = urlsplit(self.url)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        link = kind(where.hostname or "127.0.0.1", where.port, timeout=_TIMEOUT_S)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            link.request(method, f"{where.path}/api/v1{path}", sent, headers)
            reply = link.getresponse()
            content = json.loads(reply.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise Unreachable(f"{method} {path}: {type(problem).__name__}") from problem
        finally:
            link.close()
        return Answer(reply.status, content if isinstance(content, dict) else {})
