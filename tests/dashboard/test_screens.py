"""One screen's outbox: never more than one frame a topic, never a gap, never unbounded."""

import asyncio
from collections.abc import Callable

from cases.model import Account, Role
from dashboard.screens import MOST_HINTS, Screen
from dashboard.wire import Ready


class Hand:
    """A wire whose browser takes what it is given, or nothing while `stuck`."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.sent: list[str | bytes] = []
        self._room = asyncio.Event()
        if not stuck:
            self._room.set()

    def takes(self) -> bool:
        return self._room.is_set()

    async def until_it_takes(self) -> None:
        await self._room.wait()

    def put(self, frame: Ready) -> None:
        self.sent.append(frame.payload)

    def abandon(self) -> None:
        pass

    def loosen(self) -> None:
        self._room.set()


def screen(*, stuck: bool = False) -> Screen:
    return Screen(Account("duty", Role.DUTY, "", "值班员"), "token", Hand(stuck=stuck))


def sent(one: Screen) -> list[str | bytes]:
    assert isinstance(one.wire, Hand)
    return one.wire.sent


def pumped(fill: Callable[[Screen], None]) -> list[str | bytes]:
    """What a screen sends once its wire is loose again, after `fill` had its way with it while it was stuck."""
    one = screen(stuck=True)

    async def run() -> None:
        one.pumping = asyncio.create_task(one.pump())
        fill(one)
        await asyncio.sleep(0)
        assert isinstance(one.wire, Hand)
        one.wire.loosen()
        while one.sending_since is not None or one._waiting:
            await asyncio.sleep(0)
        one.close(1000, "")
        await one.pumping

    asyncio.run(run())
    return sent(one)


def test_a_wire_that_takes_is_given_at_once_and_in_order():
    one = screen()
    one.offer("beat", "first")
    one.offer_delta("board", "delta", lambda: "snapshot")
    one.offer_hint("C1", "hint")
    assert sent(one) == ["first", "delta", "hint"]


def test_nothing_overtakes_what_waits():
    def fill(one: Screen) -> None:
        one.offer("board", "first")
        assert isinstance(one.wire, Hand)
        one.wire.loosen()
        one.offer("kpi", "second")

    assert pumped(fill) == ["first", "second"]


def test_a_newer_frame_takes_the_older_ones_place():
    def fill(one: Screen) -> None:
        one.offer("beat", "old")
        one.offer("panel x", "x")
        one.offer("beat", "new")

    assert pumped(fill) == ["new", "x"]


def test_a_change_on_top_of_an_unsent_one_becomes_a_snapshot_so_there_is_no_gap():
    def fill(one: Screen) -> None:
        one.offer_delta("board", "delta 1", lambda: "snapshot 2")
        one.offer_delta("board", "delta 2", lambda: "snapshot 2")

    assert pumped(fill) == ["snapshot 2"]


def test_the_roster_goes_before_the_positions_that_count_on_it():
    def fill(one: Screen) -> None:
        one.offer("positions", b"frame")
        one.offer("roster", "names")

    assert pumped(fill) == ["names", b"frame"]


def test_answers_to_bad_frames_do_not_replace_each_other():
    def fill(one: Screen) -> None:
        one.answer("first")
        one.answer("second")

    assert pumped(fill) == ["first", "second"]


def test_too_many_unsent_hints_cut_the_screen():
    one = screen(stuck=True)
    for number in range(MOST_HINTS + 1):
        one.offer_hint(f"C{number}", "hint")
    assert one.cut is not None
    assert one.cut[0] == 4408


def test_the_same_case_rings_once():
    one = screen(stuck=True)
    for _ in range(MOST_HINTS * 2):
        one.offer_hint("C1", "hint")
    assert one.cut is None


def test_a_send_that_is_stuck_is_slow():
    one = screen()
    one.sending_since = 100.0
    assert not one.is_slow(105.0)
    assert one.is_slow(111.0)


def test_a_screen_that_is_cut_while_it_is_stuck_is_not_waited_for():
    one = screen(stuck=True)

    async def run() -> None:
        one.pumping = asyncio.create_task(one.pump())
        one.offer("board", "never read")
        await asyncio.sleep(0)
        one.close(4401, "登录已失效，请重新登录")
        await asyncio.wait([one.pumping], timeout=2)

    asyncio.run(run())
    assert sent(one) == []
    assert one.pumping is not None
    assert one.pumping.cancelled()


def test_what_a_cut_screen_is_offered_never_leaves():
    one = screen()
    one.close(4401, "登录已失效，请重新登录")
    one.offer("board", "secret")
    assert sent(one) == []


def test_twenty_bad_frames_in_a_minute_are_too_many():
    one = screen()
    assert [one.spoils(float(second * 4)) for second in range(19)].count(True) == 0
    assert not any(one.spoils(100.0) for _ in range(5))
    assert any(one.spoils(101.0) for _ in range(20))
