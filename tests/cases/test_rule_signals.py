"""What each kind of rule sees: flapping, bad fixes, late and unordered facts, a restart, exercises."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from cases.model import Standing, State
from cases.rule_book import Cluster, Deadline, Dwell, Silence
from cases.rule_signals import (
    HelpWord,
    Seen,
    Sighting,
    cluster_seen,
    cluster_words,
    deadline_seen,
    deadline_signal,
    dwell_seen,
    is_watched,
    silence_seen,
    sos_seen,
)
from cases.rule_watch import See
from tests.cases.build import MONDAY_9 as NOW
from tests.cases.build import case

MINUTE = timedelta(minutes=1)


def at(minute: float) -> datetime:
    """So many minutes before now, as a negative number."""
    return NOW + minute * MINUTE


def minutes(seen: Seen | None) -> tuple[str, float] | None:
    """What is seen, and since which minute."""
    return (seen[0].value, (seen[1] - NOW) / MINUTE) if seen is not None else None


# sos --------------------------------------------------------------------------------------------------------


def word(said: float, calls: bool, received: float | None = None) -> HelpWord:
    return HelpWord("W-1", at(said), at(said if received is None else received), calls)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ([], None),
        ([word(-3, True)], ("on", -3)),
        ([word(-3, True), word(-2, True)], ("on", -3)),  # pressed twice
        ([word(-3, True), word(-1, False)], ("off", -1)),
        ([word(-1, False), word(-3, True)], ("off", -1)),  # heard in the wrong order
        ([word(-1, True), word(-9, False, -0.5)], ("on", -1)),  # an old all-clear that came late ends nothing
        ([word(-9, True), word(-5, False), word(-1, True)], ("on", -1)),
        ([word(30, True, -2)], ("on", -2)),  # his clock is ahead
    ],
)
def test_the_newest_word_of_a_worker_counts(words: list[HelpWord], seen: tuple[str, float] | None) -> None:
    assert minutes(sos_seen(words)) == seen


# deadline ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "see"),
    [
        ({"standing": Standing.OVERDUE}, See.ON),
        ({"standing": Standing.AT_RISK}, See.OFF),
        ({"standing": Standing.OVERDUE, "state": State.SUSPENDED}, See.OFF),
        ({"standing": Standing.OVERDUE, "state": State.VOID}, See.OFF),
    ],
)
def test_a_red_light_of_an_open_case(changes: dict[str, object], see: See) -> None:
    late = case(due_at=at(-7), updated_at=at(-2), **changes)
    assert deadline_seen(late) == (see, at(-7) if see is See.ON else at(-2))


def test_an_alert_of_a_late_case_tells_its_number_and_no_words_of_its_own() -> None:
    signal = deadline_signal(case(standing=Standing.OVERDUE, due_at=at(-7), title="张三家漏水", exercise=True))
    assert signal.text == "邻里纠纷 20261116-000001 已过办理时限 11-16 08:53"
    assert signal.exercise


@pytest.mark.parametrize(
    ("option", "area", "watched"),
    [
        (Deadline(), "", True),
        (Deadline((1, 2)), "", False),
        (Deadline((3,), ("dispute.neighbour",)), "G2", True),
        (Deadline(categories=("other",)), "", False),
        (Deadline(), "H", False),
    ],
)
def test_severity_category_and_area_narrow_it(option: Deadline, area: str, watched: bool) -> None:
    assert is_watched(case(), option, area) is watched
    assert not is_watched(case(parent="20261116-000009"), option, area)


# cluster ----------------------------------------------------------------------------------------------------

THREE = Cluster(3, 30 * MINUTE, 2)


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        ([], "off"),
        ([-5, -4], "unsure"),
        ([-5, -4, -3], ("on", -3)),
        ([-3, -5, -4], ("on", -3)),  # in any order
        ([-31, -5, -4], "unsure"),  # the first is too old
        ([-40, -29, -5, -4], ("on", -4)),
        ([-28, -20, -10, -1], ("on", -10)),  # enough since the third without a break
        ([-59, -58, -57, -3, -2, -1], ("on", -1)),  # it broke off between
        ([-5, -4, 3], "unsure"),  # one from the future is not known yet
        ([-90, -61, -45], ("off", -31)),  # too few since the second newest was half an hour old
    ],
)
def test_so_many_in_half_an_hour(times: list[float], seen: object) -> None:
    found = minutes(cluster_seen([at(each) for each in times], THREE, NOW))
    assert found is not None
    assert found == seen or found[0] == seen


def test_a_count_that_swings_between_the_two_bounds_neither_rings_nor_clears() -> None:
    times = [at(-35), at(-25), at(-20)]
    assert cluster_seen(times, THREE, NOW)[0] is See.UNSURE  # two are left, and it clears below two
    assert cluster_seen(times, THREE, at(6))[0] is See.OFF


def test_the_words_count_and_say_where_they_were_cut() -> None:
    times = [at(-each) for each in range(1, 5)]
    assert cluster_words(times, THREE, "dispute.neighbour", NOW, 50) == "30 分钟内邻里纠纷 4 起"
    assert cluster_words(times, THREE, "dispute.neighbour", NOW, 4) == "30 分钟内邻里纠纷 4 起以上"


# silence ----------------------------------------------------------------------------------------------------

ALWAYS, DAYTIME = Silence(("d",)), Silence(("d",), (8 * 60 + 30, 18 * 60))  # NOW is 09:00 in Shanghai


@pytest.mark.parametrize(
    ("heard", "option", "seen"),
    [
        ([], ALWAYS, None),  # never heard: not in use
        ([-14], ALWAYS, ("off", -14)),
        ([-15], ALWAYS, ("on", -15)),
        ([-200], ALWAYS, ("on", -200)),
        ([-40, -10, -5], ALWAYS, ("off", -10)),  # speaking again since the first word after the silence
        ([-5, -40, -10], ALWAYS, ("off", -10)),
        ([-200, 5], ALWAYS, ("on", -200)),
        ([-200], DAYTIME, ("on", -30)),  # the night does not count
        ([-20], DAYTIME, ("on", -20)),
    ],
)
def test_a_feed_that_fell_silent(heard: list[float], option: Silence, seen: object) -> None:
    assert minutes(silence_seen([at(each) for each in heard], option, 15 * MINUTE, NOW)) == seen


def test_outside_its_hours_a_silence_neither_rings_nor_clears() -> None:
    evening = NOW + timedelta(hours=12)
    assert silence_seen([NOW], DAYTIME, 15 * MINUTE, evening) == (See.UNSURE, NOW)


# dwell ------------------------------------------------------------------------------------------------------

FENCE = Dwell("safety", accuracy_m=50, leave_m=30, circle=(120.0, 30.0, 100.0))


def fix(minute: float, out: float, accuracy: float | None = 10, **given: bool) -> Sighting:
    return Sighting(at(minute), out, accuracy, **given)


@pytest.mark.parametrize(
    ("fixes", "seen"),
    [
        ([], None),
        ([fix(-9, -40), fix(-4, -10), fix(-1, 0)], ("on", -9)),
        ([fix(-1, 0), fix(-9, -40), fix(-4, -10)], ("on", -9)),  # unordered
        ([fix(-9, -5), fix(-8, 12), fix(-4, -5), fix(-3, 9), fix(-1, -5)], ("on", -1)),  # jitter on the edge
        ([fix(-9, -5), fix(-4, 300), fix(-1, -5)], ("on", -1)),  # he left and came back
        ([fix(-9, -5), fix(-4, 20)], ("unsure", -4)),  # in the margin: not inside, not gone
        ([fix(-9, -5), fix(-4, 40), fix(-1, 80)], ("off", -4)),
        ([fix(-9, -5), fix(-5, 300, 80), fix(-1, -5)], ("on", -9)),  # too coarse to say that he left
        ([fix(-9, -5), fix(-5, 300, None), fix(-1, -5)], ("on", -9)),  # of unknown accuracy
        ([fix(-9, -5, 80), fix(-1, -5)], ("on", -1)),  # … nor that he came
        ([fix(-9, -5), fix(-5, 4000, suspect=True), fix(-1, -5)], ("on", -9)),  # a jump
        ([fix(-9, -5), fix(-1, -5, on_duty=False)], ("off", -1)),  # off duty nobody is watched
        ([fix(-9, -5, on_duty=False), fix(-8, -5, None, on_duty=False)], ("off", -9)),
        ([fix(-30, -5), fix(-1, -5)], ("on", -1)),  # half an hour without a fix proves no stay
        ([fix(-30, -5), fix(-25, -5)], ("unsure", -25)),  # lost
        ([fix(-9, -5), fix(5, 300)], ("on", -9)),  # a fix from the future
    ],
)
def test_how_long_somebody_is_known_to_stay(fixes: list[Sighting], seen: object) -> None:
    assert minutes(dwell_seen(fixes, FENCE, NOW)) == seen


def test_no_order_of_arrival_changes_what_is_seen() -> None:
    dice = Random(7)
    fixes = [fix(-each, dice.uniform(-60, 60), dice.choice((5, 60, None))) for each in range(1, 60)]
    seen = dwell_seen(fixes, FENCE, NOW)
    for _ in range(20):
        dice.shuffle(fixes)
        assert dwell_seen(fixes, FENCE, NOW) == seen
