"""A matter that comes back within 30 days: the closed case stands in the pane, one key reopens or ties it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Reporter, Role, Stage
from dashboard import dossier as dossiers
from dashboard.orders import Form, carry_out
from dashboard.panels import case_detail
from dashboard.rights import scope_of
from dashboard.session import Visit
from tests.dashboard.panels.build import text
from tests.dashboard.rig import Rig

TOLD = Reporter("王小明", "139-0000-5678")


def closed(room: Rig, title: str, **more: object) -> CaseNo:
    """A case that was refused: closed by the shortest road there is."""
    no = CaseNo(room.report(title, **more))
    actor = Actor("duty", Role.DUTY, "screen")
    room.services.desk.act(no, Action.REFUSE, {"reason": "untrue"}, actor, EVERYWHERE, 1, room.now())
    return no


@pytest.fixture(scope="module")
def duty(room: Rig) -> Visit:
    account = room.services.directory.account("duty")
    assert account is not None
    return Visit(account, scope_of(account))


def opened(room: Rig, seen: Visit, no: str) -> dossiers.Dossier:
    found = dossiers.read(CaseNo(no), room.services, seen)
    assert found is not None
    return found


def test_the_same_caller_is_to_reopen_and_one_press_does(room: Rig, duty: Visit) -> None:
    old = closed(room, "夜间施工噪声", reporter=TOLD)
    new = room.report("又在夜间施工", reporter=Reporter("", "13900005678"))
    shown = opened(room, duty, new)
    assert [(row.case.no, row.action) for row in shown.came_back] == [(old, Action.REOPEN)]
    assert "30 天内重复" in text(case_detail.pane(shown)) and "重开原案" in text(case_detail.pane(shown))

    version = shown.came_back[0].case.version
    after = carry_out(Action.REOPEN, old, Form(version, to=new), room.services, duty)
    assert (after.stage, after.reopened) == (Stage.ACCEPTED, 1)
    again = opened(room, duty, new)  # now open and tied: what is left is to merge into it
    assert [(row.case.no, row.action) for row in again.came_back] == [(old, Action.MERGE)]


def test_another_person_at_the_place_is_to_link(room: Rig, duty: Visit) -> None:
    old = closed(room, "井盖破损", area="A2")
    new = room.report("井盖又坏了", area="A2")
    shown = opened(room, duty, new)
    row = next(row for row in shown.came_back if row.case.no == old)
    assert row.action is Action.LINK
    carry_out(Action.LINK, CaseNo(new), Form(shown.case.version, to=old), room.services, duty)
    links = room.services.registry.records.of(CaseNo(new), EVERYWHERE).links
    assert [link.kind for link in links] == ["repeat"]
    assert old not in [row.case.no for row in opened(room, duty, new).came_back]


def test_what_closed_longer_ago_is_not_found(room: Rig, duty: Visit) -> None:
    old = closed(room, "楼道堆物", area="B1")
    shown = opened(room, duty, room.report("楼道又堆物", area="B1"))
    assert old in [row.case.no for row in shown.came_back]
    since = room.now() + timedelta(seconds=1)
    assert room.services.views.closed_near(EVERYWHERE, since, (0, 0, 180, 90), "", "") == []
