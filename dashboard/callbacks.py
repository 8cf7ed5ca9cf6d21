"""Dash callbacks as public endpoints: a body of the wrong shape is refused, a failing callback answers in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash.backends._fastapi import DashMiddleware
from dash.exceptions import PreventUpdate
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cases.errors import CaseError, StoreUnavailable
from cases.model import Role
from dashboard import answers
from dashboard.bodies import replay
from dashboard.session import visit

PATH = "/_dash-update-component"

Callbacks = Mapping[str, Mapping[str, Any]]

STAFF = frozenset(Role) - {Role.WORKER, Role.SYSTEM, Role.KIOSK}  # whoever may open the pages
SEATS = frozenset({Role.DUTY, Role.LEADER})
ACTORS = SEATS | {Role.UNIT, Role.VERIFIER}  # who have some step in a case's life; which one, the life cycle says
MEETING = SEATS | {Role.ADMIN, Role.ANALYST}

WHO: Mapping[str, frozenset[Role]] = {
    "alert-detail": STAFF,
    "alert-list-answer": SEATS,
    "assessment-table": MEETING,
    "bulk-tray-lines": ACTORS,
    "case-detail": STAFF,
    "case-detail-answer": ACTORS,
    "command-line-answer": STAFF,  # to search and to go somewhere is everybody's; what acts asks the desk
    "command-line-offers": STAFF,
    "desk-board-asked": ACTORS,
    "device-desk-answer": frozenset({Role.ADMIN}),
    "feed-watch-answer": frozenset({Role.ADMIN, Role.DUTY}),
    "feed-watch-state": SEATS | {Role.ADMIN},
    "first-contact": STAFF,
    "handover-answer": frozenset({Role.DUTY}),
    "kiosk-desk-answer": frozenset({Role.ADMIN}),
    "meeting-answer": MEETING,  # who may only look is refused by the rules when it acts
    "meeting-noted": MEETING,
    "meeting-screen": MEETING,
    "meeting-tasks": STAFF,
    "rectification-ledger": ACTORS,
    "register-intake": frozenset({Role.ADMIN, Role.ANALYST}),
    "supervision-ladder": ACTORS,
    "survey-sheet": MEETING,
    "taking-call-answer": SEATS,
    "taking-call-hints": SEATS,
    "taking-call-kind": SEATS,
}
"""Who may call a callback, by the component of its first output; one that is missing here is nobody's."""


def who_may(output: str) -> frozenset[Role]:
    """The roles that may call the callback of an output as Dash names it: `id.prop`, or `..id.prop...id.prop..`."""
    first = output.strip(".").split("...")[0]
    return WHO.get(first.rpartition(".")[0], frozenset())


class CallbackDoor:
    """In front of Dash's one callback route; every other path passes untouched."""

    def __init__(self, app: ASGIApp, callbacks: Callbacks) -> None:
        self._app, self._callbacks = app, callbacks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the body's shape and call."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body: bytes = (await receive())["body"]  # read whole and bounded by the layer outside
        if not Headers(scope=scope).get("content-type", "").startswith("application/json"):
            await answers.refuse(415, "BAD_CONTENT_TYPE", "回调只接受 JSON")(scope, receive, send)
        elif not is_callback(body, self._callbacks):
            await answers.refuse(400, "BAD_CALLBACK", "回调请求的格式不对")(scope, receive, send)
        elif visit().account.role not in who_may(json.loads(body)["output"]):
            await answers.refuse(403, "FORBIDDEN", "您的岗位不能这样操作")(scope, receive, send)
        else:
            await self._app(scope, replay(body, receive), send)


class CallbackWords(DashMiddleware):
    """Dash's own middleware, except that a failure answers by our contract instead of Dash's."""

    async def _handle_error(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        answer = Response(status_code=204) if isinstance(error, PreventUpdate) else explain(error, scope["path"])
        await answer(scope, receive, send)


def explain(problem: Exception, where: str) -> Response:
    """The answer to a callback that failed: the rule's own words, or a reference."""
    if isinstance(problem, CaseError):
        return answers.refuse_case(problem)
    if isinstance(problem, StoreUnavailable):
        return answers.store_down()
    return answers.broken(problem, where)


def is_callback(body: bytes, callbacks: Callbacks) -> bool:
    """Whether a body calls a registered callback with the inputs and states it declares, no more and no fewer."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(call, dict) or not isinstance(call.get("output"), str):
        return False
    declared = callbacks.get(call["output"])
    if declared is None or not _names(call.get("outputs")):
        return False
    changed = call.get("changedPropIds", [])
    return (
        isinstance(changed, list)
        and all(isinstance(each, str) for each in changed)
        and _fits(call.get("inputs", []), declared.get("inputs", []))
        and _fits(call.get("state", []), declared.get("state", []))
    )


def _fits(given: object, declared: Sequence[Mapping[str, str]]) -> bool:
    if not isinstance(given, list) or len(given) != len(declared):
        return False
    return all(_is(one, wanted) for one, wanted in zip(given, declared, strict=True))


def _is(one: object, wanted: Mapping[str, str]) -> bool:
    """One value of a callback; a pattern (its id is a JSON object) takes a list of them or one."""
    if wanted["id"].startswith("{"):
        return all(_named(each) for each in (one if isinstance(one, list) else [one]))
    return _named(one) and isinstance(one, dict) and (one["id"], one["property"]) == (wanted["id"], wanted["property"])


def _named(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str | dict) and isinstance(one.get("property"), str)


def _names(outputs: object) -> bool:
    if isinstance(outputs, list):
        return all(_names(each) for each in outputs)
    return _named(outputs)
