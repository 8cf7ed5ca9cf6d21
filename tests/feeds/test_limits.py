"""Token buckets and strikes, with the time as an argument."""

from __future__ import annotations

from feeds.limits import Rates, Strikes, TokenBucket


def test_a_bucket_lets_its_rate_through_and_a_burst_after_silence() -> None:
    bucket = TokenBucket(2.0, 0.0)
    assert [bucket.take(1, 0.0) == 0 for _ in range(8)] == [True] * 6 + [False] * 2
    assert [bucket.take(1, 1.0) == 0 for _ in range(3)] == [True, True, False]


def test_the_wait_it_names_is_enough() -> None:
    bucket = TokenBucket(2.0, 0.0)
    while not (wait := bucket.take(1, 5.0)):
        pass
    assert bucket.take(1, 5.0 + wait) == 0


def test_a_batch_overdraws_and_is_waited_off() -> None:
    bucket = TokenBucket(5.0, 0.0)
    assert bucket.take(200, 0.0) == 0
    assert bucket.take(1, 10.0) > 0
    assert bucket.take(1, 60.0) == 0


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    bucket = TokenBucket(1.0, 100.0)
    for _ in range(3):
        bucket.take(1, 100.0)
    assert bucket.take(1, 50.0) > 0


def test_sources_may_send_more_than_workers() -> None:
    assert Rates().of("*") == (500.0, 5000.0)
    assert Rates().of("W-0001") == (2.0, 5.0)


def test_twenty_strikes_within_a_minute() -> None:
    strikes = Strikes()
    assert [strikes.strike(3.0 * n) for n in range(20)] == [False] * 19 + [True]
