"""The model: answers with reasons, survives its file, refuses every other file; and what the shipped one can do."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.categories import CATEGORIES
from cases.ports import CategorySuggestion, Classifier
from classify.lexicon import PLAIN_WORDS, KeywordBaseline, read_lexicon
from classify.measuring import guessed_by, measured
from classify.model import SHIPPED, LinearModel, ModelUnusable, shipped
from classify.training import Example, train

TEXTS = [
    Example(text, category)
    for category, texts in {
        "city.street_light": ["路灯不亮", "路灯坏了", "巷口路灯不亮"],
        "city.manhole": ["井盖坏了", "井盖缺失", "路边井盖缺失"],
        "environment.noise": ["音响太吵", "半夜音响吵", "施工太吵"],
    }.items()
    for text in texts
]


@pytest.fixture(scope="module")
def small() -> LinearModel:
    return train(TEXTS)


def test_the_likeliest_category_comes_first_with_the_words_that_spoke_for_it(small: LinearModel) -> None:
    first, *others = small.suggest("门口的路灯不亮，很黑")
    assert (first.category, first.because) == ("city.street_light", ("路灯不亮",))
    assert all(first.confidence >= other.confidence for other in others)


@pytest.mark.parametrize("text", ["", "   ", "12345", "hello", "\u202e\u200b"])
def test_a_text_that_says_nothing_gets_no_suggestion(small: LinearModel, text: str) -> None:
    assert list(small.suggest(text)) == []


def test_the_list_is_as_short_as_asked(small: LinearModel) -> None:
    assert len(small.suggest("路灯和井盖坏了，音响太吵", limit=2)) == 2


def test_a_model_read_back_answers_alike_and_its_file_is_the_same_each_time(small: LinearModel, tmp_path: Path) -> None:
    small.save(tmp_path / "a.npz")
    small.save(tmp_path / "b.npz")
    again = LinearModel.load(tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    for example in TEXTS:
        assert np.allclose(small.confidences(example.text), again.confidences(example.text), atol=0.01)


def damaged(folder: Path, **arrays: object) -> Path:
    """A model's file with some arrays replaced."""
    train(TEXTS).save(folder / "good.npz")
    with np.load(folder / "good.npz") as kept:
        parts = {name: kept[name] for name in kept.files}
    np.savez(folder / "bad.npz", **{**parts, **arrays})  # type: ignore[arg-type]
    return folder / "bad.npz"


@pytest.mark.parametrize(
    "arrays",
    [
        {"format": np.array(2)},
        {"weights": np.zeros((2, 2))},
        {"bias": np.array([0.0, np.nan, 0.0])},
        {"temperature": np.array(0.0)},
        {"grams": np.frombuffer(b"\xff\xfe", dtype=np.uint8)},
        {"weights": np.array([{"a": 1}], dtype=object)},
    ],
    ids=["format", "shape", "nan", "temperature", "text", "pickle"],
)
def test_a_damaged_model_is_refused_in_words(tmp_path: Path, arrays: dict[str, object]) -> None:
    with pytest.raises(ModelUnusable, match="no classification model"):
        LinearModel.load(damaged(tmp_path, **arrays))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x80\x04N."], ids=["empty", "zip", "pickle"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(ModelUnusable):
        LinearModel.load(tmp_path / "m.npz")


def test_a_missing_file_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LinearModel.load(tmp_path / "none.npz")


@pytest.mark.parametrize(("confidence", "least", "alone"), [(0.95, 0.9, True), (0.89, 0.9, False), (1.0, 1.01, False)])
def test_below_the_setting_a_person_decides(confidence: float, least: float, alone: bool) -> None:
    assert CategorySuggestion("other", confidence, ()).may_stand_alone(least) is alone


# ------------------------------------------------------------------------------------------- the shipped model


def test_the_shipped_model_knows_the_whole_catalogue_and_is_small() -> None:
    classifier: Classifier = shipped()
    assert set(shipped().categories) == set(CATEGORIES) == set(read_lexicon()) == set(read_lexicon(PLAIN_WORDS))
    assert SHIPPED.stat().st_size < 1_000_000
    assert classifier.suggest("老板拖欠三个月工资")[0].category == "dispute.wages"


def test_on_sentences_it_never_met_it_beats_the_keywords_by_far() -> None:
    texts = [Example(text, code) for code, found in read_lexicon(PLAIN_WORDS).items() for text in found]
    model = measured("m", guessed_by(lambda t: next((s.category for s in shipped().suggest(t)), ""), texts))
    keywords = measured("k", guessed_by(KeywordBaseline(read_lexicon(), "other").category_of, texts))
    assert model.accuracy >= 0.6 and model.macro_f1 >= 0.55
    assert model.accuracy > keywords.accuracy + 0.3


def test_when_it_says_ninety_percent_it_is_mostly_right() -> None:
    texts = [(text, code) for code, found in read_lexicon(PLAIN_WORDS).items() for text in found]
    sure = [(code, s) for text, code in texts for s in shipped().suggest(text, 1) if s.confidence >= 0.9]
    assert len(sure) >= 10
    assert sum(code == s.category for code, s in sure) / len(sure) >= 0.8


def test_a_suggestion_is_there_before_the_next_key() -> None:
    text = "来电人反映：3幢2单元楼上卫生间渗水已7天，楼下住户吊顶发霉，双方对维修费用谈不拢。要求三个工作日内电话答复。"
    shipped().suggest(text)
    spans = []
    for _ in range(5):
        begun = time.process_time()
        shipped().suggest(text)
        spans.append(time.process_time() - begun)
    assert min(spans) < 0.02


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gets_an_answer_or_none_and_reasons_from_itself(text: str) -> None:
    for suggestion in shipped().suggest(text):
        assert 0 < suggestion.confidence <= 1
        assert suggestion.category in CATEGORIES
        assert len(suggestion.because) <= 3
