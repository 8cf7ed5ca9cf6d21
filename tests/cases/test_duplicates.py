"""The same event twice: place, time, words, kind and person; complaints that come back; the demo's planted doubles."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import duplicates
from cases.categories import CATEGORIES
from cases.duplicates import (
    THRESHOLD,
    WEIGHTS,
    Told,
    grams_of,
    likely,
    repeats,
    similarity,
    told_by_case,
    told_by_report,
)
from cases.model import Action, CaseNo, Place, Reporter, Stage, State
from feeds.demo.town import Town, read_town
from feeds.replay import DEMO_TOWN
from geo.grids import GridBook
from tests.cases.build import MONDAY_9, case, report

MAN = Reporter("王女士", "138-0000-1234")
FIRST = told_by_case(
    case(category="environment.noise", title="广场舞音响声音过大", text="音响声音大，居民要求降低音量", channel="call")
)


def told(minutes: float = 0, **changes: object) -> Told:
    """A report like FIRST by another channel, some minutes later, except for what is named."""
    about = {"category": "environment.noise", "title": "广场舞噪声", "text": "跳舞的音响太吵", "channel": "hotline"}
    return told_by_report(report(at=MONDAY_9 + timedelta(minutes=minutes), **{**about, **changes}))


def score(new: Told, metres: float | None, other: Told = FIRST) -> float:
    found = likely(new, [other], [metres], threshold=0)
    return found[0].score if found else 0.0


def test_the_same_noise_from_the_hotline_a_quarter_of_an_hour_later_is_shown_with_reasons() -> None:
    [double] = likely(told(15), [FIRST], [20.0])
    assert (double.no, double.score >= THRESHOLD) == (FIRST.no, True)
    assert double.why == "相距 20 米 · 相隔 15 分钟 · 同为噪声扰民 · 另一渠道"


@pytest.mark.parametrize(
    ("likelier", "less_likely"),
    [
        ((told(10), 20.0), (told(10), 120.0)),
        ((told(10), 20.0), (told(600), 20.0)),
        ((told(10), 20.0), (told(10, category="dispute.neighbour"), 20.0)),
        ((told(10, category="dispute.neighbour"), 20.0), (told(10, category="city.parking"), 20.0)),
        ((told(10, category="city.parking"), 20.0), (told(10, category="people.hardship"), 20.0)),
        ((told(10, text="音响声音大，居民要求降低音量"), 20.0), (told(10), 20.0)),
        ((told(10), 20.0), (told(10, channel="call"), 20.0)),
    ],
)
def test_nearer_in_any_respect_is_likelier(likelier: tuple[Told, float], less_likely: tuple[Told, float]) -> None:
    assert score(*likelier) > score(*less_likely)


def test_the_same_words_under_another_category_are_still_met() -> None:
    same = {"title": "广场舞音响声音过大", "text": "音响声音大，居民要求降低音量"}
    assert score(told(10, category="people.consulting", **same), 20.0) >= THRESHOLD


def test_a_missing_manhole_cover_reported_tomorrow_is_the_same_one_and_a_fight_is_not() -> None:
    hole, fight = (told_by_case(case(category=c, channel="call")) for c in ("city.manhole", "order.fight"))
    tomorrow = 16 * 60
    assert score(told(tomorrow, category="city.manhole"), 10.0, hole) > 0.74
    assert score(told(tomorrow, category="order.fight"), 10.0, fight) < 0.7


@pytest.mark.parametrize(
    ("new", "metres"),
    [
        (told(10), 400.0),
        (told(10), None),
        (told(73 * 60), 10.0),
        (told(10, exercise=True), 10.0),
    ],
    ids=["far away", "nowhere", "days later", "an exercise"],
)
def test_what_cannot_be_the_same_event_is_not_compared(new: Told, metres: float | None) -> None:
    assert likely(new, [FIRST], [metres], threshold=0) == []


@pytest.mark.parametrize("gone", [{"stage": Stage.CLOSED}, {"state": State.VOID}, {"state": State.MERGED}])
def test_only_open_cases_are_doubles(gone: dict[str, object]) -> None:
    over = told_by_case(case(category="environment.noise", closed_at=MONDAY_9, **gone))
    assert likely(told(10), [over], [5.0], threshold=0) == []


def test_an_address_in_words_stands_in_for_a_place_on_the_map() -> None:
    here = Place(address="望江路 12 号")
    first = told_by_case(case(category="environment.noise", place=here))
    assert score(told(5, place=Place(address="望江路１２号")), None, first) >= THRESHOLD
    assert "同一地址" in likely(told(5, place=here), [first], [None])[0].why


def test_one_telephone_is_one_person_however_it_is_written() -> None:
    first = told_by_case(case(category="environment.noise", reporter=MAN))
    again = told(200, reporter=Reporter("", "+86 138 0000 1234"))
    assert "同一来电号码" in likely(again, [first], [20.0])[0].why
    assert score(again, 20.0, first) > score(told(200), 20.0, first)


@pytest.mark.parametrize("phone", ["", "110", "——"])
def test_no_number_is_nobodys_number(phone: str) -> None:
    nobody = Reporter("", phone, anonymous=True)
    first = told_by_case(case(reporter=nobody))
    assert likely(told(5, reporter=nobody), [first], [None], threshold=0) == []


def test_the_likeliest_comes_first_and_the_list_is_short() -> None:
    several = [replace(FIRST, no=f"C-{n}") for n in range(9)]
    found = likely(told(5), several, [float(n * 2) for n in range(9)])
    assert [double.no for double in found] == ["C-0", "C-1", "C-2", "C-3", "C-4"]


def test_distances_that_do_not_fit_the_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        likely(told(), [FIRST], [])


def test_grams_ignore_width_case_marks_numbers_and_the_address() -> None:
    assert grams_of("Ａｐｐ，吵了３天！") == grams_of("app 吵了12天") == {"ap", "pp", "吵了"}
    assert grams_of("望江路12号井盖缺失", leaving_out="望江路12号") == {"井盖", "盖缺", "缺失"}


@settings(deadline=None)
@given(st.text(), st.text())
def test_similarity_is_mutual_and_between_nothing_and_one(one: str, other: str) -> None:
    a, b = grams_of(one), grams_of(other)
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert not a or similarity(a, a) == 1


@settings(deadline=None)
@given(
    st.floats(0, 1000) | st.none(),
    st.integers(-6000, 6000),
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(["call", "hotline"]),
)
def test_scores_stay_within_one_and_every_double_has_a_reason(
    metres: float | None, minutes: int, category: str, channel: str
) -> None:
    for double in likely(told(minutes, category=category, channel=channel), [FIRST], [metres], threshold=0):
        assert 0 <= double.score <= 1 and double.why


def test_the_parts_together_make_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


# ------------------------------------------------------------------------------------------ what comes back


def closed(days_ago: int, no: str = "C-old", **changes: object) -> Told:
    """A noise case closed some days before Monday."""
    end = MONDAY_9 - timedelta(days=days_ago)
    about = {"category": "environment.noise", "stage": Stage.CLOSED, "closed_at": end}
    return told_by_case(case(no=CaseNo(no), **{**about, **changes}))


def test_the_same_person_back_within_a_month_is_to_reopen_and_another_at_the_place_to_link() -> None:
    mine, other = closed(12, "C-1", reporter=MAN), closed(3, "C-2")
    first, second = repeats(told(reporter=MAN), [other, mine], [10.0, 2000.0])
    assert (first.no, first.action, first.why) == (
        "C-1",
        Action.REOPEN,
        "12 天前刚办结 · 同一来电号码 · 同为噪声扰民，建议重开",
    )
    assert (second.no, second.action, second.why) == (
        "C-2",
        Action.LINK,
        "3 天前刚办结 · 相距 10 米 · 同为噪声扰民，建议关联",
    )


@pytest.mark.parametrize(
    ("old", "metres"),
    [
        (closed(31), 5.0),
        (closed(-1), 5.0),
        (closed(5), 90.0),
        (closed(5), None),
        (closed(5, category="people.hardship"), 5.0),
        (closed(5, exercise=True), 5.0),
        (told_by_case(case(category="environment.noise")), 5.0),
    ],
    ids=["a month ago", "not yet", "elsewhere", "nowhere", "another matter", "an exercise", "still open"],
)
def test_what_did_not_come_back_is_left_alone(old: Told, metres: float | None) -> None:
    assert repeats(told(), [old], [metres]) == []


def test_exactly_thirty_days_are_within_thirty_days() -> None:
    assert repeats(told(), [closed(30)], [5.0])
    assert repeats(told(minutes=1), [closed(30)], [5.0]) == []


# --------------------------------------------------------------------------------- speed, and the demo's days


def test_two_thousand_open_cases_at_one_place_are_compared_within_20_ms() -> None:
    random = Random(7)
    words = "音响声音过大居民要求降低量夜间施工扰民机器持续老人孩子无法休息物业劝阻多次"
    piled = [
        told(n % 900, title="".join(random.choices(words, k=14)), text="".join(random.choices(words, k=60)))
        for n in range(2000)
    ]
    spread = [float(random.randrange(140)) for _ in piled]
    spans = []
    for _ in range(7):
        begun = time.process_time()
        likely(told(), piled, spread)
        spans.append(time.process_time() - begun)
    print(f"2,000 open cases, none filtered away: {min(spans) * 1000:.1f} ms")
    assert min(spans) <= 0.020


@pytest.fixture(scope="module")
def town() -> Town:
    return read_town(DEMO_TOWN, GridBook.load(DEMO_TOWN))


def test_planted_doubles_of_two_demo_days_are_found(town: Town) -> None:
    found = duplicates.measure(town, [801], 2).figures()
    assert found["recall"] >= 0.9 and found["precision"] >= 0.5, found


@pytest.mark.long
def test_planted_doubles_of_twenty_demo_days_are_found(town: Town) -> None:
    """Seeds 810 and up; the threshold was chosen on seeds 500–505."""
    found = duplicates.measure(town, range(810, 815), 4).figures()
    assert found["recall"] >= 0.93 and found["precision"] >= 0.6, found


def test_likely_rows_come_in_falling_order_of_score() -> None:
    rows = likely(told(5), [replace(FIRST, no=f"C-{n}") for n in range(5)], [90.0, 5.0, 40.0, 2.0, 70.0], threshold=0)
    assert all(one.score >= other.score for one, other in pairwise(rows))
