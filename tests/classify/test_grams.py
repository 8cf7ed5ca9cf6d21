"""Texts as grams: what is folded, what no gram crosses, and rows of length one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classify.grams import LONGEST, MOST_CHARACTERS, Vocabulary, folded, grams
from classify.training import vocabulary_of


def test_width_case_digits_and_marks_are_made_alike() -> None:
    assert folded("ＡＢ３栋，c\u202e") == "ab 栋 c "


def test_grams_are_one_to_three_characters_and_cross_no_mark() -> None:
    assert [gram for _, gram in grams("井盖 坏")] == ["井", "井盖", "盖", "坏"]
    assert [begin for begin, gram in grams("井盖坏了") if len(gram) == LONGEST] == [0, 1]


def test_the_end_of_a_very_long_text_changes_nothing() -> None:
    assert len(folded("吵" * 100_000)) == MOST_CHARACTERS


@settings(deadline=None)
@given(st.text(max_size=60))
def test_every_gram_stands_where_it_says(text: str) -> None:
    kept = folded(text)
    for begin, gram in grams(kept):
        assert kept[begin : begin + len(gram)] == gram
        assert 1 <= len(gram) <= LONGEST and " " not in gram


KNOWN = vocabulary_of(["路灯不亮", "路灯坏了", "井盖坏了"])


def test_only_grams_of_two_texts_are_kept_and_rarer_ones_weigh_more() -> None:
    assert set(KNOWN.grams) == {"路", "灯", "路灯", "坏", "了", "坏了"}
    known = vocabulary_of(["路灯", "路井", "路灯"])
    assert known.idf[known.column["灯"]] > known.idf[known.column["路"]] == pytest.approx(1.0)


@settings(deadline=None)
@given(st.text(alphabet="路灯不亮坏了井盖 ，x", max_size=40))
def test_rows_have_length_one_or_nothing_in_them(text: str) -> None:
    columns, values = KNOWN.row(text)
    assert len(columns) == len(values)
    assert list(columns) == sorted(set(columns.tolist()))
    assert not len(values) or np.linalg.norm(values) == pytest.approx(1, abs=1e-5)


def test_a_vocabulary_finds_its_columns() -> None:
    vocabulary = Vocabulary.of(("灯", "路"), np.ones(2, dtype=np.float32))
    assert vocabulary.row("路路")[0].tolist() == [1]
