"""The demo's staff: take the demo's cases through their lives, and keep their hands off everybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cases.model import Role
from feeds.demo import deeds
from feeds.demo.deeds import next_deed
from feeds.demo.rest import Rest
from feeds.demo.staff import Staff, luck_of
from feeds.demo.town import Town
from tests.feeds.demo.fake_room import PASSWORD, FakeRoom, open_room

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FEED = "demo-feed"
PEOPLE = {
    "demo-duty": (Role.DUTY, None),
    "demo-verifier": (Role.VERIFIER, None),
    "demo-U-03": (Role.UNIT, "U-03"),
    "duty": (Role.DUTY, None),
}


@pytest.fixture
def room() -> Iterator[FakeRoom]:
    """A room with the demo's three people and one real duty officer."""
    with open_room(FakeRoom(dict(PEOPLE))) as room:
        yield room


def staff_of(room: FakeRoom, town: Town, own_accounts: bool = True) -> Staff:
    people = [
        Rest(room.url, name, PASSWORD, role.value, unit)
        for name, (role, unit) in room.people.items()
        if name.startswith("demo-")
    ]
    return Staff(people, town, frozenset({FEED, "demo-past"}), own_accounts, random=Random(4))


def work(staff: Staff, minutes: int, start: datetime = NOW, step_s: int = 20) -> None:
    """Let time pass."""
    for second in range(0, minutes * 60, step_s):
        staff.work(start + timedelta(seconds=second))


def lucky(prefix: str = "20261120-", above: float = 0.45, below: float = 0.7) -> str:
    """A case number whose fate is an ordinary life."""

    return next(no for n in range(999) if above < luck_of(no := f"{prefix}{n:06d}") < below)


def test_a_case_goes_all_the_way_by_several_hands(room: FakeRoom, town: Town) -> None:
    no = lucky()
    room.file(no, FEED)
    staff = staff_of(room, town)
    staff.hears(no, 4, NOW)
    work(staff, 120)
    assert room.done(no) == ["report", "accept", "dispatch", "sign", "handle", "verify", "close", "evaluate"]
    hands = {event.action.value: event.by for event in room.events[no]}
    assert (hands["accept"], hands["sign"], hands["verify"]) == ("demo-duty", "demo-U-03", "demo-verifier")
    assert room.refusals == []


def test_the_first_case_moves_within_the_first_minute(room: FakeRoom, town: Town) -> None:
    no = lucky()
    room.file(no, FEED)
    staff = staff_of(room, town)
    staff.hears(no, 4, NOW)
    work(staff, 1, step_s=1)
    assert room.done(no)[:3] == ["report", "accept", "dispatch"]


def test_a_case_somebody_else_acted_on_is_left_alone_for_good(room: FakeRoom, town: Town) -> None:
    no = lucky()
    room.file(no, FEED)
    staff = staff_of(room, town)
    staff.hears(no, 4, NOW)
    room.act(no, "duty", "accept")
    work(staff, 240)
    assert room.done(no) == ["report", "accept"]


def test_cases_of_others_are_never_touched(room: FakeRoom, town: Town) -> None:
    room.file("20261120-000777", "demo-source")
    room.file("20261120-000778", "W-0065")
    work(staff_of(room, town), 240)
    assert room.done("20261120-000777") == room.done("20261120-000778") == ["report"]


def test_older_cases_of_the_demo_are_taken_up(room: FakeRoom, town: Town) -> None:
    no = lucky()
    room.file(no, "demo-past")
    work(staff_of(room, town), 240)
    assert room.done(no)[-1] == "evaluate"


def test_with_borrowed_accounts_only_remembered_deeds_count(room: FakeRoom, town: Town) -> None:
    no, other = lucky(), lucky("20261121-")
    room.file(no, FEED)
    room.file(other, FEED)
    staff = staff_of(room, town, own_accounts=False)
    staff.hears(no, 4, NOW)
    staff.hears(other, 4, NOW)
    room.act(other, "demo-duty", "accept")  # whoever tries the room, signed in under the same name
    work(staff, 240)
    assert room.done(no)[-1] == "evaluate"
    assert room.done(other) == ["report", "accept"]


def test_workers_with_a_fresh_case_are_named_whoever_sent_them(room: FakeRoom, town: Town) -> None:
    no = "20261120-000779"
    room.file(no, "demo-source")
    room.act(no, "duty", "accept")
    room.act(no, "duty", "dispatch", worker="W-0009")
    found = staff_of(room, town).work(datetime.now(UTC))
    assert [(d.case, d.worker) for d in found] == [(no, "W-0009")]


def test_most_alerts_are_acknowledged_after_a_while(room: FakeRoom, town: Town) -> None:
    staff = staff_of(room, town)
    for n in range(20):
        staff.sees_alert(f"A20261120-{n:04d}", NOW)
    staff.work(NOW)
    assert room.alerts == []
    work(staff, 10)
    assert 12 <= len(room.alerts) <= 20


def test_an_absent_room_is_waited_for(town: Town) -> None:
    nobody = FakeRoom(dict(PEOPLE))
    nobody.url = "http://127.0.0.1:9"
    staff = staff_of(nobody, town)
    staff.hears("20261120-000001", 3, NOW)
    assert staff.work(NOW + timedelta(minutes=5)) == []


@pytest.mark.parametrize("luck", [n / 97 for n in range(97)])
def test_every_fate_follows_the_life_cycle_to_its_end(luck: float, town: Town) -> None:
    room = FakeRoom({"d": (Role.DUTY, None), "v": (Role.VERIFIER, None), "u": (Role.UNIT, "U-03")})
    room.file("20261120-000001", FEED)
    by_role = {"duty": "d", "verifier": "v", "unit": "u"}
    for _ in range(20):
        _, case = room.answer("GET", "/api/v1/cases/20261120-000001", {}, "d")
        deed = next_deed(case, town, luck)
        if deed is None:
            break
        room.act("20261120-000001", by_role[deed.role], deed.action, **deed.body)  # raises what is illegal
    else:
        pytest.fail(f"never ends: {room.done('20261120-000001')}")
    _, last = room.answer("GET", "/api/v1/cases/20261120-000001", {}, "d")
    assert last["stage"] in ("closed", "evaluated") or luck < deeds._NEGLECTED, "only the neglected stay open"
