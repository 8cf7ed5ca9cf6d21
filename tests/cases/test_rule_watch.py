"""An alert rule rings once for one matter: it must last, it clears when it is over, it rests; old news calls nobody."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.model import AlertNo
from cases.rule_watch import See, Signal, Timing, Turn, Watch, judge, relive
from tests.cases.build import MONDAY_9 as NOW

MINUTE = timedelta(minutes=1)
TIMING = Timing(5 * MINUTE, 2 * MINUTE, 10 * MINUTE, 60 * MINUTE)
RINGING = Watch("r", "s", AlertNo("A1"), NOW - 20 * MINUTE)
RESTING = Watch("r", "s", AlertNo("A1"), NOW - 60 * MINUTE, NOW - 3 * MINUTE)
RESTED = Watch("r", "s", AlertNo("A1"), NOW - 60 * MINUTE, NOW - 11 * MINUTE)


def sees(see: See, minutes: float) -> Signal:
    """It has been so for so many minutes."""
    return Signal("s", see, NOW - minutes * MINUTE)


@pytest.mark.parametrize(
    ("watch", "signal", "turn"),
    [
        (None, None, Turn.STAY),
        (None, sees(See.ON, 4.9), Turn.STAY),  # not yet long enough
        (None, sees(See.ON, 5), Turn.RAISE),
        (None, sees(See.ON, 65), Turn.RAISE),
        (None, sees(See.ON, 65.1), Turn.STAY),  # history
        (None, sees(See.ON, -1), Turn.STAY),  # from the future
        (None, sees(See.UNSURE, 30), Turn.STAY),
        (None, sees(See.OFF, 30), Turn.STAY),
        (RINGING, None, Turn.STAY),  # what is not seen any more is not over
        (RINGING, sees(See.ON, 20), Turn.STAY),
        (RINGING, sees(See.UNSURE, 20), Turn.STAY),
        (RINGING, sees(See.OFF, 1.9), Turn.STAY),
        (RINGING, sees(See.OFF, 2), Turn.CLEAR),
        (RESTING, sees(See.ON, 6), Turn.STAY),
        (RESTING, None, Turn.STAY),
        (RESTED, sees(See.ON, 6), Turn.RAISE),
        (RESTED, sees(See.OFF, 6), Turn.FORGET),
        (RESTED, None, Turn.FORGET),
    ],
)
def test_what_a_rule_does(watch: Watch | None, signal: Signal | None, turn: Turn) -> None:
    assert judge(TIMING, watch, signal, NOW) is turn


def past(*seen: tuple[float, See]) -> list[tuple[datetime, Signal]]:
    """Sightings by the minute; each begins something new."""
    return [(NOW + at * MINUTE, Signal("s", see, NOW + at * MINUTE)) for at, see in seen]


def test_the_past_rings_at_the_minute_between_two_sightings() -> None:
    seen = past((0, See.ON), (30, See.OFF), (34, See.ON), (60, See.OFF))
    rang = relive("r", TIMING, seen, NOW + 90 * MINUTE)
    assert [((r.raised_at - NOW) / MINUTE, r.cleared_at and (r.cleared_at - NOW) / MINUTE) for r in rang] == [
        (5, 32),
        (42, 62),  # ten minutes of rest after 32
    ]


def test_flapping_faster_than_it_may_clear_is_one_alert() -> None:
    seen = past((0, See.ON), *((minute, (See.OFF, See.ON)[minute % 2]) for minute in range(10, 40)))
    assert len(relive("r", TIMING, seen, NOW + 60 * MINUTE)) == 1


sightings = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(See)), max_size=30)
spans = st.integers(0, 15).map(lambda minutes: minutes * MINUTE)
timings = st.builds(Timing, spans, spans, spans, spans)


@given(sightings, timings)
def test_no_rule_rings_twice_without_clearing_and_resting(steps: list[tuple[int, See]], timing: Timing) -> None:
    at, seen = NOW, []
    for minutes, see in steps:
        at += minutes * MINUTE
        seen.append((at, Signal("s", see, at)))
    rang = relive("r", timing, seen, at + 60 * MINUTE)
    assert all(each.cleared_at is not None for each in rang[:-1])
    assert all(
        before.cleared_at is not None and after.raised_at >= before.cleared_at + timing.cooldown
        for before, after in itertools.pairwise(rang)
    )


@given(sightings, timings, st.integers(0, 60))
def test_asked_each_minute_it_says_the_same_also_after_a_restart(
    steps: list[tuple[int, See]], timing: Timing, restart: int
) -> None:
    """All spans are whole minutes, so asking each minute misses nothing; a restart keeps the watch and nothing else."""
    at, seen = NOW, []
    for minutes, see in steps:
        at += minutes * MINUTE
        seen.append((at, Signal("s", see, at)))
    until, clock, watch, rang = at + 60 * MINUTE, NOW, None, []
    while clock < until:
        known = [signal for begin, signal in seen if begin <= clock]
        turn = judge(timing, watch, known[-1] if known else None, clock)
        if turn is Turn.RAISE:
            watch = Watch("r", "s", AlertNo(""), clock)
            rang.append([clock, None])
        elif turn is Turn.CLEAR and watch is not None:
            watch = Watch("r", "s", AlertNo(""), watch.raised_at, clock)
            rang[-1][1] = clock
        elif turn is Turn.FORGET:
            watch = None
        if (clock - NOW) == restart * MINUTE and watch is not None:
            watch = Watch(watch.rule, watch.subject, watch.alert, watch.raised_at, watch.cleared_at)
        clock += MINUTE
    assert [[each.raised_at, each.cleared_at] for each in relive("r", timing, seen, until)] == rang
