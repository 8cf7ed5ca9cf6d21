"""The room's REST interface on a real socket, standing on the real life cycle and a dict of cases."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cases.errors import CaseError
from cases.lifecycle import advance
from cases.model import Action, Actor, Case, CaseNo, Event, Place, Role
from feeds.demo.crew import bare_case

PASSWORD = "secret"


class FakeRoom:
    """Cases, who did what to them, and the people who may sign in (name → role and unit)."""

    def __init__(self, people: dict[str, tuple[Role, str | None]]) -> None:
        self.people = people
        self.cases: dict[str, Case] = {}
        self.events: dict[str, list[Event]] = {}
        self.alerts: list[str] = []
        self.refusals: list[int] = []
        self.url = ""

    def file(self, no: str, by: str, category: str = "city.parking", severity: int = 4) -> None:
        """A new case, reported by `by`."""
        at = datetime.now(UTC)
        case = replace(bare_case(category, ("339921101001",)), no=CaseNo(no), severity=severity, reported_at=at)
        self.cases[no] = replace(case, place=Place(118.6, 29.3, ("339921101001",)))
        self.events[no] = [Event(1, CaseNo(no), 1, at, by, Role.SYSTEM, Action.REPORT)]

    def act(self, no: str, name: str, action: str, **details: object) -> None:
        """One action by one person; raises what the rules raise."""
        role, unit = self.people[name]
        case, event = advance(self.cases[no], Action(action), details, Actor(name, role, "", unit), datetime.now(UTC))
        self.cases[no] = case
        self.events[no].append(event)

    def done(self, no: str) -> list[str]:
        """The actions on a case so far."""
        return [event.action.value for event in self.events[no]]

    def answer(self, method: str, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        """What the interface says (protocol.md §3)."""
        where = urlsplit(path)
        steps = where.path.removeprefix("/api/v1/").split("/")
        if steps == ["session"]:
            right = body.get("name") in self.people and body.get("password") == PASSWORD
            return (200, {"token": body["name"]}) if right else (401, {})
        if token not in self.people:
            return 401, {}
        if steps[0] == "alerts":
            self.alerts.append(steps[1])
            return 200, {}
        if method == "GET":
            return self._read(steps, parse_qs(where.query))
        return self._act(steps[1], token, dict(body))

    def _read(self, steps: list[str], query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if len(steps) == 2:
            return (200, self._row(steps[1], True)) if steps[1] in self.cases else (404, {})
        stage = query["stage"][0]
        items = [self._row(no, False) for no, case in self.cases.items() if case.stage == stage]
        return 200, {"items": items, "page": 1, "total": len(items)}

    def _act(self, no: str, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        action, seen = body.pop("action"), body.pop("seen")
        try:
            if seen != self.cases[no].version:
                self.refusals.append(409)
                return 409, {"code": "STALE_CASE"}
            self.act(no, name, action, **body)
        except CaseError as problem:
            self.refusals.append(422)
            return 422, {"code": problem.code, "msg": problem.msg}
        return 200, self._row(no, False)

    def _row(self, no: str, with_events: bool) -> dict[str, Any]:
        case = self.cases[no]
        row = {name: getattr(case, name) for name in ("version", "severity", "category", "unit", "worker")}
        row |= {"case": no, "stage": case.stage.value, "state": case.state.value, "grids": list(case.grids)}
        row |= {"lon": case.place.lon, "lat": case.place.lat, "reported_at": case.reported_at.isoformat()}
        if with_events:
            row["events"] = [{"by": e.by, "action": e.action.value, "why": e.why} for e in self.events[no]]
        return row


@contextmanager
def open_room(room: FakeRoom) -> Iterator[FakeRoom]:
    """The room on a free port, its address in `room.url`."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, said = room.answer(self.command, self.path, body, token)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST = _handle

        def log_message(self, *said: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    room.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield room
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
