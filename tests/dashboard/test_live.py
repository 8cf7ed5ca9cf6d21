"""`/live` over real sockets: snapshot, change, resume, refusal, revocation; one slow screen harms nobody."""

import json
import select
import socket
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection

from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Account, Action, Actor, Role
from cases.ports import Change, FixesMoved, RoleHealth
from dashboard import screens, wire
from tests.dashboard.rig import Rig, rigged, served

ALL = ["positions", "incidents", "board", "kpi", "alerts", "health"]
Json = dict[str, Any]


def watch(link: ClientConnection, *topics: str, **more: object) -> None:
    link.send(json.dumps({"type": "watch", "topics": list(topics or ALL)} | more))


def hear(link: ClientConnection, wanted: Callable[[Json], bool], within: float = 5.0) -> Json:
    """The first text frame that is wanted; whatever comes before it is passed over."""
    until = time.monotonic() + within
    while True:
        frame = link.recv(timeout=max(until - time.monotonic(), 0.01))
        if isinstance(frame, str):
            message: Json = json.loads(frame)
            if wanted(message):
                return message


def of(kind: str, topic: str = "", **more: object) -> Callable[[Json], bool]:
    expected = {"type": kind} | ({"topic": topic} if topic else {}) | more
    return lambda message: expected.items() <= message.items()


def closed(link: ClientConnection, within: float = 5.0) -> tuple[int, str]:
    """The code and reason the server hung up with."""
    until = time.monotonic() + within
    while link.close_code is None:
        try:
            link.recv(timeout=max(until - time.monotonic(), 0.01))
        except ConnectionClosed:
            break
    assert link.close_code is not None
    return link.close_code, link.close_reason or ""


@contextmanager
def screen(room: Rig, name: str, *topics: str, **more: object) -> Iterator[ClientConnection]:
    with room.live(room.program(name)) as link:
        watch(link, *topics, **more)
        yield link


# snapshot and change ----------------------------------------------------------------------------------------------


def test_a_screen_is_given_every_topic_it_watches(room):
    number = room.report("楼上噪声")
    with screen(room, "duty") as link:
        first = {}
        while set(first) != set(ALL):
            message = hear(link, lambda m: m["type"] == "snapshot")
            first[message["topic"]] = message
    assert number in [card["case"] for card in first["board"]["data"]["cards"]]
    assert [number, 120.05, 30.05, "dispute.neighbour", 3, "on_time"] in first["incidents"]["data"]
    assert first["kpi"]["data"]["figures"]["open"] >= 1
    assert first["health"]["data"]["gateway"] == {"age_s": 0.4, "state": "ok"}
    assert len({message["epoch"] for message in first.values()}) == 1


def test_a_new_case_is_on_an_open_board_within_two_seconds(room):
    with screen(room, "duty", "board") as link:
        before = hear(link, of("snapshot", "board"))
        begun, number = time.monotonic(), room.report("新来的案件")
        delta = hear(link, of("delta", "board"), 2.0)
    assert time.monotonic() - begun < 2.0
    assert delta["seq"] == before["seq"] + 1
    assert [card["case"] for card in delta["data"]["put"]] == [number]


def test_a_case_that_leaves_the_board_is_gone(room):
    number = room.report("即将作废")
    with screen(room, "duty", "board") as link:
        hear(link, lambda m: number in json.dumps(m.get("data")))
        act = {"action": "void", "seen": 1, "reason": "误报"}
        room.program("duty").post(f"{room.url}/api/v1/cases/{number}/actions", json=act)
        assert number in hear(link, lambda m: m["type"] == "delta" and bool(m["data"]["gone"]), 3.0)["data"]["gone"]


def test_a_hint_names_the_case_and_its_version(room):
    with screen(room, "duty", "health") as link:
        number = room.report("提示一下")
        hint = hear(link, of("hint", case=number), 3.0)
    assert hint == {"type": "hint", "case": number, "version": 1}


def test_a_change_whose_bell_was_lost_is_found_all_the_same(room):
    ears, room.feed._ears[:] = list(room.feed._ears), []
    with screen(room, "duty", "board") as link:
        hear(link, of("snapshot", "board"))
        number = room.report("铃没有响")
        room.feed._ears[:] = ears
        assert hear(link, of("hint", case=number), 3.0)["version"] == 1
        assert hear(link, of("delta", "board"), 3.0)


def test_who_looks_at_a_case_hears_who_else_does(room):
    number = room.report("两人同看")
    with screen(room, "duty", "health") as mine, screen(room, "leader", "health") as other:
        mine.send(json.dumps({"type": "look", "case": number}))
        assert hear(mine, of("looks", case=number))["by"] == []
        other.send(json.dumps({"type": "look", "case": number}))
        assert hear(other, of("looks", case=number))["by"] == ["duty"]
        assert hear(mine, lambda m: m.get("type") == "looks" and bool(m["by"]))["by"] == ["leader"]
        other.send(json.dumps({"type": "look", "case": ""}))
        assert hear(mine, of("looks", case=number, by=[]))


def test_looking_at_a_case_outside_the_area_tells_nothing(room):
    number = room.report("别处的案件", "B1")
    with screen(room, "duty", "health") as mine, screen(room, "duty-a", "health") as other:
        mine.send(json.dumps({"type": "look", "case": number}))
        hear(mine, of("looks", case=number))
        other.send(json.dumps({"type": "look", "case": number}))
        with pytest.raises(TimeoutError):
            hear(other, of("looks"), within=0.7)


def test_beats_come_every_two_seconds_and_carry_health(room):
    with screen(room, "duty", "kpi") as link:
        hear(link, of("beat"))
        begun = time.monotonic()
        beat = hear(link, of("beat"))
    assert 1.5 < time.monotonic() - begun < 2.6
    assert beat["health"]["intake"]["state"] == "ok"
    assert beat["as_of"]["board"].endswith("Z")


def test_a_role_that_stops_is_on_the_screen_within_five_seconds(room):
    with screen(room, "duty", "health") as link:
        hear(link, of("snapshot", "health"))
        room.feed.roles["gateway"] = RoleHealth(6.1, "down", "网关无心跳")
        delta = hear(link, of("delta", "health"))
        room.feed.roles["gateway"] = RoleHealth(0.4, "ok")
    assert delta["data"]["put"]["gateway"] == {"age_s": 6.1, "state": "down"}


# positions --------------------------------------------------------------------------------------------------------


def test_positions_come_as_json_to_whoever_asks(room):
    room.feed.play(FixesMoved([room.fix("W-A1", 120.01, ago=0)]))
    with screen(room, "duty", "positions") as link:
        snapshot = hear(link, of("snapshot", "positions"))
        room.feed.play(FixesMoved([room.fix("W-A1", 120.02)]))
        delta = hear(link, lambda m: m["type"] == "delta" and m["data"]["put"][0][1] == 120.02)
        room.feed.play(FixesMoved([room.fix("W-A1", 120.02, status="off_duty")]))
        gone = hear(link, lambda m: m["type"] == "delta" and bool(m["data"]["gone"]))
    assert isinstance(snapshot["data"], list)
    worker, _lon, lat, at, status, accuracy, suspect = delta["data"]["put"][0]
    assert (worker, lat, status, accuracy, suspect) == ("W-A1", 30.05, "available", 8.0, False)
    assert at.endswith("Z")
    assert gone["data"] == {"put": [], "gone": ["W-A1"]}


def test_watching_more_sends_neither_roster_nor_positions_again(room):
    room.feed.play(FixesMoved([room.fix("W-B1", 120.25)]))
    with screen(room, "duty", "positions", positions="binary") as link:
        epoch = hear(link, of("roster"))["epoch"]
        seen = struct.unpack_from("<I", next(f for f in iter(link.recv, None) if isinstance(f, bytes)), 12)[0]
        more = {"topics": ["positions", "kpi"], "scope": "", "positions": "binary"}
        link.send(json.dumps({"type": "watch", **more, "epoch": epoch, "since": {"positions": seen}}))
        heard = []
        hear(link, lambda message: bool(heard.append(message["type"])) or message.get("topic") == "kpi")
        hear(link, lambda message: bool(heard.append(message["type"])) or message["type"] == "beat")
    assert "roster" not in heard


def test_positions_come_as_binary_frames_after_their_roster(room):
    room.feed.play(FixesMoved([room.fix("W-B1", 120.25)]))
    with screen(room, "duty", "positions", positions="binary") as link:
        roster = hear(link, of("roster"))
        index = next(place for place, worker, *_ in roster["items"] if worker == "W-B1")
        frame = next(f for f in iter(link.recv, None) if isinstance(f, bytes))
    assert struct.unpack_from("<4sB", frame) == (b"DRP1", 1)
    assert struct.unpack_from("<Q", frame, 24)[0] == int(roster["epoch"], 16)
    records = struct.iter_unpack("<Iii", frame[32:])
    assert index in [word & 0xFFFFF for word, _, _ in records]


def test_positions_come_at_most_twice_a_second(room):
    with screen(room, "duty", "positions") as link:
        hear(link, of("snapshot", "positions"))
        begun, frames = time.monotonic(), 0
        while time.monotonic() - begun < 2.0:
            room.feed.play(FixesMoved([room.fix("W-A1", 120.03)]))
            try:
                frames += '"positions"' in str(link.recv(timeout=0.05))
            except TimeoutError:
                continue
    assert 3 <= frames <= 5


# coming back ------------------------------------------------------------------------------------------------------


def test_who_comes_back_gets_what_was_missed_and_nothing_else(room):
    with screen(room, "duty", "board") as link:
        seen = hear(link, of("snapshot", "board"))
    with screen(room, "leader", "board") as other:
        hear(other, of("snapshot", "board"))
        number = room.report("断线期间的案件")
        hear(other, of("delta", "board"), 3.0)
        with screen(room, "duty", "board", since={"board": seen["seq"]}, epoch=seen["epoch"]) as link:
            missed = hear(link, lambda m: m.get("topic") == "board")
    assert (missed["type"], missed["seq"]) == ("delta", seen["seq"] + 1)
    assert [card["case"] for card in missed["data"]["put"]] == [number]


def test_who_missed_nothing_is_sent_nothing(room):
    with screen(room, "duty", "board") as link:
        seen = hear(link, of("snapshot", "board"))
        watch(link, "board", since={"board": seen["seq"]}, epoch=seen["epoch"])
        hear(link, of("beat"))
        beat = hear(link, lambda m: m["type"] in ("beat", "snapshot"))
    assert beat["type"] == "beat"


def test_another_epoch_gets_a_snapshot(room):
    with screen(room, "duty", "board", since={"board": 3}, epoch="before the restart") as link:
        assert hear(link, lambda m: m.get("topic") == "board")["type"] == "snapshot"


@pytest.mark.parametrize("seq", [10**6, -1, 2**63, "abc"])
def test_a_number_from_nowhere_is_said_so_and_gets_a_snapshot(room, seq):
    with screen(room, "duty", "board") as link:
        epoch = hear(link, of("snapshot", "board"))["epoch"]
        watch(link, "board", since={"board": seq}, epoch=epoch)
        assert hear(link, of("error"))["code"] == "BAD_SEQ"
        assert hear(link, of("snapshot", "board"))


def test_a_number_no_longer_kept_is_resynchronised(tmp_path):
    with rigged(tmp_path) as rig, served(rig), screen(rig, "duty", "health") as link:
        epoch = hear(link, of("snapshot", "health"))["epoch"]
        assert rig.room is not None
        topic = next(iter(rig.room.hub._channels.values()))._topics["health"]
        topic.seq += 1_000
        topic.refresh(topic.rows, rig.now())
        watch(link, "health", since={"health": 1}, epoch=epoch)
        assert hear(link, of("error"))["code"] == "RESYNC"
        assert hear(link, of("snapshot", "health"))["seq"] == topic.seq


# refusals ---------------------------------------------------------------------------------------------------------


def test_odd_frames_are_answered_and_the_link_stays(room):
    with screen(room, "duty", "health") as link:
        for frame, code in (("{", "BAD_JSON"), ("[]", "NOT_OBJECT"), (b"\0\1", "UNSUPPORTED_BINARY")):
            link.send(frame)
            assert hear(link, of("error"))["code"] == code
        watch(link, "health", scope="3301%")
        refusal = hear(link, of("error"))
        assert (refusal["code"], refusal["field"], refusal["ok"]) == ("BAD_AREA", "scope", False)
        assert "3301" not in json.dumps(refusal)
        assert hear(link, of("beat"))


def test_twenty_odd_frames_in_a_minute_end_the_link(room):
    with screen(room, "duty", "health") as link:
        for _ in range(20):
            link.send("{")
        assert closed(link)[0] == 4429


def test_a_frame_over_64_kib_ends_the_link(room):
    with screen(room, "duty", "health") as link:
        link.send("x" * 70_000)
        assert closed(link)[0] == 1009


@pytest.mark.parametrize("scope", ["B", "B1", "Z9"])
def test_an_area_not_yours_and_one_that_does_not_exist_end_the_same_way(room, scope):
    with screen(room, "duty-a", "board", scope=scope) as link:
        assert hear(link, of("error"))["code"] == "FORBIDDEN_AREA"
        assert closed(link) == (4403, "该网格不存在或不在您的辖区内")


def test_the_ninth_screen_of_one_account_is_refused_with_the_limit(room):
    program = room.program("verifier")
    with ExitStack() as eight:
        for _ in range(8):
            eight.enter_context(room.live(program))
        with room.live(program) as ninth:
            assert hear(ninth, of("error"))["code"] == "TOO_MANY_SCREENS"
            code, reason = closed(ninth)
        with screen(room, "admin", "health") as link:
            assert hear(link, of("beat"))
    assert code == 4429
    assert "8" in reason


# rights change ----------------------------------------------------------------------------------------------------


def test_a_revoked_account_is_cut_within_five_seconds(room):
    room.directory.put_account(Account("temp", Role.DUTY, "", "临时"), "只用一次的口令而已")
    session = room.session()
    credentials = {"name": "temp", "password": "只用一次的口令而已"}
    token = session.post(f"{room.url}/api/v1/session", json=credentials).json()["token"]
    session.headers["Authorization"] = f"Bearer {token}"
    with room.live(session) as link:
        watch(link, "board")
        hear(link, of("snapshot", "board"))
        begun = time.monotonic()
        room.directory.disable("temp")
        assert closed(link, 5.0)[0] == 4401
    assert time.monotonic() - begun < 5.0
    assert session.get(f"{room.url}/api/v1/cases").status_code == 401


def test_signing_out_closes_the_screen(room):
    browser = room.browser("leader")
    with room.live(browser) as link:
        watch(link, "board")
        hear(link, of("snapshot", "board"))
        browser.post(f"{room.url}/logout")
        assert closed(link)[0] == 4401


def test_an_area_that_changed_under_an_open_screen_is_refiltered(tmp_path):
    with rigged(tmp_path) as rig:
        moved: dict[str, Account] = {}
        accounts = rig.services.accounts

        class Moving:
            """The same accounts, but a person's area may change while the session goes on."""

            def __getattr__(self, name: str) -> Any:
                return getattr(accounts, name)

            def sessions(self, tokens: Any, now: Any) -> dict[str, Account]:
                return {token: moved.get(a.name, a) for token, a in accounts.sessions(tokens, now).items()}

        rig.services = replace(rig.services, accounts=Moving())  # type: ignore[arg-type]
        mine, theirs = rig.report("甲区的案件", "A1"), rig.report("乙区的案件", "B1")
        with served(rig), screen(rig, "duty-a", "board") as link:
            assert [c["case"] for c in hear(link, of("snapshot", "board"))["data"]["cards"]] == [mine]
            moved["duty-a"] = Account("duty-a", Role.DUTY, "B", "调岗", 2)
            again = hear(link, of("snapshot", "board"))
            assert [c["case"] for c in again["data"]["cards"]] == [theirs]


# failures and slowness --------------------------------------------------------------------------------------------


def test_a_failed_read_keeps_the_last_picture_and_says_since_when(tmp_path):
    class Failing:
        """Views that fail while told to."""

        down = False

        def __init__(self, views: Any) -> None:
            self._views = views

        def __getattr__(self, name: str) -> Any:
            if self.down:
                raise StoreUnavailable
            return getattr(self._views, name)

    with rigged(tmp_path) as rig:
        views = Failing(rig.services.views)
        rig.services = replace(rig.services, views=views)  # type: ignore[arg-type]
        number = rig.report("停电前的案件")
        with served(rig), screen(rig, "duty", "board", "panels") as link:
            hear(link, of("snapshot", "board"))
            views.down = True
            rig.feed.play(Change("case", number, 2))
            beat = hear(link, lambda m: m["type"] == "beat" and "failed" in m)
            assert beat["failed"]["since"].endswith("Z")
            watch(link, "board")
            assert [c["case"] for c in hear(link, of("snapshot", "board"))["data"]["cards"]] == [number]
            views.down = False
            assert hear(link, lambda m: m["type"] == "beat" and "failed" not in m, 9.0)


def test_a_screen_that_does_not_read_is_cut_and_the_others_never_notice(tmp_path, monkeypatch):
    monkeypatch.setattr(screens, "SLOW_S", 1.5)
    monkeypatch.setattr(wire, "ABANDON_S", 0.2)
    with rigged(tmp_path, screens_per_account=20) as rig, served(rig):
        assert rig.room is not None
        fleet = [rig.fix(f"W-{n}", 120 + n / 1_000_000) for n in range(12_000)]
        rig.feed.play(FixesMoved(fleet))
        with _deaf_screen(rig, rig.program("duty")) as deaf:
            with screen(rig, "leader", "positions") as quick:
                waits = _stir_until_cut(rig, quick)
                assert rig.room.hub.screens_of("leader") == 1
            assert _is_reset(deaf, within_s=10)  # though its browser never took what was sent
        assert statistics.median(waits) < 2.0


@contextmanager
def _deaf_screen(rig: Rig, program: Any) -> Iterator[socket.socket]:
    """A screen that shakes hands, asks for everybody's place and reads nothing more."""
    port = int(rig.url.rpartition(":")[2])
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", port))
        hello = f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        hello += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
        link.sendall(f"{hello}Authorization: {program.headers['Authorization']}\r\n\r\n".encode())
        assert b"101" in link.recv(64)
        wish = json.dumps({"type": "watch", "topics": ["positions"], "positions": "binary"}).encode()
        link.sendall(Frame(Opcode.TEXT, wish).serialize(mask=True))
        yield link


def _is_reset(link: socket.socket, within_s: float) -> bool:
    """Whether the other side threw the link away; a mere goodbye behind unread bytes does not count."""
    waiting = select.poll()
    waiting.register(link, 0)  # errors only
    return bool(waiting.poll(within_s * 1000))


def _stir_until_cut(rig: Rig, quick: ClientConnection) -> list[float]:
    """Move everybody until the deaf screen is cut; how long a quick one waited for each change."""
    assert rig.room is not None
    waits, until = [], time.monotonic() + 30
    hear(quick, of("snapshot", "positions"))
    while rig.room.hub.screens_of("duty"):
        assert time.monotonic() < until, "the deaf screen was never cut"
        fixes = [rig.fix(f"W-{n}", 120.1) for n in range(12_000)]
        begun = time.monotonic()
        rig.feed.play(FixesMoved(fixes))
        hear(quick, of("delta", "positions"))
        waits.append(time.monotonic() - begun)
    return waits


def test_a_feed_that_breaks_off_is_listened_to_again(room):
    with screen(room, "duty", "positions") as link:
        hear(link, of("snapshot", "positions"))
        room.feed.play(ConnectionError("redis is gone"))
        until = time.monotonic() + 5
        while room.feed._ears and time.monotonic() < until:
            time.sleep(0.01)
        while not room.feed._ears and time.monotonic() < until:
            time.sleep(0.01)
        room.feed.play(FixesMoved([room.fix("W-A1", 120.09)]))
        assert hear(link, lambda m: "120.09" in json.dumps(m))
        assert hear(link, of("beat"))


def test_fifty_screens_cut_at_once_are_back_with_the_right_picture(tmp_path):
    with rigged(tmp_path, screens_per_account=100) as rig, served(rig):
        number, program = rig.report("断线重连"), rig.program("duty")
        for _ in range(2):
            begun = time.monotonic()
            with ExitStack() as fifty:
                links = [fifty.enter_context(rig.live(program)) for _ in range(50)]
                for link in links:
                    watch(link, "board")
                boards = [hear(link, of("snapshot", "board")) for link in links]
            assert all(board["data"]["cards"][0]["case"] == number for board in boards)
            assert time.monotonic() - begun < 10


# 待定 of one's own --------------------------------------------------------------------------------------------------


def test_who_accepted_a_case_in_no_grid_has_it_on_his_board_and_nobody_else_of_the_area(room):
    number = room.report("电话里说不清在哪", area="")
    with screen(room, "duty-a", "board") as mine, screen(room, "analyst-a1", "board") as other:
        assert number not in json.dumps(hear(mine, of("snapshot", "board")))
        hear(other, of("snapshot", "board"))
        officer = Actor("duty-a", Role.DUTY, "screen")
        room.services.desk.act(number, Action.ACCEPT, {}, officer, EVERYWHERE, 1, room.now())
        hear(mine, lambda m: m.get("topic") == "board" and number in json.dumps(m.get("data")), 5.0)
        marker = room.report("辖区内的下一件")
        until_marker = hear(other, lambda m: m.get("topic") == "board" and marker in json.dumps(m.get("data")), 5.0)
        assert number not in json.dumps(until_marker)
        leave = {"reason": "误报"}
        room.services.desk.act(number, Action.VOID, leave, officer, EVERYWHERE, 2, room.now())
        back = hear(mine, lambda m: of("snapshot", "board")(m) and number not in json.dumps(m), 8.0)
        if marker not in json.dumps(back):  # told to the area a moment after he came back to it
            back = hear(mine, lambda m: m.get("topic") == "board" and marker in json.dumps(m), 5.0)
        assert number not in json.dumps(back)
