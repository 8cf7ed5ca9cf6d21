"""A screen that nobody signs in at: one link, one cookie, nothing but the wall, and an end within five seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.dashboard.rig import Rig, rigged, served


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(Path(tmp_path_factory.mktemp("kiosk"))) as rig, served(rig):
        yield rig


def opened(room: Rig, name: str = "大厅", area: str = "A", *, visitor: bool = False) -> requests.Session:
    link = room.services.registry.kiosks.add(name, area, room.now(), visitor=visitor)
    session = room.session()
    answer = session.post(f"{room.url}/kiosk/{link}", allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
    return session


def frames(room: Rig, session: requests.Session, want: str, seconds: float = 5) -> str:
    """All that comes on the screen's link until one frame holds `want`."""
    heard = ""
    with room.live(session) as link:
        link.send(json.dumps({"type": "watch", "topics": ["alerts", "incidents", "panels", "board"], "scope": ""}))
        end = time.monotonic() + seconds
        while want not in heard and time.monotonic() < end:
            heard += str(link.recv(timeout=seconds))
    return heard


def _listen(link: ClientConnection) -> None:
    while True:
        link.recv(timeout=8)


def test_link_is_used_once_and_looking_does_not_use_it(room: Rig):
    link = room.services.registry.kiosks.add("门厅", "", room.now())
    stranger = room.session()
    assert "在这块屏上打开" in stranger.get(f"{room.url}/kiosk/{link}").text
    assert stranger.post(f"{room.url}/kiosk/{link}", allow_redirects=False).status_code == 303
    assert room.session().post(f"{room.url}/kiosk/{link}").status_code == 410


def test_link_of_yesterday_opens_nothing(room: Rig):
    link = room.services.registry.kiosks.add("旧", "", room.now() - timedelta(hours=25))
    assert room.session().post(f"{room.url}/kiosk/{link}").status_code == 410


def test_the_wall_stands_and_everything_else_is_refused(room: Rig):
    screen = opened(room)
    assert "data-kiosk" in screen.get(f"{room.url}/wall").text
    for path in ("/", "/duty", "/case/20261121-000001", "/print/open", "/api/v1/cases", "/kiosks", "/api/v1/alerts"):
        assert screen.get(f"{room.url}{path}", allow_redirects=False).status_code == 403, path
    for path in ("/logout", "/api/v1/cases/20261121-000001/actions", "/wall"):
        assert screen.post(f"{room.url}{path}", json={}, allow_redirects=False).status_code == 403, path
    callback = screen.post(f"{room.url}/_dash-update-component", json={"output": "case-detail-answer.children"})
    assert (callback.status_code, callback.content) == (204, b"")


def test_it_sees_its_own_area_only(room: Rig):
    room.report("邻里噪声在甲", "A1")
    room.report("邻里噪声在乙", "B1")
    heard = frames(room, opened(room), "邻里噪声在甲")
    assert "邻里噪声在甲" in heard
    assert "邻里噪声在乙" not in heard


def test_before_visitors_there_are_no_names_and_no_words_of_a_case(room: Rig):
    room.report("张三家漏水", "A1")
    room.alarm("李四持刀", "A1")
    heard = frames(room, opened(room, "参观", visitor=True), "standby") + frames(
        room, opened(room, "参观二", visitor=True), '"id":"alert-list"'
    )
    assert "张三" not in heard
    assert "李四" not in heard
    assert "陈某" not in heard, "the duty roster's name"
    assert "在岗" in heard


def test_a_revoked_screen_is_dark_within_five_seconds(room: Rig):
    screen = opened(room, "东墙")
    with room.live(screen) as link:
        link.send(json.dumps({"type": "watch", "topics": ["kpi"], "scope": ""}))
        link.recv(timeout=5)
        begun = time.monotonic()
        assert room.services.registry.kiosks.revoke("东墙")
        with pytest.raises(ConnectionClosed) as closed:
            _listen(link)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        assert time.monotonic() - begun < 5
    answer = screen.get(f"{room.url}/wall", allow_redirects=False)
    assert answer.status_code == 401
    assert "已停用" in answer.text


def test_administrator_alone_has_the_page(room: Rig):
    assert "大屏终端" in room.browser("admin").get(f"{room.url}/kiosks").text
    assert "您的岗位不能打开这个页面" in room.browser("duty").get(f"{room.url}/kiosks").text
