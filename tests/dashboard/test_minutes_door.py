"""A meeting's minutes leave the room as an official DOCX, to whoever may see it, and the taking is recorded."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

from docx import Document
from starlette.requests import Request
from starlette.responses import Response

from cases.calendar import WorkCalendar
from cases.decisions import Answerable
from cases.meeting_desk import MeetingDesk
from cases.meetings import KINDS
from cases.model import EVERYWHERE, Account, Role
from dashboard.minutes_door import MinutesDoor
from dashboard.rights import scope_of
from dashboard.session import CURRENT, Visit
from reports.writer import OfficialPapers
from tests.dashboard.harness import set_stage

LEADER = Account("leader", Role.LEADER, "", "王指挥")


def test_minutes_are_taken_away_by_who_may_and_recorded(tmp_path: Path) -> None:
    stage = set_stage(tmp_path)
    services = replace(stage.services, papers=OfficialPapers())
    kept, now = services.registry.meetings, services.clock()
    desk = MeetingDesk(kept, WorkCalendar(), lambda changes: None)
    held = desk.open(KINDS["joint"], {}, LEADER, now)
    desk.decide(held.no, "城管 办 报方案 5个工作日内", "", [Answerable("U-07", "城管中队")], LEADER, EVERYWHERE, now)
    door = MinutesDoor(services)
    given = _ask(door, held.no, LEADER)
    words = "\n".join(each.text for each in Document(io.BytesIO(bytes(given.body))).paragraphs)
    assert "联席会议纪要" in words
    assert "由城管中队办理：报方案" in words
    assert [(who, what) for _, who, what in services.registry.disclosures.of(held.no)] == [("leader", "minutes")]
    assert _ask(door, held.no, Account("town", Role.LEADER, "elsewhere", "")).status_code == 404
    assert _ask(door, held.no, Account("unit", Role.UNIT, "", "")).status_code == 403
    stage.room.engine.close()


def _ask(door: MinutesDoor, no: str, account: Account) -> Response:
    token = CURRENT.set(Visit(account, scope_of(account)))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": {"no": no}})
    try:
        return asyncio.run(door.routes()[0].endpoint(request))  # type: ignore[no-any-return]
    finally:
        CURRENT.reset(token)
