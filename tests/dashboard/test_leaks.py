"""辖区 leakage: every record of an area carries its token; what an account of the other area receives must not hold it.

Roles × areas × routes, pages, callbacks and live topics, counted (reliability.md P14).
"""

import json
import time
from collections.abc import Iterator

import pytest

from cases.model import Account, GridWorker, HandlingUnit, Role, UnitId, WorkerId
from cases.ports import FixesMoved
from dashboard import pages
from tests.dashboard.rig import PASSWORD, Rig, rigged, served

TOKENS = {"A": "红隼", "B": "雨燕"}
ROLES = (Role.DUTY, Role.LEADER, Role.ANALYST, Role.ADMIN, Role.UNIT, Role.VERIFIER)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A room where each area's cases, alerts, people and 待定 are marked, with an account a role and area."""
    with rigged(tmp_path_factory.mktemp("room")) as rig:
        lineage = {"A1": ("A", "A1"), "B1": ("B", "B1")}
        rig.directory.put_workers(
            [GridWorker(WorkerId(f"W-{a}1"), f"{TOKENS[a]}员工", f"{a}1", "13800001234") for a in "AB"],
            lambda c: lineage[c],
        )
        rig.directory.put_units([HandlingUnit(UnitId("U-city"), "城管中队", "urban")])
        for role in ROLES:
            for area in ("A", "B", "A1", "B1"):
                unit = "U-city" if role is Role.UNIT else None
                rig.directory.put_account(Account(f"{role}-{area}", role, area, "某某", unit=unit), PASSWORD)
        with served(rig):
            yield rig


@pytest.fixture(scope="module")
def numbers(marked: Rig) -> dict[str, str]:
    """A case of each area and one of 待定, with the lives they had."""
    found = {area: marked.report(f"{TOKENS[area]}案件", f"{area}1", text=f"{TOKENS[area]}详情") for area in "AB"}
    found["none"] = marked.report("白鹭案件", "")
    for area in "AB":
        marked.alarm(f"{TOKENS[area]}告警", f"{area}1")
        note = {"action": "note", "seen": 1, "text": f"{TOKENS[area]}备注"}
        marked.program("duty").post(f"{marked.url}/api/v1/cases/{found[area]}/actions", json=note)
    west = {"A": 120.05, "B": 120.25}
    marked.feed.play(FixesMoved([marked.fix(f"W-{area}1", west[area]) for area in "AB"]))
    return found


def everything_over_http(room: Rig, name: str, numbers: dict[str, str]) -> Iterator[str]:
    """What an account gets from every reading route, every page, every refusal."""
    browser = room.browser(name)
    paths = ["cases", "alerts", "workers", "kpi", "kpi?grid=A", "kpi?grid=B", "cases?grid=A1", "cases?grid=B1"]
    paths += [f"cases/{number}" for number in numbers.values()]
    for path in paths:
        yield browser.get(f"{room.url}/api/v1/{path}").text
    act = {"action": "accept", "seen": 99}
    yield from (browser.post(f"{room.url}/api/v1/cases/{n}/actions", json=act).text for n in numbers.values())
    for path in ("/", "/duty", "/meeting", "/grid/A", "/grid/B", "/grid/B1", *(f"/case/{n}" for n in numbers.values())):
        assert pages.find(path) is not None
        answer = browser.get(room.url + path)
        assert answer.status_code == 200
        assert 'data-answer="/_dash-layout"' in answer.text
        yield answer.text


def everything_over_live(room: Rig, name: str) -> Iterator[str]:
    """What an account's screen hears of all topics in three seconds, changes of both areas included."""
    topics = ["positions", "incidents", "board", "kpi", "alerts", "health", "panels"]
    with room.live(room.program(name)) as link:
        link.send(json.dumps({"type": "watch", "topics": topics, "positions": "json"}))
        yield str(link.recv(timeout=5))
        link.send(json.dumps({"type": "watch", "topics": topics, "positions": "binary"}))
        until = time.monotonic() + 2.5
        while (left := until - time.monotonic()) > 0:
            try:
                yield str(link.recv(timeout=left))
            except TimeoutError:
                return


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("area", ["A", "B", "A1", "B1"])
def test_no_route_page_or_callback_shows_the_other_area(marked, numbers, role, area):
    mine, theirs = TOKENS[area[0]], TOKENS["B" if area[0] == "A" else "A"]
    heard = list(everything_over_http(marked, f"{role}-{area}", numbers))
    assert len(heard) > 20
    assert not [text for text in heard if theirs in text or "白鹭" in text]
    assert any(mine in text for text in heard)


@pytest.mark.parametrize("area", ["A", "B1"])
def test_no_live_topic_shows_the_other_area(marked, numbers, area):
    mine, theirs = TOKENS[area[0]], "B" if area[0] == "A" else "A"
    heard = list(everything_over_live(marked, f"duty-{area}"))
    marked.report(f"{TOKENS[theirs]}又一案", f"{theirs}1")
    heard += everything_over_live(marked, f"duty-{area}")
    hidden = (TOKENS[theirs], "白鹭", f"W-{theirs}1", numbers[theirs], numbers["none"])
    assert not [text[:300] for text in heard if any(token in text for token in hidden)]
    assert any(mine in text for text in heard)


def test_somebody_of_everywhere_sees_both_and_the_unplaced(marked, numbers):
    heard = "".join(everything_over_live(marked, "duty"))
    assert all(token in heard for token in (*TOKENS.values(), "白鹭"))
