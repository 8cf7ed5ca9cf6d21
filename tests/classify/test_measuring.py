"""Measuring: the figures themselves, what keeps seen and unseen apart, and the real petitions where they are."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from classify.__main__ import main
from classify.lexicon import KeywordBaseline
from classify.measuring import _folds, cross_validated, kept_when_sure, measured, read_petitions
from classify.town_texts import FOLDS, FRESH_SEED, TRAINING_SEED, read_demo_town, told, without_phrases
from classify.training import Example, train
from feeds.demo.matters import read_matters
from feeds.demo.story import Story

PETITIONS = Path(__file__).parents[3] / "shared" / "data" / "petitions_cn"
real = pytest.mark.skipif(not PETITIONS.is_dir(), reason="0 petitions: ../shared/data/petitions_cn is absent")


def test_accuracy_and_macro_f1_are_what_the_textbook_says() -> None:
    figures = measured("x", [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")])
    # F1: a = 2·2/(3+3), b = 2·1/(1+2), c = 0
    assert figures.accuracy == pytest.approx(3 / 5)
    assert figures.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert "accuracy 0.600" in str(figures)


def test_folds_hold_every_text_once_and_every_category_alike() -> None:
    texts = [Example(f"{c}{n}", c) for c in "ab" for n in range(10)]
    folds = _folds(texts, 5, seed=1)
    assert sorted(e.text for _, unseen in folds for e in unseen) == sorted(e.text for e in texts)
    for learnt, unseen in folds:
        assert not {e.text for e in learnt} & {e.text for e in unseen}
        assert [sum(e.category == c for e in unseen) for c in "ab"] == [2, 2]


def test_keywords_count_by_length_and_fall_back() -> None:
    keywords = KeywordBaseline({"lamp": ["路灯"], "hole": ["井盖", "井盖缺失"]}, otherwise="other")
    assert keywords.category_of("路灯下的井盖缺失") == "hole"
    assert keywords.category_of("你好") == "other"


def test_three_classifiers_meet_the_same_unseen_texts() -> None:
    texts = [
        Example(f"{word}{n}号{tail}", c)
        for c, word in (("a", "路灯"), ("b", "井盖"))
        for n in "一二三四五六"
        for tail in "坏破"
    ]
    majority, keywords, model = cross_validated(texts, {"a": ["路灯"], "b": ["井盖"]}, folds=3)
    assert (majority.accuracy, keywords.accuracy, model.accuracy) == (0.5, 1.0, 1.0)
    assert {figures.texts for figures in (majority, keywords, model)} == {len(texts)}


def test_what_is_answered_surely_is_counted() -> None:
    texts = [Example("路灯坏", "lamp"), Example("路灯灭", "lamp"), Example("井盖坏", "hole"), Example("井盖缺", "hole")]
    assert kept_when_sure(train(texts), texts, 0.5) == "confidence ≥ 0.5: 4 of 4 answered, 4 right"


def test_training_texts_are_not_those_of_a_running_demo() -> None:
    town = read_demo_town()
    live = {str(t.body.get("text")) for t in Story(town).day(date(2026, 11, 20))}
    learnt = told(town, TRAINING_SEED, days=5)
    assert TRAINING_SEED != FRESH_SEED != Story(town).seed != TRAINING_SEED
    assert len(learnt) > 500
    assert not live & {e.text.split("\n")[-1] for e in learnt if len(e.text) > 40}


@pytest.mark.parametrize("fold", range(FOLDS))
def test_phrases_left_out_are_in_no_text_of_the_rest(fold: int) -> None:
    kept, left = (without_phrases(fold, keep=keep) for keep in (False, True))
    for whole, one, other in zip(read_matters().matters, kept.matters, left.matters, strict=True):
        assert one.phrases and other.phrases
        assert set(one.phrases) | set(other.phrases) == set(whole.phrases)
        assert not set(one.phrases) & set(other.phrases)
    assert not any(voice.says for voice in (*kept.voices, *left.voices))


@real
def test_the_petitions_are_read_in_place() -> None:
    examples, words = read_petitions(PETITIONS)
    print(f"{len(examples)} petitions of {len(words)} classes")
    assert len(examples) == 359
    assert {e.category for e in examples} == set(words)
    assert all(len(found) > 10 for found in words.values())


@real
@pytest.mark.long
def test_on_real_petitions_the_model_beats_both_baselines() -> None:
    majority, keywords, model = cross_validated(*read_petitions(PETITIONS))
    print(majority, keywords, model, sep="\n")
    assert model.accuracy >= 0.75 and model.macro_f1 >= 0.7
    assert model.accuracy > keywords.accuracy + 0.15 > majority.accuracy + 0.15


@pytest.mark.long
def test_the_committed_command_makes_a_model_that_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--out", str(tmp_path / "model.npz")]) == 0
    assert re.search(r"46 categories, \d+ grams", capsys.readouterr().out)


def test_the_command_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "楼下餐馆油烟太大"]) == 0
    assert re.match(r"\s*\d+%  油烟扰民（environment.smoke）  依据：", capsys.readouterr().out)
