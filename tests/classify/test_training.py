"""Training: the same texts make the same model, rare categories count, and confidences can be softened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classify.training import Example, calibrated, scores_of, train

RARE = [Example("路灯不亮", "lamp"), Example("路灯坏了", "lamp")]
MANY = [Example(f"音响太吵{word}", "noise") for word in "天地玄黄宇宙洪荒日月盈昃"]


def test_the_same_texts_make_the_same_model() -> None:
    one, other = train(RARE + MANY), train(RARE + MANY)
    assert one.vocabulary.grams == other.vocabulary.grams
    assert np.array_equal(one.weights, other.weights)


def test_a_rare_category_is_not_drowned_by_a_frequent_one() -> None:
    assert train(RARE + MANY).suggest("路灯")[0].category == "lamp"


def test_a_small_vocabulary_keeps_the_grams_that_part_the_categories() -> None:
    model = train(RARE + MANY, most_grams=4)
    assert len(model.vocabulary.grams) == 4
    assert model.suggest("路灯")[0].category == "lamp"


@pytest.mark.parametrize("examples", [[], RARE])
def test_one_category_is_nothing_to_learn(examples: list[Example]) -> None:
    with pytest.raises(ValueError, match="two categories"):
        train(examples)


def test_a_model_that_errs_on_unseen_texts_becomes_less_sure_and_one_that_does_not_surer() -> None:
    model = train([*RARE, *MANY, Example("井盖缺失", "hole"), Example("井盖坏了", "hole")])
    texts = [("路灯", "lamp"), ("音响", "noise"), ("井盖", "hole")]
    right = [(scores_of(model, text), model.categories.index(category)) for text, category in texts]
    wrong = [(scores, (true + turn) % 3) for turn, (scores, true) in enumerate(right)]
    sure, unsure = calibrated(model, right), calibrated(model, wrong)
    assert sure.temperature < unsure.temperature
    assert sure.suggest("路灯")[0].category == unsure.suggest("路灯")[0].category == "lamp"
    assert sure.suggest("路灯")[0].confidence > unsure.suggest("路灯")[0].confidence


def test_the_temperature_never_changes_the_order() -> None:
    model = train(RARE + MANY)
    soft = replace(model, temperature=5.0)
    for text in ("路灯", "音响坏了", "太吵"):
        assert np.argmax(model.confidences(text)) == np.argmax(soft.confidences(text))
