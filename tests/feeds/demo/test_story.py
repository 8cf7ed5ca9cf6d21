"""The demo's days: the same for the same seed, varied within a day, in a town's rhythm."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from cases.calendar import LOCAL
from cases.categories import CATEGORIES
from cases.model import CHANNELS
from feeds.demo.matters import read_matters
from feeds.demo.story import Happening, Story
from feeds.demo.town import Town, read_town
from feeds.frames import Alert, Report
from feeds.messages import decode
from geo.grids import GridBook
from tests.feeds.town import town_book, write_town

DAY = date(2026, 11, 20)  # a Friday
WEEK = [DAY + timedelta(days=n) for n in range(7)]


@pytest.fixture(scope="module")
def week(story: Story) -> list[list[Happening]]:
    """Seven days."""
    return [story.day(day) for day in WEEK]


def reports(day: list[Happening]) -> list[Happening]:
    return [told for told in day if told.kind == "report"]


def test_same_seed_tells_the_same_day_and_another_seed_another(town: Town) -> None:
    assert Story(town, seed=7).day(DAY) == Story(town, seed=7).day(DAY)
    assert Story(town, seed=7).day(DAY) != Story(town, seed=8).day(DAY)


def test_each_day_has_200_to_400_reports_and_weekends_are_quieter(week: list[list[Happening]]) -> None:
    counts = [len(reports(day)) for day in week]
    assert all(200 <= count <= 400 for count in counts)
    saturday, sunday, monday = counts[1:4]
    assert max(saturday, sunday) < monday


def test_a_week_uses_every_channel_and_about_forty_categories(week: list[list[Happening]]) -> None:
    told = [r for day in week for r in reports(day)]
    assert {r.body["channel"] for r in told} == set(CHANNELS)
    assert len({r.body["category"] for r in told}) >= 40
    assert {r.body["category"] for r in told} <= set(CATEGORIES)


def test_no_two_texts_of_a_day_are_alike(week: list[list[Happening]]) -> None:
    for day in week:
        texts = Counter(r.body["text"] for r in reports(day))
        assert texts.most_common(1)[0][1] == 1


def test_mornings_and_afternoons_are_busy_and_nights_are_not(week: list[list[Happening]]) -> None:
    hours = Counter(r.at.astimezone(LOCAL).hour for day in week for r in reports(day))
    assert sum(hours[h] for h in (9, 10, 15, 16)) > 4 * sum(hours[h] for h in (1, 2, 3, 4))
    assert sum(hours[h] for h in range(5)) > 0


def test_grave_reports_are_rare_and_red_alerts_rarer(week: list[list[Happening]]) -> None:
    severities = Counter(r.body["severity"] for day in week for r in reports(day))
    assert severities[1] < 0.08 * severities.total()
    assert set(severities) == {1, 2, 3, 4}
    levels = Counter(a.body["level"] for day in week for a in day if a.kind == "alert")
    assert levels["red"] <= 0.15 * levels.total()
    assert levels["yellow"] > levels["red"]


def test_some_arrive_late_and_so_out_of_order(week: list[list[Happening]]) -> None:
    for day in week:
        assert [r.sent_at for r in day] == sorted(r.sent_at for r in day)
        assert [r.at for r in day] != sorted(r.at for r in day)
        assert any(r.sent_at - r.at > timedelta(minutes=10) for r in day)


def test_some_events_are_told_twice_from_the_same_place_by_another_channel(week: list[list[Happening]]) -> None:
    pairs = 0
    for day in week:
        seen: dict[tuple[object, object], set[object]] = {}
        for r in reports(day):
            seen.setdefault((r.body["address"], r.body["category"]), set()).add(r.body["channel"])
        pairs += sum(len(channels) > 1 for channels in seen.values())
    assert pairs >= 7


def test_every_frame_is_one_that_the_gateway_takes(week: list[list[Happening]]) -> None:
    for told in week[0]:
        taken = decode(msgspec.json.encode(told.frame))
        assert isinstance(taken, Report | Alert), taken


def test_reports_lie_in_the_town(week: list[list[Happening]], book: GridBook) -> None:
    inside = [book.locate(float(str(r.body["lon"])), float(str(r.body["lat"])))[-1] for r in reports(week[0])]
    assert sum(code is not None for code in inside) >= 0.99 * len(inside)


def test_persons_are_invented_and_phones_cannot_ring(week: list[list[Happening]]) -> None:
    people = [r.body["reporter"] for day in week for r in reports(day) if "reporter" in r.body]
    assert people
    for person in people:
        assert isinstance(person, dict)
        assert person["anonymous"] or person["phone"].startswith("1380000")


@pytest.mark.parametrize("word", ["教", "民族", "上访", "维稳", "少数"])
def test_nothing_profiles_belief_people_or_petitioners(word: str) -> None:
    allowed = {"教": ("学校", "培训")}
    for matter in read_matters().matters:
        for phrase in (text for pair in matter.phrases for text in pair):
            assert word not in phrase or any(fine in phrase for fine in allowed.get(word, ())), phrase


def test_opening_brings_reports_within_the_first_minute_at_any_hour(story: Story) -> None:
    now = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)  # three in the morning
    told = story.opening(now)
    assert sum(r.sent_at - now < timedelta(minutes=1) for r in told) >= 4
    assert all(r.at <= r.sent_at for r in told)


def test_a_town_without_address_book_is_told_by_its_grids_names(tmp_path) -> None:  # type: ignore[no-untyped-def]
    bare = read_town(write_town(tmp_path), town_book(tmp_path))
    assert (bare.workers, bare.units) == ((), ())
    day = Story(bare).day(DAY)
    assert len(reports(day)) >= 200
    assert all("网格" in str(r.body["address"]) for r in reports(day))
