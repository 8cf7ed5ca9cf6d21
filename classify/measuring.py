"""How good it is: accuracy and macro-F1, cross-validated, beside the majority class and a keyword baseline."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from classify.lexicon import KeywordBaseline
from classify.model import LinearModel
from classify.training import Example, train

Guess = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Measured:
    """One classifier on one set of texts it has not met."""

    name: str
    texts: int
    accuracy: float
    macro_f1: float

    def __str__(self) -> str:
        return f"{self.name:<28} n={self.texts:<6} accuracy {self.accuracy:.3f}   macro-F1 {self.macro_f1:.3f}"


def measured(name: str, pairs: Sequence[tuple[str, str]]) -> Measured:
    """From pairs (true, guessed). Macro-F1 is the mean over the categories that occur in truth, 0 where never met."""
    true, guessed = Counter(t for t, _ in pairs), Counter(g for _, g in pairs)
    hit = Counter(t for t, g in pairs if t == g)
    f1 = [2 * hit[c] / (true[c] + guessed[c]) for c in true]
    return Measured(name, len(pairs), hit.total() / len(pairs), sum(f1) / len(f1))


def guessed_by(guess: Guess, examples: Sequence[Example]) -> list[tuple[str, str]]:
    """Pairs (true, guessed)."""
    return [(example.category, guess(example.text)) for example in examples]


def kept_when_sure(model: LinearModel, examples: Sequence[Example], least: float) -> str:
    """How many texts get a first answer of at least this confidence, and how many of those answers are right."""
    firsts = [(e.category, s) for e in examples for s in model.suggest(e.text, limit=1)]
    sure = [(category, s) for category, s in firsts if s.confidence >= least]
    right = sum(category == s.category for category, s in sure)
    return f"confidence ≥ {least}: {len(sure)} of {len(examples)} answered, {right} right"


def cross_validated(
    examples: Sequence[Example], words: Mapping[str, Sequence[str]], folds: int = 5, seed: int = 1
) -> list[Measured]:
    """Majority class, keywords and model, each tested on folds it was not made from."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for learnt, unseen in _folds(examples, folds, seed):
        for name, guess in _contestants(learnt, words).items():
            pairs[name] += guessed_by(guess, unseen)
    return [measured(name, found) for name, found in pairs.items()]


def _contestants(learnt: Sequence[Example], words: Mapping[str, Sequence[str]]) -> dict[str, Guess]:
    majority = Counter(example.category for example in learnt).most_common(1)[0][0]
    model = train(learnt)
    return {
        "majority class": lambda _: majority,
        "keyword baseline": KeywordBaseline(words, majority).category_of,
        "linear model": lambda text: next((s.category for s in model.suggest(text, limit=1)), majority),
    }


def _folds(examples: Sequence[Example], folds: int, seed: int) -> list[tuple[list[Example], list[Example]]]:
    """(learnt, unseen) for each fold: each category is shuffled and dealt out in turn."""
    of_category = defaultdict(list)
    for example in examples:
        of_category[example.category].append(example)
    dealt: list[list[Example]] = [[] for _ in range(folds)]
    turn = 0
    for category in sorted(of_category):
        Random(f"{seed}:{category}").shuffle(of_category[category])
        for example in of_category[category]:
            dealt[turn % folds].append(example)
            turn += 1
    return [([e for other in dealt if other is not fold for e in other], fold) for fold in dealt]


def read_petitions(folder: Path) -> tuple[list[Example], dict[str, list[str]]]:
    """Real petitions with one of seven labels, and as keywords the names below each label in the official tree.

    The folder holds `messages_2011_2018.csv.gz` (title, text, label1) and `category_tree.csv` (level1–3). Read in
    place for measuring only: its licence is unstated, so nothing of it may go into a model that is shipped.
    """
    with gzip.open(folder / "messages_2011_2018.csv.gz", "rt", encoding="utf-8", newline="") as messages:
        examples = [Example(f"{row['title']}\n{row['text']}", row["label1"]) for row in csv.DictReader(messages)]
    labels = {example.category for example in examples}
    words: dict[str, list[str]] = {label: [label] for label in sorted(labels)}
    with (folder / "category_tree.csv").open(encoding="utf-8", newline="") as tree:
        for row in csv.DictReader(tree):
            if row["level1"] in labels:
                words[row["level1"]] += [name for name in (row["level2"], row["level3"]) if name]
    return examples, {label: sorted(set(found)) for label, found in words.items()}
