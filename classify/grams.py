"""Texts as character n-grams: one to three neighbouring characters, so that no word list is needed for Chinese."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LONGEST = 3
MOST_CHARACTERS = 4000  # what a longer text says after this changes nothing


def folded(text: str) -> str:
    """Width and case made alike (NFKC); digits, marks and control characters become blanks that no gram crosses."""
    alike = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    return "".join(c if c.isalpha() else " " for c in alike)


def grams(folded_text: str) -> Iterator[tuple[int, str]]:
    """Every gram with the place at which it begins."""
    for begin, character in enumerate(folded_text):
        for length in range(1, LONGEST + 1):
            gram = folded_text[begin : begin + length]
            if character == " " or len(gram) < length or gram[-1] == " ":
                break
            yield begin, gram


@dataclass(frozen=True)
class Vocabulary:
    """The grams a model knows, each with its inverse document frequency."""

    grams: tuple[str, ...]
    idf: npt.NDArray[np.float32]
    column: Mapping[str, int]

    @classmethod
    def of(cls, known: tuple[str, ...], idf: npt.NDArray[np.float32]) -> Vocabulary:
        """A vocabulary of these grams, `idf` in the same order."""
        return cls(known, idf, {gram: column for column, gram in enumerate(known)})

    def row(self, text: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
        """The known grams of a text: their columns, rising, and their TF-IDF values of length one together.

        TF is 1 + ln(count). Both are empty for a text without a known gram.
        """
        counts = Counter(self.column[gram] for _, gram in grams(folded(text)) if gram in self.column)
        columns = np.array(sorted(counts), dtype=np.intp)
        frequencies = np.array([1 + math.log(counts[column]) for column in columns.tolist()], dtype=np.float32)
        values = frequencies * self.idf[columns]
        length = float(np.linalg.norm(values))
        return columns, (values / length if length else values).astype(np.float32)
