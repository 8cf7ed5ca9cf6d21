"""Times, spans and places in the words of the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.model import Place
from dashboard.components.words import due_words, moment_words, place_words, span_words, where_words
from tests.dashboard.panels.build import GRIDS, NOW, alert, case

SPANS = [
    (0, "0 秒"),
    (40, "40 秒"),
    (60, "1 分"),
    (3599, "59 分"),
    (7200, "2 小时"),
    (3 * 86400 + 5, "3 天"),
    (-5, "0 秒"),
]


@pytest.mark.parametrize(("seconds", "words"), SPANS)
def test_spans_as_people_say_them(seconds: int, words: str) -> None:
    assert span_words(timedelta(seconds=seconds)) == words


def test_due_says_late_left_or_why_not() -> None:
    assert due_words(case(due_at=NOW - timedelta(hours=5)), NOW) == "超时 5 小时"
    assert due_words(case(due_at=NOW + timedelta(hours=5)), NOW) == "剩 5 小时"
    assert due_words(case(due_at=None), NOW) == "无时限"
    assert due_words(case(suspended_at=NOW), NOW) == "已挂起"


def test_moments_name_the_day_only_when_it_is_another() -> None:
    assert moment_words(NOW, NOW) == "14:32"
    assert moment_words(NOW - timedelta(days=1), NOW) == "11-20 14:32"
    assert moment_words(NOW - timedelta(days=400), NOW) == "2025-10-17 14:32"


def test_places_from_outside_in_and_none_is_said() -> None:
    assert place_words(("a", "a1"), GRIDS) == "北山村 · 北山一网格"
    assert place_words((), GRIDS) == "待定（未落入网格）"


def test_a_warning_over_several_grids_is_where_its_issuer_says():
    wide = replace(alert(), place=Place(address="全市"), origin="cap")
    assert where_words(wide, GRIDS) == "全市"
    assert where_words(replace(wide, place=Place(grids=("a",), address="全市")), GRIDS) == "北山村"
    assert where_words(replace(wide, origin="video"), GRIDS).startswith("待定")
