"""Signs of life: several processes of one role are one role to whoever looks, and the silent one is named."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from feeds.health import Sign, field_of, is_minded, roles_of
from tests.cases.build import MONDAY_9


def sign(seconds_ago: float, **figures: float) -> bytes:
    return msgspec.json.encode(Sign(MONDAY_9 - timedelta(seconds=seconds_ago), figures))


def test_one_process_speaks_for_its_role() -> None:
    found = roles_of({field_of("gateway", "gateway-0"): sign(0.5, links=3.0)}, MONDAY_9)["gateway"]
    assert (found.state, found.age_s, found.note, found.figures) == ("ok", 0.5, "", {"links": 3.0})


def test_figures_of_several_are_added_and_the_oldest_sign_counts() -> None:
    two = {"gateway/a": sign(0.5, links=3.0, positions_per_s=100.0), "gateway/b": sign(1.5, links=4.0)}
    found = roles_of(two, MONDAY_9)["gateway"]
    assert (found.state, found.age_s, found.figures) == ("ok", 1.5, {"links": 7.0, "positions_per_s": 100.0})


@pytest.mark.parametrize(
    ("ages", "state", "note"),
    [
        ((0.5, 12), "late", "b 12 秒没有消息"),
        ((4, 12), "late", "a 4 秒没有消息；b 12 秒没有消息"),
        ((9, 12), "down", "9 秒没有消息"),
        ((0.5, 599), "late", "b 599 秒没有消息"),
        ((0.5, 601), "ok", ""),
    ],
)
def test_a_role_is_late_while_one_is_silent_and_down_when_all_are(
    ages: tuple[float, float], state: str, note: str
) -> None:
    found = roles_of({"gateway/a": sign(ages[0]), "gateway/b": sign(ages[1])}, MONDAY_9)["gateway"]
    assert (found.state, found.note) == (state, note)


def test_what_a_release_without_names_left_is_missed_by_nobody() -> None:
    found = roles_of({"intake": sign(300), "intake/intake-0": sign(0.5)}, MONDAY_9)["intake"]
    assert (found.state, found.age_s) == ("ok", 0.5)
    assert roles_of({"intake": sign(0.5)}, MONDAY_9)["intake"].state == "ok"


def test_nonsense_is_nobody_and_hides_nobody() -> None:
    assert roles_of({"intake/a": b"{"}, MONDAY_9)["intake"].note == "未启动"
    assert roles_of({"intake/a": b"{", "intake/b": sign(1)}, MONDAY_9)["intake"].state == "ok"


def test_the_stream_is_used_while_any_intake_speaks() -> None:
    assert is_minded("intake", {b"intake/a": sign(30), b"intake/b": sign(1), b"gateway/a": sign(1)}, MONDAY_9)
    assert not is_minded("intake", {b"intake/a": sign(30), b"gateway/a": sign(1)}, MONDAY_9)
    assert not is_minded("intake", {}, MONDAY_9)
