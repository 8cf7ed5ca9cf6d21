"""The words of the trade by category, and the plainest classifier there is: who has the most words in the text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEXICON = Path(__file__).with_name("lexicon.toml")
PLAIN_WORDS = Path(__file__).with_name("plain_words.toml")


def read_lexicon(file: Path = LEXICON) -> Mapping[str, tuple[str, ...]]:
    """Words by category code; also reads PLAIN_WORDS, whole sentences for measuring only."""
    return {category: tuple(words) for category, words in tomllib.loads(file.read_text("utf-8")).items()}


@dataclass(frozen=True, slots=True)
class KeywordBaseline:
    """Counts the characters of a category's words found in the text; `otherwise` where no word is found."""

    words: Mapping[str, Sequence[str]]
    otherwise: str

    def category_of(self, text: str) -> str:
        """The category with most characters of its words in the text, the first named of equals."""
        found = {category: sum(len(w) for w in words if w in text) for category, words in self.words.items()}
        best = max(found, key=lambda category: found[category], default=self.otherwise)
        return best if found.get(best) else self.otherwise
