"""CAP over real HTTP: a warning comes in by a key, stands on the wall, and leaves as it came to whoever may see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests

from cases.model import EVERYWHERE, Alert, AlertNo, Device
from feeds.cap.clerk import CapClerk
from feeds.cap.door import CapDoor
from feeds.filing import Clerk
from feeds.http_door import HttpDoor
from tests.cases.cap.documents import POLYGON, changed, document, faults
from tests.dashboard.rig import Rig, rigged, served
from tests.dashboard.test_live import hear, of, watch

KEY = "met-1.a-secret"
XML = {"Content-Type": "application/cap+xml"}


def with_doors(rig: Rig, sender: str) -> None:
    """The room with its real doors for devices and warnings."""
    given = rig.services
    door = HttpDoor(Clerk(given.desk, given.grids, rig.now), rig.directory, rig.now)
    warnings = CapDoor(CapClerk(given.desk, given.grids, rig.now), door)
    rig.services = replace(given, intake=door, warnings=warnings, cap_sender=sender, public_url="https://room.example")
    rig.directory.put_device(Device("met-1", "superior", "*"), KEY)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(Path(tmp_path_factory.mktemp("cap"))) as rig:
        with_doors(rig, "room.example")
        with served(rig):
            yield rig


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The room next door."""
    with rigged(Path(tmp_path_factory.mktemp("next"))) as rig:
        with_doors(rig, "next.example")
        with served(rig):
            yield rig


def post(room: Rig, body: bytes, key: str = KEY, **headers: str) -> requests.Response:
    given = XML | {"Authorization": f"Bearer {key}"} | headers
    return requests.post(f"{room.url}/api/v1/cap", body, headers=given, timeout=9)


def named(identifier: str, *changes: tuple[str, str]) -> bytes:
    return changed(("MET-1", identifier), *changes)


def alert_of(room: Rig, number: str) -> Alert:
    found = room.services.views.alert(AlertNo(number), EVERYWHERE)
    assert found is not None
    return found[0]


def test_a_warning_stands_on_the_wall_at_once_and_only_where_it_holds(room: Rig) -> None:
    with room.live(room.program("duty-a")) as wall:
        watch(wall, "alerts")
        hear(wall, of("snapshot", "alerts"))
        number = post(room, named("LIVE-1")).json()["alert"]
        told = hear(wall, of("delta", "alerts"))
    assert [each["alert"] for each in told["data"]["put"]] == [number]
    corners = [[float(each) for each in reversed(pair.split(","))] for pair in POLYGON.split()]
    assert told["data"]["put"][0]["outline"] == [corners]  # what the map draws, (lon, lat)
    seen = room.program("duty-a").get(f"{room.url}/api/v1/alerts/{number}")
    assert (seen.status_code, seen.json()["kind"], seen.json()["grids"]) == (200, "暴雨", ["A"])
    assert room.program("analyst-a1").get(f"{room.url}/api/v1/alerts/{number}").status_code == 200
    assert room.program("duty-b").get(f"{room.url}/api/v1/alerts/{number}").status_code == 404


def test_a_warning_needs_a_devices_key(room: Rig) -> None:
    for key in ("", "met-1.wrong", "nobody.a-secret"):
        assert post(room, document(), key).status_code == 401
    token = str(room.program("duty").headers["Authorization"]).removeprefix("Bearer ")
    answer = post(room, document(), token)
    assert (answer.status_code, "设备密钥" in answer.json()["msg"]) == (403, True)
    room.directory.put_device(Device("gone", "superior", "*", disabled=True), "gone.a-secret")
    assert post(room, document(), "gone.a-secret").status_code == 401


def test_a_key_posts_and_never_reads(room: Rig) -> None:
    for path in ("cap", "cap.json", "alerts"):
        answer = requests.get(f"{room.url}/api/v1/{path}", headers={"Authorization": f"Bearer {KEY}"}, timeout=9)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{}", 415), ("text/xml; charset=utf-8", b"<", 400), ("text/xml", b"<a/>", 400)],
)
def test_refusals_over_http_have_words_and_a_reference(room: Rig, kind: str, body: bytes, status: int) -> None:
    answer = post(room, body, **{"Content-Type": kind})
    assert (answer.status_code, answer.json()["ok"]) == (status, False)
    assert answer.json()["ref"].startswith("R-")


@pytest.mark.parametrize(
    "sent",
    [
        named("TRIP-1"),
        named("TRIP-2", ("Actual", "Exercise"), ("Severe", "Minor")),
        named("TRIP-3", ("120.01", "120.21"), ("120.19", "120.39"), ("三小时", "雨 &amp; &lt;雷&gt; 三小时")),
        named("TRIP-4", (f"<polygon>{POLYGON}</polygon>", "<circle>30.05,120.15 0</circle>")),
    ],
)
def test_what_leaves_is_valid_and_comes_back_the_same(room: Rig, other: Rig, sent: bytes) -> None:
    number = post(room, sent).json()["alert"]
    left = room.program("duty").get(f"{room.url}/api/v1/cap/{number}")
    assert left.headers["content-type"].startswith("application/cap+xml")
    assert faults(left.content) == []
    back = post(other, left.content)
    assert back.status_code == 201, back.text
    ours, theirs = alert_of(room, number), alert_of(other, back.json()["alert"])
    for what in ("level", "kind", "text", "exercise", "expires_at", "origin", "at"):
        assert getattr(theirs, what) == getattr(ours, what), what
    assert theirs.place.grids == ours.place.grids
    reached = [rig.services.views.alert_reach([a.no], EVERYWHERE) for rig, a in ((room, ours), (other, theirs))]
    assert reached[0][ours.no] == reached[1][theirs.no]


def test_an_alert_of_our_own_keeps_its_point(room: Rig, other: Rig) -> None:
    number = room.alarm("广场人群聚集 <急>")
    left = room.program("duty").get(f"{room.url}/api/v1/cap/{number}").content
    assert faults(left) == []
    ours, theirs = alert_of(room, number), alert_of(other, post(other, left).json()["alert"])
    assert (theirs.place.lon, theirs.place.lat, theirs.place.grids) == (120.05, 30.05, ("A", "A1"))
    assert (theirs.level, theirs.kind, theirs.text) == (ours.level, ours.kind, ours.text)


def test_an_update_and_a_cancel_leave_as_such(room: Rig) -> None:
    first = post(room, named("U-1")).json()["alert"]
    refers = "<references>met.example,U-1,2026-11-21T08:00:00+08:00</references><info>"
    second = post(room, named("U-2", ("<msgType>Alert", "<msgType>Update"), ("<info>", refers))).json()["alert"]
    program = room.program("duty")
    over = program.get(f"{room.url}/api/v1/cap/{first}.json").json()
    update = program.get(f"{room.url}/api/v1/cap/{second}.json").json()
    assert (over["msgType"], over["identifier"], f"room.example,{first}," in over["references"]) == (
        "Cancel",
        f"{first}-cancel",
        True,
    )
    assert (update["msgType"], f"room.example,{first}," in update["references"]) == ("Update", True)
    assert faults(program.get(f"{room.url}/api/v1/cap/{first}").content) == []


def test_the_feed_lists_what_one_may_see(room: Rig) -> None:
    mine, theirs = room.alarm("甲区的", "A1"), room.alarm("乙区的", "B1")
    answer = room.program("duty-b").get(f"{room.url}/api/v1/cap")
    feed = ElementTree.fromstring(answer.content)
    links = [each.get("href") for each in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert f"https://room.example/api/v1/cap/{theirs}" in links
    assert f"https://room.example/api/v1/cap/{mine}" not in links
    listed = room.program("duty-a").get(f"{room.url}/api/v1/cap.json").json()
    assert {mine} == {mine, theirs} & {each["identifier"] for each in listed["items"]}
    for ending in ("", ".json"):
        assert room.program("duty-b").get(f"{room.url}/api/v1/cap/{mine}{ending}").status_code == 404
