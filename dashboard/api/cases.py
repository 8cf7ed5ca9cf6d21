"""`/cases`: the ledger, one case with its events, and the one door through which a case changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Body
from starlette.responses import JSONResponse, Response

from cases.errors import BadAction, StaleCase, UnknownCase
from cases.lifecycle import ACTION_NAMES, find_move
from cases.model import Action, Case, CaseNo, Event, Scope, Stage, State
from cases.particulars import taken_by
from cases.ports import CaseFilter
from cases.routing import suggest_unit
from dashboard import answers
from dashboard.api.parameters import PAGE_SIZE, PageNo, Refused, grid_in_scope, span
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit
from dashboard.shapes import Json, case_row, event_row

ACTIONS = {action.value: action for action in Action if action not in (Action.REPORT, Action.CLOCK, Action.HAND_OVER)}
MOST_TEXT = 5_000
MOST_NAMES = 50


def add(router: APIRouter, services: Services) -> None:
    """Register the routes."""

    @router.get("/cases")
    async def list_cases(
        stage: Stage | None = None,
        state: State | None = None,
        grid: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page: PageNo = 1,
    ) -> Json:
        begin, end = span(since, until)
        which = CaseFilter(stage, state, grid=grid_in_scope(services, grid), since=begin, until=end)
        found = await off_loop(services.views.cases, visit().scope, which, page, PAGE_SIZE)
        return {"items": [case_row(case) for case in found.items], "page": found.page, "total": found.total}

    @router.get("/cases/{no}")
    async def one_case(no: str) -> Json:
        case, events = await off_loop(_case_and_events, services, CaseNo(no), visit().scope)
        return case_row(case) | {"events": [event_row(event) for event in events]}

    @router.post("/cases/{no}/actions")
    async def act_on_case(no: str, body: dict[str, Any] = Body()) -> Response:  # noqa: B008 — FastAPI's way
        try:
            action, seen, details = read_action(body)
        except Refused as problem:
            stale = await off_loop(_graver, services, visit(), CaseNo(no), body)
            if stale is None:
                raise problem from None
            return await _refuse_stale(services, CaseNo(no), stale, body["seen"])
        try:
            after = await off_loop(act, services, visit(), CaseNo(no), action, seen, details)
        except StaleCase as stale:
            return await _refuse_stale(services, CaseNo(no), stale, seen)
        return JSONResponse({"ok": True} | case_row(after))


def act(services: Services, who: Visit, no: CaseNo, action: Action, seen: int, details: Json) -> Case:
    """Apply one action; a dispatch to nobody in particular goes to the top suggestion. Blocking.

    Raises UnknownCase, NotAllowed, StaleCase, IllegalAction, BadAction, in this order.
    """
    if action is Action.DISPATCH and not (details.get("unit") or details.get("worker")):
        details = details | _suggested(services, no, who.scope)
    return services.desk.act(no, action, details, who.actor, who.scope, seen, services.clock())


def read_action(body: Json) -> tuple[Action, int, Json]:
    """The action, the version it was shown, and everything else as its details."""
    name, seen = body.get("action"), body.get("seen")
    if not isinstance(name, str) or name not in ACTIONS:
        raise Refused(422, "UNKNOWN_ACTION", f"不认识的动作；可用：{'、'.join(ACTIONS)}", "action")
    if not isinstance(seen, int) or not _is_version(seen):
        raise Refused(422, "BAD_VERSION", f"{ACTION_NAMES[ACTIONS[name]]}须带上看到的版本号 seen", "seen")
    details = {key: value for key, value in body.items() if key not in ("action", "seen")}
    taken = taken_by(ACTIONS[name])
    for key, value in details.items():
        if key not in taken:  # "unti" must not mean "anybody"
            words = f"{ACTION_NAMES[ACTIONS[name]]}只接受 {'、'.join(sorted(taken))}"
            raise Refused(422, "UNKNOWN_FIELD", words, key[:40])
        _check_detail(key, value)
    return ACTIONS[name], seen, details


def _graver(services: Services, who: Visit, no: CaseNo, body: Json) -> StaleCase | None:
    """What comes before the 422 of a body that cannot be followed, in this order: 404, 403, 409 STALE_CASE, 409.

    The stale case is returned; raises UnknownCase, NotAllowed, IllegalAction. Blocking.
    """
    case = _case(services, no, who.scope)
    action, seen = ACTIONS.get(str(body.get("action"))), body.get("seen")
    if action is None:
        return None
    try:  # no case was ever at version -1: nothing can happen, and the rules say what stands before it
        services.desk.act(no, action, {}, who.actor, who.scope, -1, services.clock())
    except StaleCase as stale:
        if not _is_version(seen):
            return None
        if seen != case.version:
            return stale
        find_move(case, action)
        return None
    raise AssertionError("an action went through at a version that no case had")


def _is_version(seen: object) -> bool:
    return type(seen) is int and 0 < seen < 2**31


def _check_detail(key: str, value: object) -> None:
    field = key[:40]
    if key == "units" and isinstance(value, list) and len(value) <= MOST_NAMES:  # of a whistle or a split
        for name in value:
            _check_detail("unit", name)
        return
    if not isinstance(value, str | int | float | bool | None):
        raise Refused(422, "BAD_TYPE", f"{field} 须是文本或数字", field)
    if isinstance(value, str) and len(value) > MOST_TEXT:
        raise Refused(422, "TOO_LONG", f"{field} 最长 {MOST_TEXT} 字", field)
    if isinstance(value, str) and any(ord(each) < 32 and each not in "\n\t" for each in value):
        raise Refused(422, "BAD_TEXT", f"{field} 含有不可见字符", field)


def _suggested(services: Services, no: CaseNo, scope: Scope) -> Json:
    found = suggest_unit(_case(services, no, scope), services.directory.units())
    if found is None:
        raise BadAction("没有可建议的单位，请指定单位或网格员", "unit")
    return {"unit": found.unit.id, "reason": found.why}


def _case(services: Services, no: CaseNo, scope: Scope) -> Case:
    case = services.views.case(no, scope)
    if case is None:
        raise UnknownCase(no)
    return case


def _case_and_events(services: Services, no: CaseNo, scope: Scope) -> tuple[Case, list[Event]]:
    return _case(services, no, scope), services.views.events(no, scope)


async def _refuse_stale(services: Services, no: CaseNo, stale: StaleCase, seen: int) -> Response:
    """409 with the present version and what changed since the one that was shown."""
    changed = await off_loop(_changed_since, services, no, visit().scope, seen)
    return answers.refuse_case(stale, version=stale.version, changed=changed)


def _changed_since(services: Services, no: CaseNo, scope: Scope, seen: int) -> list[Json]:
    """What happened after the version that was shown."""
    return [event_row(event) for event in services.views.events(no, scope) if event.version > seen]
