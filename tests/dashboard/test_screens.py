"""One screen's outbox: never more than one frame a topic, never a gap, never unbounded."""

import asyncio
from typing import Any

from cases.model import Account, Role
from dashboard.screens import MOST_HINTS, Screen


def screen(sent: list[Any]) -> Screen:
    async def send(message: Any) -> None:
        sent.append(message.get("text") or message.get("bytes") or message["code"])

    return Screen(Account("duty", Role.DUTY, "", "值班员"), "token", send)


def pumped(fill: Any) -> list[Any]:
    """What a screen sends after `fill` had its way with it and hung up."""
    sent: list[Any] = []

    async def run() -> None:
        one = screen(sent)
        fill(one)
        pump = asyncio.create_task(one.pump())
        while one._waiting and one.cut is None:
            await asyncio.sleep(0)
        one.close(1000, "")
        await pump

    asyncio.run(run())
    return sent


def test_a_newer_frame_takes_the_older_ones_place():
    def fill(one: Screen) -> None:
        one.offer("beat", "old")
        one.offer("panel x", "x")
        one.offer("beat", "new")

    assert pumped(fill) == ["new", "x", 1000]


def test_a_change_on_top_of_an_unsent_one_becomes_a_snapshot_so_there_is_no_gap():
    def fill(one: Screen) -> None:
        one.offer_delta("board", "delta 1", lambda: "snapshot 2")
        one.offer_delta("board", "delta 2", lambda: "snapshot 2")

    assert pumped(fill) == ["snapshot 2", 1000]


def test_the_roster_goes_before_the_positions_that_count_on_it():
    def fill(one: Screen) -> None:
        one.offer("positions", b"frame")
        one.offer("roster", "names")

    assert pumped(fill) == ["names", b"frame", 1000]


def test_answers_to_bad_frames_do_not_replace_each_other():
    def fill(one: Screen) -> None:
        one.answer("first")
        one.answer("second")

    assert pumped(fill) == ["first", "second", 1000]


def test_too_many_unsent_hints_cut_the_screen():
    one = screen([])
    for number in range(MOST_HINTS + 1):
        one.offer_hint(f"C{number}", "hint")
    assert one.cut is not None
    assert one.cut[0] == 4408


def test_the_same_case_rings_once():
    one = screen([])
    for _ in range(MOST_HINTS * 2):
        one.offer_hint("C1", "hint")
    assert one.cut is None


def test_a_send_that_is_stuck_is_slow():
    one = screen([])
    one.sending_since = 100.0
    assert not one.is_slow(105.0)
    assert one.is_slow(111.0)


def test_twenty_bad_frames_in_a_minute_are_too_many():
    one = screen([])
    assert [one.spoils(float(second * 4)) for second in range(19)].count(True) == 0
    assert not any(one.spoils(100.0) for _ in range(5))
    assert any(one.spoils(101.0) for _ in range(20))
