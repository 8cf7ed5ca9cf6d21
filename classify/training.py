"""How a model comes to be: logistic regression on TF-IDF of grams. Needs scikit-learn (requirements-dev.txt)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from classify.grams import Vocabulary, folded, grams
from classify.model import LinearModel

_RARE = 2  # a gram of fewer texts says nothing about the next one
_TEMPERATURES = tuple(math.exp(step / 20) for step in range(-40, 41))  # 0.14 to 7.4


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the category that people gave it."""

    text: str
    category: str


def train(examples: Sequence[Example], most_grams: int = 10_000, strength: float = 8.0) -> LinearModel:
    """Fit a model; every category weighs alike, however many texts it has.

    First on all grams that occur in two texts, then again on the `most_grams` that mattered most: the same model in a
    small file. `strength` is the inverse of the L2 penalty. ValueError with fewer than two categories.
    """
    categories = tuple(sorted({example.category for example in examples}))
    if len(categories) < 2:
        raise ValueError("training needs texts of at least two categories")
    model = _fit(examples, categories, vocabulary_of([e.text for e in examples]), strength)
    if len(model.vocabulary.grams) <= most_grams:
        return model
    speaking = np.ptp(model.weights, axis=0)
    kept = np.sort(np.argsort(-speaking, kind="stable")[:most_grams])
    smaller = Vocabulary.of(tuple(model.vocabulary.grams[i] for i in kept.tolist()), model.vocabulary.idf[kept])
    return _fit(examples, categories, smaller, strength)


def vocabulary_of(texts: Sequence[str]) -> Vocabulary:
    """Every gram of at least two texts, with idf = ln((1 + n) / (1 + df)) + 1."""
    frequency = Counter(gram for text in texts for gram in {gram for _, gram in grams(folded(text))})
    known = tuple(sorted(gram for gram, count in frequency.items() if count >= _RARE))
    idf = [math.log((1 + len(texts)) / (1 + frequency[gram])) + 1 for gram in known]
    return Vocabulary.of(known, np.array(idf, dtype=np.float32))


def calibrated(model: LinearModel, unseen: Sequence[tuple[npt.NDArray[np.float32], int]]) -> LinearModel:
    """The same model with the temperature at which its confidences fit best what came true.

    `unseen` holds, for texts the model was not trained on, the scores by category and the index of the true one.
    """
    scores = np.array([row for row, _ in unseen], dtype=np.float64)
    truth = np.array([true for _, true in unseen])
    return replace(model, temperature=min(_TEMPERATURES, key=lambda t: _surprise(scores / t, truth)))


def scores_of(model: LinearModel, text: str) -> npt.NDArray[np.float32]:
    """The raw scores by category, before the temperature."""
    columns, values = model.vocabulary.row(text)
    return np.asarray(model.weights[:, columns] @ values + model.bias, dtype=np.float32)


def _surprise(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.intp]) -> float:
    """Mean negative log-likelihood."""
    top = scores.max(axis=1, keepdims=True)
    logs = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())


def _fit(
    examples: Sequence[Example], categories: tuple[str, ...], vocabulary: Vocabulary, strength: float
) -> LinearModel:
    rows = _matrix([example.text for example in examples], vocabulary)
    index = {category: k for k, category in enumerate(categories)}
    labels = np.array([index[example.category] for example in examples])
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 — two seconds to load, and only who trains needs it

    regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=300, tol=1e-3)
    regression.fit(rows, labels)
    weights, bias = np.asarray(regression.coef_), np.asarray(regression.intercept_)
    if len(categories) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return LinearModel(categories, vocabulary, weights.astype(np.float32), bias.astype(np.float32))


def _matrix(texts: Sequence[str], vocabulary: Vocabulary) -> Any:
    rows = [vocabulary.row(text) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    values = np.concatenate([values for _, values in rows])
    columns = np.concatenate([columns for columns, _ in rows])
    from scipy.sparse import csr_matrix  # noqa: PLC0415 — as above

    return csr_matrix((values, columns, ends), (len(texts), len(vocabulary.grams)))
