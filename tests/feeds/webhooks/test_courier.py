"""Webhooks to a real HTTP server: once, signed, in order; tried again, given up, replayed; each receiver by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import EVERYWHERE, Action, AlertLevel, AlertReport, CaseNo, Place, Reporter
from cases.webhooks import MOST_TRIES, Subscription, headers_of, secret_of, secrets_of, wait_after
from feeds.webhooks import post
from feeds.webhooks.courier import Courier
from feeds.webhooks.post import NotAllowedThere, Postman, networks, retry_after
from storage.store import SqlStore
from storage.webhooks import SqlWebhooks
from tests.cases.build import DUTY, report
from tests.empty import empty_database

HERE = Postman(networks("127.0.0.0/8"))
KEY = b"k" * 32


@dataclass
class Receiver:
    """Another system: keeps what it is sent and answers as it is told."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    more: dict[str, str] = field(default_factory=dict)  # headers of its answers

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for each in self.bodies]


@contextmanager
def receiving(*statuses: int, slow: bool = False) -> Iterator[Receiver]:
    receiver = Receiver(statuses=list(statuses))
    if not slow:
        receiver.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.gate.wait(10)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = receiver.statuses.pop(0) if receiver.statuses else 204
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{receiver.url}/elsewhere")
            for name, value in receiver.more.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()


class Room:
    """A desk on a real database, and a courier that a test lets take turns; its clock is the test's."""

    def __init__(self, folder: Path) -> None:
        self.engine = empty_database(folder / "room.sqlite")
        self.desk = Desk(SqlStore(self.engine), WorkCalendar(), lambda _: None)
        self.book = SqlWebhooks(self.engine, "https://room.example")
        self.at = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
        self.courier = self.another()
        self._serial = 0

    def another(self) -> Courier:
        """A courier as after a restart: nothing is in its memory."""
        return Courier(self.book, HERE.send, lambda each, at: secrets_of(KEY, each, at), lambda: self.at)

    def subscribe(self, receiver: Receiver, name: str = "city", kinds: str = "case.*", area: str = "") -> None:
        assert self.book.add(name, receiver.url, kinds.split(","), area, "salt", self.at)

    def state(self, name: str = "city") -> Subscription:
        return next(each for each in self.book.all() if each.name == name)

    def case(self, **changes: object) -> CaseNo:
        self._serial += 1
        at = {"at": self.at, "received_at": self.at}
        answer = self.desk.file([report(f"r{self._serial}", **at | changes)], self.at)[0]  # type: ignore[arg-type]
        assert answer.receipt is not None
        return CaseNo(answer.receipt.number)

    def alert(self, grids: tuple[str, ...] = ("G1",), **changes: Any) -> str:
        self._serial += 1
        told = (AlertLevel.RED, "video", "聚集", "王五持刀", Place(120.1, 30.2, grids))
        made = AlertReport("cam", f"a{self._serial}", "f", self.at, self.at, *told, **changes)
        answer = self.desk.file([made], self.at)[0]
        assert answer.receipt is not None
        return answer.receipt.number

    def turn(self, *, after: timedelta = timedelta(0)) -> None:
        self.at += after
        for each in self.book.all():
            if not each.paused:
                self.courier.turn(each)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.engine.close()


def test_an_event_is_told_once_and_its_signature_is_right(room: Room) -> None:
    with receiving() as city:
        room.case()  # before the subscription: not told
        room.subscribe(city)
        number = room.case()
        room.turn()
        room.turn()
    [(headers, body)] = city.heard
    assert json.loads(body)["case"]["case"] == number
    secret = base64.b64decode(secret_of(KEY, "city", "salt").removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert int(headers["webhook-timestamp"]) == int(room.at.timestamp())
    assert (headers["webhook-id"], room.state().delivered) == (json.loads(body)["id"], 1)


def is_right(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """A receiver's check as Standard Webhooks 1.0 tells it to make, "Verifying signatures"."""
    stamp = headers["webhook-timestamp"]
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    told = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(each, right) for version, each in told)


def test_the_signature_is_that_of_the_specifications_own_libraries() -> None:
    at, body = datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
    headers = headers_of(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_receiver_may_take_over_a_new_secret_at_any_moment_of_the_time_given(room: Room) -> None:
    old, new = secret_of(KEY, "city", "salt"), secret_of(KEY, "city", "pepper")
    with receiving() as city:
        room.subscribe(city)
        room.book.rotate("city", "pepper", room.at + timedelta(hours=1))
        room.case()
        room.turn()
        headers, body = city.heard[-1]
        assert [is_right(each, headers, body, room.at) for each in (new, old)] == [True, True]
        assert not is_right(new, headers, body + b" ", room.at)
        assert not is_right(new, headers, body, room.at + timedelta(minutes=6))
        room.at += timedelta(hours=2)
        room.case()
        room.turn()
        headers, body = city.heard[-1]
    assert [is_right(each, headers, body, room.at) for each in (new, old)] == [True, False]
    assert " " not in headers["webhook-signature"]
    assert 24 <= len(base64.b64decode(new.removeprefix("whsec_"))) <= 64  # what the specification asks of a secret
    assert city.bodies[-1]["timestamp"] == city.bodies[-1]["at"]
    assert "." not in headers["webhook-id"]


def test_every_try_has_its_own_time_and_the_same_name(room: Room) -> None:
    with receiving(500) as city:
        room.subscribe(city)
        room.case()
        room.turn()
        room.turn(after=timedelta(seconds=30))
    [(first, _), (second, _)] = city.heard
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 30


def test_who_is_gone_is_written_to_no_more_and_has_missed_nothing(room: Room) -> None:
    with receiving(410) as city:
        room.subscribe(city)
        room.case()
        room.turn()
        assert (room.state().paused, "410" in room.state().last_error) == (True, True)
        room.turn(after=timedelta(days=1))
        assert (len(city.heard), room.book.dead("city")) == (1, [])
        room.book.pause("city", paused=False)
        room.turn()
    assert city.bodies[0]["id"] == city.bodies[1]["id"]


def test_who_asks_us_to_wait_is_waited_for(room: Room) -> None:
    with receiving(503) as city:
        city.more = {"Retry-After": "600"}
        room.subscribe(city)
        room.case()
        room.turn()
        room.turn(after=timedelta(minutes=9))
        assert len(city.heard) == 1
        room.turn(after=timedelta(minutes=2))
        assert len(city.heard) == 2


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Sat, 21 Nov 2026 01:02:00 GMT", 120),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_as_a_date(said: str, seconds: int | None) -> None:
    found = retry_after({"Retry-After": said}, datetime(2026, 11, 21, 1, 0, tzinfo=UTC))
    assert found == (None if seconds is None else timedelta(seconds=seconds))
    assert wait_after(1, 1.0, timedelta(days=9)) == timedelta(hours=6)  # nobody makes us forget


def test_events_come_in_order_and_alerts_among_them(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city, kinds="case.*,alert.*")
        number = room.case()
        room.at += timedelta(seconds=1)
        alarm = room.alert()
        room.at += timedelta(seconds=1)
        room.desk.act_on_alert(alarm, "acknowledge", {}, DUTY, EVERYWHERE, room.at)  # type: ignore[arg-type]
        room.at += timedelta(seconds=1)
        room.desk.act(number, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, room.at)
        room.turn()
    assert city.kinds == ["case.report", "alert.new", "alert.acknowledge", "case.accept"]
    assert city.bodies[3]["changes"]["stage"] == "accepted"
    assert city.bodies[3]["link"] == f"https://room.example/api/v1/cases/{number}"


def test_no_person_no_words_and_no_place_finer_than_a_grid_leave_the_room(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city, kinds="case.*,alert.*")
        teller = Reporter("张建国", "13800001234")
        room.case(title="张建国家漏水", text="住 3 幢 201", reporter=teller, worker="W-0001")
        room.alert()
        room.turn()
    said = b"".join(body for _, body in city.heard).decode()
    assert len(city.heard) == 2
    for secret in ("张建国", "13800001234", "漏水", "3 幢", "王五", "W-0001", "120.1", "30.2", DUTY.name):
        assert secret not in said


def test_exercises_are_marked(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city, kinds="case.*,alert.*")
        room.case(exercise=True)
        room.alert(exercise=True)
        room.turn()
    assert [each["exercise"] for each in city.bodies] == [True, True]


def test_a_subscription_hears_its_kinds_and_its_area_only(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city, kinds="alert.new", area="G9")
        room.case(place=Place(grids=("G9",)))
        room.alert(grids=("G1",))
        room.alert(grids=("G9", "G9a"))
        room.turn()
    [told] = city.bodies
    assert (told["type"], told["alert"]["grids"]) == ("alert.new", ["G9", "G9a"])


def test_what_fails_waits_longer_each_time_and_keeps_the_order(room: Room) -> None:
    with receiving(500, 503) as city:
        room.subscribe(city)
        room.case()
        room.case()
        room.turn()
        assert (len(city.heard), room.state().tries) == (1, 1)
        room.turn()  # too soon
        assert len(city.heard) == 1
        room.turn(after=timedelta(seconds=6))
        assert (len(city.heard), room.state().tries, room.state().last_error) == (2, 2, "对方回应 503")
        room.turn(after=timedelta(seconds=11))
    ids = [each["id"] for each in city.bodies]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert (room.state().tries, room.state().delivered, room.state().last_error) == (0, 2, "")


def test_waits_double_up_to_a_quarter_of_an_hour_and_spread() -> None:
    assert [wait_after(tries, 1.0).total_seconds() for tries in (1, 2, 3, 12)] == [5, 10, 20, 900]
    assert wait_after(1, 0.0) == timedelta(seconds=2.5)


def test_what_is_given_up_is_a_dead_letter_that_can_be_replayed(room: Room) -> None:
    with receiving(*[500] * MOST_TRIES) as city:
        room.subscribe(city)
        room.case()
        room.case()
        for _ in range(MOST_TRIES + 1):
            room.turn(after=timedelta(minutes=16))
        [letter] = room.book.dead("city")
        assert (letter.tries, letter.why) == (MOST_TRIES, "对方回应 500")
        assert room.state().delivered == 1  # the next one had its turn
        assert [state.dead for state in room.book.states()] == [1]
        assert room.book.replay("city") == 1
        room.turn()
    assert room.book.dead("city") == []
    assert city.bodies[-1]["id"] == city.bodies[0]["id"]


def test_what_the_receiver_will_never_take_is_given_up_soon(room: Room) -> None:
    with receiving(404, 404, 404) as city:
        room.subscribe(city)
        room.case()
        for _ in range(4):
            room.turn(after=timedelta(minutes=1))
    assert (len(city.heard), len(room.book.dead("city"))) == (3, 1)


def test_a_redirect_is_not_followed(room: Room) -> None:
    with receiving(302) as city:
        room.subscribe(city)
        room.case()
        room.turn()
    assert (len(city.heard), room.state().last_error) == (1, "对方回应 302")


def test_after_a_restart_it_goes_on_where_it_was(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city)
        first = room.case()
        room.turn()
        second = room.case()
        room.courier = room.another()
        room.turn()
        assert [each["case"]["case"] for each in city.bodies] == [first, second]
        assert room.book.rewind("city", room.at - timedelta(hours=1))
        room.turn()
    assert [each["case"]["case"] for each in city.bodies] == [first, second, first, second]


def test_pause_and_resume_lose_nothing(room: Room) -> None:
    with receiving() as city:
        room.subscribe(city)
        room.book.pause("city", paused=True)
        number = room.case()
        room.turn()
        assert city.heard == []
        room.book.pause("city", paused=False)
        room.turn()
        assert [each["case"]["case"] for each in city.bodies] == [number]
    assert room.book.remove("city")
    assert room.book.all() == []


def test_whoever_answers_within_the_time_has_taken_it_whoever_does_not_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "CONNECT_S", 0.2)
    monkeypatch.setattr(post, "WHOLE_S", 1.0)
    with receiving(slow=True) as slow:
        late = threading.Timer(0.6, slow.gate.set)
        late.start()
        assert HERE.send(slow.url, {}, b"{}").status == 204
        slow.gate.clear()
        assert HERE.send(slow.url, {}, b"{}") == post.Outcome(0, "超时")
        slow.gate.set()


def test_a_slow_receiver_costs_only_itself(room: Room) -> None:
    with receiving(slow=True) as slow, receiving() as quick:
        room.subscribe(slow, "slow")
        room.subscribe(quick, "quick")
        room.case()
        room.courier.look(lambda: True)
        until = threading.Event()
        for _ in range(200):
            if quick.heard:
                break
            until.wait(0.05)
        assert (len(quick.heard), slow.heard) == (1, [])
        slow.gate.set()
        for turn in room.courier._busy.values():
            turn.join(10)
    assert len(slow.heard) == 1


@pytest.mark.parametrize(
    ("host", "own", "is_tls", "allowed"),
    [
        ("127.0.0.1", "", True, False),
        ("10.1.2.3", "", True, False),
        ("10.1.2.3", "10.0.0.0/8", False, True),
        ("169.254.169.254", "10.0.0.0/8", False, False),
        ("::1", "", True, False),
        ("::ffff:10.1.2.3", "", True, False),
        ("::ffff:10.1.2.3", "10.0.0.0/8", False, True),
        ("64:ff9b::7f00:1", "", True, False),
        ("64:ff9b::a01:203", "10.0.0.0/8", False, True),
        ("2002:7f00:1::", "", True, False),
        ("224.0.0.1", "", True, False),
        ("0.0.0.0", "", True, False),
        ("93.184.216.34", "", True, True),
        ("93.184.216.34", "", False, False),
    ],
)
def test_only_public_and_named_networks_are_posted_to(host: str, own: str, is_tls: bool, allowed: bool) -> None:
    postman = Postman(networks(own))
    if allowed:
        assert isinstance(postman.address(host, 443, is_tls=is_tls), ipaddress.IPv4Address | ipaddress.IPv6Address)
        return
    with pytest.raises(NotAllowedThere):
        postman.address(host, 443, is_tls=is_tls)


@pytest.mark.parametrize(
    "url",
    ["ftp://h/x", "file:///etc/passwd", "http://", "http://u:p@h/", "http://h/#a", "http://h:99999/", "http://h/a b"],
)
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(NotAllowedThere):
        HERE.checked(url)


def test_nobody_there_is_a_failure_in_words(room: Room) -> None:
    with receiving() as city:
        gone = city.url
    outcome = HERE.send(gone, {}, b"{}")
    assert (outcome.is_taken, outcome.status, "无法送达" in outcome.why) == (False, 0, True)
