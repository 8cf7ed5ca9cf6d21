"""`python -m classify train|evaluate|suggest`: make the model, measure it, ask it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cases.categories import CATEGORIES
from classify.lexicon import PLAIN_WORDS, KeywordBaseline, read_lexicon
from classify.measuring import Guess, Measured, cross_validated, guessed_by, kept_when_sure, measured, read_petitions
from classify.model import SHIPPED, LinearModel
from classify.town_texts import FOLDS, FRESH_SEED, TRAINING_SEED, read_demo_town, told, without_phrases
from classify.training import Example, calibrated, scores_of, train

PETITIONS = Path(__file__).parent.parent.parent / "shared" / "data" / "petitions_cn"
_LEXICON_TIMES = 2  # a word of the lexicon counts as much as so many texts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m classify", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("train", help="train on the demo's texts and the lexicon, and write the model")
    make.add_argument("--out", type=Path, default=SHIPPED)
    measure = commands.add_parser("evaluate", help="print accuracy and macro-F1 beside two baselines")
    measure.add_argument("--petitions", type=Path, default=PETITIONS, help="folder of the labelled petitions")
    ask = commands.add_parser("suggest", help="suggest categories for a text")
    ask.add_argument("text")
    asked = parser.parse_args(arguments)
    if asked.command == "train":
        return _train(asked.out)
    return _evaluate(asked.petitions) if asked.command == "evaluate" else _suggest(asked.text)


def _train(out: Path) -> int:
    model = train(told(read_demo_town(), TRAINING_SEED) + lexicon_examples())
    # One number for all, which cannot change the order of the categories: what is measured stays unseen.
    unseen = [(scores_of(model, e.text), model.categories.index(e.category)) for e in plain_examples()]
    model = calibrated(model, unseen)
    model.save(out)
    grams, size = len(model.vocabulary.grams), out.stat().st_size // 1024
    print(f"{out}: {len(model.categories)} categories, {grams} grams, temperature {model.temperature:.2f}, {size} KB")
    return 0


def _evaluate(petitions: Path) -> int:
    print("Demo texts in wording the model knows, from another seed (easy: the same phrases come back)")
    shipped = LinearModel.load()
    _print(_compared(shipped, told(read_demo_town(), FRESH_SEED, per_category=24), "shipped model"))
    print(f"Demo texts in wording left out of training ({FOLDS} folds over each category's phrases)")
    _print(_new_wording())
    print("Sentences in neither the demo's nor the lexicon's wording")
    _print(_compared(shipped, plain_examples(), "shipped model"))
    print("  " + "; ".join(kept_when_sure(shipped, plain_examples(), least) for least in (0.5, 0.7, 0.9)))
    if not petitions.is_dir():
        print(f"Petitions: skipped, no folder {petitions}")
        return 0
    examples, words = read_petitions(petitions)
    print(f"Real petitions, 5-fold cross-validation on {len(examples)} texts of {len(words)} classes")
    _print(cross_validated(examples, words))
    return 0


def _suggest(text: str) -> int:
    for suggestion in LinearModel.load().suggest(text):
        name = CATEGORIES[suggestion.category].name
        print(f"{suggestion.confidence:4.0%}  {name}（{suggestion.category}）  依据：{'、'.join(suggestion.because)}")
    return 0


def lexicon_examples() -> list[Example]:
    """Each word of the lexicon as a text of its own."""
    return [Example(word, code) for code, words in read_lexicon().items() for word in words] * _LEXICON_TIMES


def plain_examples() -> list[Example]:
    """The sentences for measuring."""
    return [Example(text, code) for code, texts in read_lexicon(PLAIN_WORDS).items() for text in texts]


def _compared(model: LinearModel, texts: Sequence[Example], name: str) -> list[Measured]:
    """Two baselines, the model's first answer, and whether the truth is among its first three."""
    among_three = []
    for example in texts:
        found = [s.category for s in model.suggest(example.text)] or ["other"]
        among_three.append((example.category, example.category if example.category in found else found[0]))
    first = guessed_by(_best(model), texts)
    return [*_baselines(texts), measured(name, first), measured(f"{name}, best of 3", among_three)]


def _new_wording() -> list[Measured]:
    """With and without the lexicon: it was written with the demo's phrases in view, so the truth lies between."""
    pairs: dict[str, list[tuple[str, str]]] = {"model without lexicon": [], "model with lexicon": []}
    every: list[Example] = []
    for fold in range(FOLDS):
        for name, more in zip(pairs, ([], lexicon_examples()), strict=True):
            model, texts = _without_phrases(fold, more)
            pairs[name] += guessed_by(_best(model), texts)
        every += texts
    return [*_baselines(every), *(measured(name, found) for name, found in pairs.items())]


def _without_phrases(fold: int, more: Sequence[Example]) -> tuple[LinearModel, list[Example]]:
    """A model that never met this fold's phrases but `more`, and texts that hold no other phrases."""
    town = read_demo_town()
    learnt = told(town, TRAINING_SEED, without_phrases(fold, keep=False))
    return train([*learnt, *more]), told(town, FRESH_SEED, without_phrases(fold, keep=True), per_category=16)


def _baselines(texts: Sequence[Example]) -> list[Measured]:
    majority = Counter(example.category for example in texts).most_common(1)[0][0]
    keywords = KeywordBaseline(read_lexicon(), majority)
    return [
        measured("majority class", guessed_by(lambda _: majority, texts)),
        measured("keyword baseline", guessed_by(keywords.category_of, texts)),
    ]


def _best(model: LinearModel) -> Guess:
    return lambda text: next((s.category for s in model.suggest(text, limit=1)), "other")


def _print(rows: Sequence[Measured]) -> None:
    for row in rows:
        print(f"  {row}")


if __name__ == "__main__":
    sys.exit(main())
