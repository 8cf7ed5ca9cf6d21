"""A past moment over HTTP: the same panels, the session's area, a page that is marked and on which nothing acts."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from cases.model import EVERYWHERE, Action, Actor, CaseNo, Role
from dashboard.past import BadMoment, moment_of
from tests.dashboard.rig import Rig, rigged, served

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A room of its own: a test moves its clock."""
    with rigged(tmp_path) as made, served(made):
        yield made


def past_of(rig: Rig, name: str, at: datetime) -> tuple[int, dict[str, Any]]:
    answer = rig.browser(name).get(f"{rig.url}/api/v1/past", params={"at": at.isoformat()})
    return answer.status_code, answer.json()


def snapshots(told: dict[str, Any]) -> dict[str, Any]:
    return {each["topic"]: each["data"] for each in told["messages"] if each["type"] == "snapshot"}


def test_a_case_that_is_closed_now_is_open_in_the_past(rig: Rig) -> None:
    no = CaseNo(rig.report("楼上噪声"))
    then = rig.now()
    rig.offset += timedelta(minutes=5)
    duty = Actor("duty", Role.DUTY, "screen")
    rig.services.desk.act(no, Action.VOID, {"reason": "重复"}, duty, EVERYWHERE, 1, rig.now())
    rig.alarm("广场人员聚集")
    status, told = past_of(rig, "duty", then)
    assert status == 200
    assert [row[0] for row in snapshots(told)["incidents"]] == [no]
    assert snapshots(told)["kpi"]["figures"]["open"] == 1
    assert snapshots(told)["alerts"]["items"] == []
    panels = {
        each["id"]: json.dumps(each["props"], ensure_ascii=False)
        for each in told["messages"]
        if each["type"] == "panel"
    }
    assert "楼上噪声" in panels["case-board"]
    assert "time-handle" in panels["time-bar"]
    assert not panels.keys() & {"feed-health", "seat-state", "duty-posts"}


def test_workers_stand_where_their_kept_fixes_say(rig: Rig) -> None:
    rig.report("楼上噪声")
    rig.services.positions.keep([rig.fix("W-A1", 120.05), rig.fix("W-B1", 120.35)])
    then = rig.now()
    rig.offset += timedelta(minutes=5)
    rig.services.positions.keep([rig.fix("W-A1", 120.09)])
    _, told = past_of(rig, "duty-a", then)
    frame = b64decode(told["positions"])
    assert frame[:4] == b"DRP1"
    assert struct.unpack_from("<I", frame, 8) == (1,)  # the other one is of another area
    assert struct.unpack_from("<i", frame, 36) == (1_200_500_000,)


def test_the_past_keeps_to_the_area(rig: Rig) -> None:
    mine, others = rig.report("楼上噪声", "A1"), rig.report("占道经营", "B1")
    _, told = past_of(rig, "duty-a", rig.now())
    assert mine in json.dumps(told)
    assert others not in json.dumps(told)


def test_moments_that_cannot_be_shown_are_refused_in_words(rig: Rig) -> None:
    assert past_of(rig, "duty", rig.now())[1]["code"] == "BEFORE_RECORD"
    rig.report("楼上噪声")
    assert past_of(rig, "duty", rig.now() + timedelta(hours=1))[1]["code"] == "IN_FUTURE"
    answer = rig.browser("duty").get(f"{rig.url}/api/v1/past", params={"at": "昨天"})
    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_TIME")


def test_the_next_case_can_be_gone_to(rig: Rig) -> None:
    begin = rig.now()
    rig.offset += timedelta(minutes=5)
    no = rig.report("楼上噪声")
    rig.offset += timedelta(minutes=5)
    ask = {"after": begin.isoformat(), "kind": "case"}
    told = rig.browser("duty").get(f"{rig.url}/api/v1/past/next", params=ask).json()
    assert no in json.dumps(past_of(rig, "duty", datetime.fromisoformat(told["at"]))[1])


def test_a_page_of_the_past_is_marked_and_nothing_on_it_acts(rig: Rig) -> None:
    rig.report("楼上噪声")
    answer = rig.browser("duty").get(f"{rig.url}/", params={"at": rig.now().isoformat()})
    assert "历史画面" in answer.text
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    layout = answer.text.partition('data-answer="/_dash-layout">')[2].partition("</script>")[0]
    for acting in ("case-detail", "alert-list-command", "alert-detail", "feed-health"):
        assert f'"id":"{acting}"' not in layout.replace(" ", "")


@pytest.mark.parametrize("page", ["/duty", "/meeting", "/charts"])
def test_a_page_without_a_past_says_so_instead_of_showing_now(rig: Rig, page: str) -> None:
    layout = rig.browser("leader").get(f"{rig.url}{page}", params={"at": rig.now().isoformat()}).text
    assert "这个页面只有现在" in layout
    assert "alert-list" not in layout.partition('data-answer="/_dash-layout">')[2].partition("</script>")[0]


def test_the_wall_of_now_is_framed_by_nobody(rig: Rig) -> None:
    answer = rig.browser("duty").get(f"{rig.url}/")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "历史画面" not in answer.text


def test_two_moments_stand_side_by_side(rig: Rig) -> None:
    rig.report("楼上噪声")
    page = rig.browser("duty").get(f"{rig.url}/moments")
    assert page.text.count("framed=1") >= 2


@pytest.mark.parametrize(
    "written", ["2026-11-21T14:32:00+08:00", "2026-11-21T14:32:00 08:00", "2026-11-21T14:32:00", "2026-11-21T06:32:00Z"]
)
def test_a_link_names_its_moment_in_any_of_these_ways(written: str) -> None:
    assert moment_of(written, NOW) == datetime(2026, 11, 21, 14, 32, tzinfo=CHINA)


@pytest.mark.parametrize("written", ["", "昨天", "2026-13-01T00:00:00+08:00", "2026-11-22T12:00:01+08:00"])
def test_other_moments_are_refused(written: str) -> None:
    with pytest.raises(BadMoment):
        moment_of(written, NOW)
