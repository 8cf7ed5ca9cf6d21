"""How often one may ask: a burst, then its refill; and whose bucket it is."""

from __future__ import annotations

import pytest

from dashboard.public.throttle import Throttle, address_of


class Hand:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_the_refill() -> None:
    hand = Hand()
    throttle = Throttle(3, 0.5, clock=hand)
    assert [throttle.wait_s("a") for _ in range(5)] == [0, 0, 0, 2, 2]
    hand.now = 2
    assert [throttle.wait_s("a"), throttle.wait_s("a")] == [0, 2]
    assert throttle.wait_s("b") == 0


def test_waiting_never_fills_more_than_the_burst() -> None:
    hand = Hand()
    throttle = Throttle(2, 1, clock=hand)
    throttle.wait_s("a")
    hand.now = 1000
    assert [throttle.wait_s("a") for _ in range(3)] == [0, 0, 1]


def test_a_charge_is_paid_back_by_waiting() -> None:
    hand = Hand()
    throttle = Throttle(10, 1, clock=hand)
    throttle.charge("a", 12)
    assert throttle.wait_s("a") == 3


def test_the_longest_silent_key_is_forgotten() -> None:
    throttle = Throttle(1, 0.1, most=2, clock=Hand())
    for key in ("a", "b", "c"):
        throttle.wait_s(key)
    assert throttle.wait_s("a") == 0
    assert throttle.wait_s("c") > 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind", "whose"),
    [
        ("10.0.0.1", "203.0.113.9", False, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", True, "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", True, "203.0.113.9"),
        ("10.0.0.1", "nonsense", True, "10.0.0.1"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", False, "2001:db8:1:2::/64"),
        ("testclient", "", False, "testclient"),
    ],
)
def test_whose_bucket_it_is(peer: str, forwarded: str, behind: bool, whose: str) -> None:
    assert address_of(peer, forwarded, behind) == whose
