"""What the room tells of its feeds: metrics for Prometheus, the page 数据接入, and the keys of devices by page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from cases.feed_ports import DeadLetter, RefusalCount
from cases.ports import RoleHealth
from dashboard.metrics import exposition
from tests.dashboard.rig import Rig, rigged, served

TOKEN = "a token for prometheus"
LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"\})? -?[0-9.e+-]+')


class Book:
    """A feed book of two refusals and one dead letter."""

    def refusals(self, now: datetime) -> Sequence[RefusalCount]:
        return [RefusalCount("王建国的手机", "BAD_TIME", 2), RefusalCount("", "BAD_CREDENTIAL", 1)]

    def dead(self) -> Sequence[DeadLetter]:
        return [DeadLetter("1-1", "1-1  src-1  report r-7", "五次均无法入库")]

    def file_again(self) -> tuple[int, int]:
        return 1, 0


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(Path(tmp_path_factory.mktemp("feeds")), feeds=Book(), metrics_token=TOKEN) as rig, served(rig):
        yield rig


def pressed(
    room: Rig, session: requests.Session, output: str, trigger: str, states: dict[str, str] | None = None
) -> requests.Response:
    """A callback as the page calls it: every declared input, the one that was pressed, the form's values."""
    assert room.room is not None
    declared = room.room.dash.callback_map[output]
    component, prop = output.rsplit(".", 1)
    inputs = [{**each, "value": 1 if each["id"] == trigger else None} for each in declared["inputs"]]
    state = [{**each, "value": (states or {}).get(each["id"], "")} for each in declared["state"]]
    body = {
        "output": output,
        "outputs": {"id": component, "property": prop},
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{trigger}.n_clicks"],
    }
    return session.post(f"{room.url}/_dash-update-component", json=body)


def said(room: Rig, who: str, output: str, trigger: str, states: dict[str, str] | None = None) -> str:
    """What a press is answered with, in plain letters."""
    return json.dumps(pressed(room, room.browser(who), output, trigger, states).json(), ensure_ascii=False)


def key_of(answer: requests.Response) -> str:
    """The key that a press was told, once."""
    found = re.search(r'"children": ?"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]{40,})"', answer.text)
    assert found, answer.text
    return found[1]


def test_metrics_need_their_own_token_and_no_session_opens_them(room: Rig):
    address = f"{room.url}/metrics"
    assert room.session().get(address).status_code == 401
    assert room.program("admin").get(address).status_code == 401
    answer = requests.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert 'room_role_up{role="gateway"} 1.0' in answer.text
    assert 'room_refusals_today{code="BAD_TIME"} 2.0' in answer.text


def test_metrics_without_a_token_are_not_there(tmp_path: Path):
    with rigged(tmp_path) as rig, served(rig):
        assert requests.get(f"{rig.url}/metrics", timeout=5).status_code == 404


def test_exposition_is_well_formed_and_names_nobody():
    health = {
        "gateway": RoleHealth(0.4, "ok", figures={"links": 3, "reports": 12_345_678, "tasks": 9}),
        'od"d\n': RoleHealth(None, "down"),
    }
    told = exposition(health, Book().refusals(datetime.now(UTC)), 4)
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert "room_acknowledged_total 12345678" in told
    assert 'room_tasks{role="gateway"} 9' in told
    assert "王建国" not in told
    names = [line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_feed_page_tells_roles_refusals_and_dead_letters(room: Rig):
    page = room.browser("duty").get(f"{room.url}/feeds").text
    for words in ("接入网关", "BAD_TIME", "王建国的手机", "五次均无法入库", "（未通过验证）"):
        assert words in page, words


def test_feed_page_of_one_area_and_of_other_roles_says_no(room: Rig):
    assert "只有全域的账号" in room.browser("duty-a").get(f"{room.url}/feeds").text
    assert "不能打开这个页面" in room.browser("unit").get(f"{room.url}/feeds").text
    assert "BAD_TIME" not in room.browser("duty-a").get(f"{room.url}/feeds").text


def test_dead_letters_are_filed_again_by_whom_the_whole_room_trusts(room: Rig):
    output = "feed-watch-answer.children"
    assert "已入库 1 件" in said(room, "duty", output, "feed-watch-again")
    assert "只有全域" in said(room, "duty-a", output, "feed-watch-again")
    assert pressed(room, room.browser("leader"), output, "feed-watch-again").status_code == 403


def test_the_redrawn_part_is_nobody_elses_either(room: Rig):
    output = "feed-watch-state.children"
    assert "BAD_TIME" in said(room, "leader", output, "feed-watch-tick")
    assert "BAD_TIME" not in said(room, "duty-a", output, "feed-watch-tick")


def test_a_key_is_issued_bound_changed_and_ended_by_page(room: Rig):
    admin, output = room.browser("admin"), "device-desk-answer.children"
    form = {"device-desk-device": "cam-1", "device-desk-source": "video", "device-desk-area": "A"}
    first = key_of(pressed(room, admin, output, "device-desk-issue", form))
    device = room.directory.device("cam-1")
    assert device is not None
    assert (device.source, device.worker, device.area, device.disabled) == ("video", "*", "A", False)
    assert "已存在" in said(room, "admin", output, "device-desk-issue", form)
    pressed(room, admin, output, "device-desk-bind", form | {"device-desk-area": "B"})
    assert room.directory.device("cam-1").area == "B"  # type: ignore[union-attr]
    second = key_of(pressed(room, admin, output, "device-desk-rotate", form))
    assert first != second
    pressed(room, admin, output, "device-desk-revoke", form)
    assert room.directory.device("cam-1").disabled  # type: ignore[union-attr]
    page = admin.get(f"{room.url}/devices").text
    assert "cam-1" in page
    assert first not in page
    assert second not in page


def test_keys_are_the_administrators_of_the_whole_room(room: Rig):
    form = {"device-desk-device": "cam-2", "device-desk-source": "video"}
    answer = pressed(room, room.browser("duty"), "device-desk-answer.children", "device-desk-issue", form)
    assert answer.status_code == 403
    assert "不能打开这个页面" in room.browser("leader").get(f"{room.url}/devices").text
    assert room.directory.device("cam-2") is None
