"""RFC 6455 frame by frame, over raw sockets against the real gateway."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from feeds import session
from feeds.limits import Rates
from tests.feeds.parts import GatewayThread, Room
from tests.feeds.raw_socket import Heard, RawSocket, close, hello, request
from tests.feeds.rfc6455_rows import AFTERWARDS, BEAT, BROKEN_UTF8, HANDSHAKES, ROWS, pieces, text


@pytest.fixture(scope="module")
def port(room: Room) -> Iterator[int]:
    with GatewayThread(room, Rates(1e9, 1e9, 1e9, 1e9)) as gateway:
        yield gateway.port


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a stranger sends is no error of ours."""
    yield
    shown = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    assert not [record.getMessage() for record in shown if record.exc_info or record.levelno >= logging.ERROR]


def heard(link: RawSocket, expected: list[Heard]) -> list[Heard | None]:
    """As much as is expected; behind a close the end of the connection, else the answer to one more beat."""
    said: list[Heard | None] = [link.hear() for _ in expected]
    if expected and isinstance(expected[-1], int):
        return [*said, link.hear()]
    link.send(text(BEAT))
    return [*said, link.hear()]


@pytest.mark.parametrize(("sent", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_frame_has_the_answer_the_standard_gives_it(port: int, sent: bytes, expected: list[Heard]) -> None:
    with RawSocket(port) as link:
        link.sign_in()
        link.closed = sent.endswith(close(1000))
        link.send(sent)
        end = None if expected and isinstance(expected[-1], int) else "beat"
        assert heard(link, expected) == [*expected, end]


@pytest.mark.parametrize(("sent", "status"), [row[1:] for row in HANDSHAKES], ids=[row[0] for row in HANDSHAKES])
def test_a_handshake_has_its_status(port: int, sent: bytes, status: int) -> None:
    with RawSocket(port) as link:
        link.send(sent)
        assert link.status() == status


@pytest.mark.parametrize("name", ["2.2 words", "5.8 a ping within", "6.4 GBK", "7.1.1 without a code"])
def test_bytes_that_come_one_by_one_mean_the_same(port: int, name: str) -> None:
    [(sent, expected)] = [row[1:] for row in ROWS if row[0] == name]
    with RawSocket(port) as link:
        link.sign_in()
        link.send_by_byte(sent)
        assert [link.hear() for _ in expected] == expected


def test_what_is_sent_behind_the_request_is_read_after_it(port: int) -> None:
    with RawSocket(port) as link:
        link.send(request() + hello() + text(BEAT) + pieces(BEAT, 4) + text(BEAT))
        assert link.status() == 101
        assert [link.hear() for _ in range(4)] == ["welcome", "beat", "beat", "beat"]


@pytest.mark.parametrize(("fault", "code"), [row[1:] for row in AFTERWARDS], ids=[row[0] for row in AFTERWARDS])
def test_what_was_good_before_a_fault_has_its_answer(port: int, fault: bytes, code: int) -> None:
    with RawSocket(port) as link:
        link.sign_in()
        link.send(text(BEAT))
        assert link.hear() == "beat"
        link.closed = fault == close(1000)
        link.send(fault)
        assert [link.hear(), link.hear()] == [code, None]


@pytest.mark.parametrize("cut", range(1, len(text(BEAT))))
def test_a_peer_that_falls_silent_within_a_frame_keeps_nobody_waiting(port: int, cut: int) -> None:
    with RawSocket(port) as slow, RawSocket(port, "w-2") as other:
        slow.sign_in()
        other.sign_in()
        slow.send(text(BEAT)[:cut])
        other.send(text(BEAT))
        assert other.hear() == "beat"
        slow.send(text(BEAT)[cut:])
        assert slow.hear() == "beat"


@pytest.mark.parametrize("cut", [1, 2, 5, 9])
def test_a_peer_that_vanishes_within_a_frame_is_forgotten(port: int, cut: int) -> None:
    with RawSocket(port) as gone:
        gone.sign_in()
        gone.send(text(BEAT)[:cut])
        gone.vanish()
    with RawSocket(port) as again:
        again.sign_in()
        again.send(text(BEAT))
        assert again.hear() == "beat"


@pytest.mark.parametrize("cut", [0, 1, 30])
def test_half_a_hello_is_waited_for_five_seconds(port: int, cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HELLO_WITHIN_S", 0.2)
    with RawSocket(port) as link:
        link.send(request() + hello()[:cut])
        assert link.status() == 101
        assert link.hear() == 4400


@pytest.mark.long
def test_half_a_request_is_waited_for_ten_seconds(port: int) -> None:
    with RawSocket(port) as link:
        link.send(request()[:40])
        assert link.status() == 0


@pytest.mark.parametrize("broken", BROKEN_UTF8.values(), ids=BROKEN_UTF8)
def test_broken_words_before_hello_are_the_end(port: int, broken: bytes) -> None:
    with RawSocket(port) as link:
        link.send(request() + text(broken))
        assert link.status() == 101
        assert link.hear() == 1007
