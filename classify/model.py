"""The model as it runs: numpy alone, read from an .npz of plain arrays, answering with reasons."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from cases.ports import CategorySuggestion
from classify.grams import Vocabulary, folded, grams

SHIPPED = Path(__file__).with_name("model.npz")
_REASONS = 3
_SPEAKING_GRAMS = 8  # how many of the strongest grams are drawn together into reasons
_WORTH_SAYING = 0.05  # a confidence below this helps nobody
_FORMAT = 1
_DAMAGED = (ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)  # what numpy says of a broken archive


class ModelUnusable(ValueError):
    """The file is no model of ours; what is wrong is in the words."""


@dataclass(frozen=True)
class LinearModel:
    """One weight per category and gram. `temperature` softens the scores so that a confidence means what it says
    for wording the model has not met."""

    categories: tuple[str, ...]
    vocabulary: Vocabulary
    weights: npt.NDArray[np.float32]  # (categories, grams)
    bias: npt.NDArray[np.float32]
    temperature: float = 1.0

    def suggest(self, text: str, limit: int = 3) -> list[CategorySuggestion]:
        """The likeliest categories, best first; none for a text without a gram the model knows."""
        columns, values = self.vocabulary.row(text)
        if not len(columns):
            return []
        confidences = self._confidences(columns, values)
        best = np.argsort(-confidences, kind="stable")[:limit]
        return [
            CategorySuggestion(self.categories[k], float(confidences[k]), self._because(text, int(k), columns, values))
            for k in best.tolist()
            if confidences[k] >= _WORTH_SAYING
        ]

    def confidences(self, text: str) -> npt.NDArray[np.float32]:
        """One confidence a category; together 1."""
        return self._confidences(*self.vocabulary.row(text))

    def _confidences(self, columns: npt.NDArray[np.intp], values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        scores = (self.weights[:, columns] @ values + self.bias) / self.temperature
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float32)

    def _because(
        self, text: str, category: int, columns: npt.NDArray[np.intp], values: npt.NDArray[np.float32]
    ) -> tuple[str, ...]:
        """The words of the text that spoke most for a category against the average one."""
        against = self.weights[:, columns].mean(axis=0)
        spoke = values * (self.weights[category, columns] - against)
        strongest = [i for i in np.argsort(-spoke, kind="stable")[:_SPEAKING_GRAMS].tolist() if spoke[i] > 0]
        points = {self.vocabulary.grams[int(columns[i])]: float(spoke[i]) for i in strongest}
        return _words(folded(text), points)

    def save(self, file: Path) -> None:
        """Write plain arrays: no pickle, the same bytes for the same model."""
        np.savez_compressed(
            file,
            allow_pickle=False,
            format=np.array(_FORMAT),
            categories=_as_bytes(self.categories),
            grams=_as_bytes(self.vocabulary.grams),
            idf=self.vocabulary.idf.astype(np.float16),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            temperature=np.array(self.temperature, dtype=np.float64),
        )

    @classmethod
    def load(cls, file: Path = SHIPPED) -> LinearModel:
        """Read a model; ModelUnusable for a file that is none, OSError for one that cannot be read."""
        try:
            # Opened here, because np.load leaves a broken archive open.
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
                return cls._of({name: kept[name] for name in kept.files})
        except _DAMAGED as wrong:
            raise ModelUnusable(f"{file} is no classification model: {wrong}") from wrong

    @classmethod
    def _of(cls, kept: dict[str, npt.NDArray[np.generic]]) -> LinearModel:
        if int(kept["format"]) != _FORMAT:
            raise ModelUnusable(f"format {kept['format']} is not {_FORMAT}")
        vocabulary = Vocabulary.of(_as_strings(kept["grams"]), kept["idf"].astype(np.float32))
        weights, bias = kept["weights"].astype(np.float32), kept["bias"].astype(np.float32)
        model = cls(_as_strings(kept["categories"]), vocabulary, weights, bias, float(kept["temperature"]))
        model._check()
        return model

    def _check(self) -> None:
        shape = len(self.categories), len(self.vocabulary.grams)
        if self.weights.shape != shape or self.bias.shape != shape[:1] or self.vocabulary.idf.shape != shape[1:]:
            raise ModelUnusable("the arrays do not fit each other")
        numbers = (self.weights, self.bias, self.vocabulary.idf)
        if not (all(np.isfinite(each).all() for each in numbers) and 0 < self.temperature < 100):
            raise ModelUnusable("a weight is not a number")


@cache
def shipped() -> LinearModel:
    """The model that comes with the program, read once."""
    return LinearModel.load()


def _words(text: str, points: dict[str, float]) -> tuple[str, ...]:
    """Grams that touch are drawn together into the words they are part of; the weightiest words first."""
    weight = [0.0] * len(text)
    for begin, gram in grams(text):
        for place in range(begin, begin + len(gram)):
            weight[place] += points.get(gram, 0.0) / len(gram)
    words: dict[str, float] = {}
    begin = 0
    for end in range(len(text) + 1):
        if end == len(text) or not weight[end]:
            if end > begin:
                words[text[begin:end]] = sum(weight[begin:end])
            begin = end + 1
    # A single character convinces nobody: it comes last, whatever it weighs.
    return tuple(sorted(words, key=lambda word: (len(word) < 2, -words[word], word))[:_REASONS])


def _as_bytes(strings: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)


def _as_strings(kept: npt.NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(kept.tobytes().decode().split("\n"))
