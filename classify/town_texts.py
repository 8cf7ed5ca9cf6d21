"""Labelled texts of the invented town, from seeds that no demo tells: the only module here that knows the demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from classify.training import Example
from feeds.demo.matters import Matter, Matters, read_matters
from feeds.demo.story import Happening, Story
from feeds.demo.town import Town, read_town
from feeds.replay import DEMO_TOWN
from geo.grids import GridBook

TRAINING_SEED = 90_001
FRESH_SEED = 90_002
FOLDS = 3
_FIRST_DAY = date(2025, 1, 6)
_PER_CATEGORY = 48
_DAYS = 70


def read_demo_town() -> Town:
    """The town whose addresses the texts name."""
    return read_town(DEMO_TOWN, GridBook.load(DEMO_TOWN))


def told(
    town: Town, seed: int, words: Matters | None = None, days: int = _DAYS, per_category: int = _PER_CATEGORY
) -> list[Example]:
    """Texts of so many days, at most `per_category` of each kind, as whole texts and as what stands there halfway."""
    story = Story(town, seed, words or read_matters())
    count: Counter[str] = Counter()
    examples = []
    for happening in _reports(story, days):
        category = str(happening.body["category"])
        if count[category] < per_category:
            examples.append(Example(_wording(happening, count[category]), category))
            count[category] += 1
    return examples


def without_phrases(fold: int, keep: bool) -> Matters:
    """The town's words with one of FOLDS parts of each matter's phrases left out (or that part alone, with `keep`).

    Channels' own wordings are left out of both, so that what is kept and what is left share no phrase.
    """
    words = read_matters()
    matters = {m.category: _part(m, fold, keep) for m in words.matters}
    options = {
        when: (tuple(matters[m.category] for m in fitting), shares) for when, (fitting, shares) in words.options.items()
    }
    voices = tuple(replace(voice, says={}) for voice in words.voices)
    return Matters(tuple(matters.values()), voices, words.alerts, options)


def _part(matter: Matter, fold: int, keep: bool) -> Matter:
    chosen = [p for n, p in enumerate(matter.phrases) if (n % FOLDS == fold % len(matter.phrases)) == keep]
    return replace(matter, phrases=tuple(chosen))


def _reports(story: Story, days: int) -> Iterator[Happening]:
    for n in range(days):
        yield from (t for t in story.day(_FIRST_DAY + timedelta(days=n)) if t.kind == "report")


def _wording(happening: Happening, turn: int) -> str:
    """In turn: everything, the words without the address, the headline alone, the body alone."""
    title, text, address = (str(happening.body[name]) for name in ("title", "text", "address"))
    match turn % 4:
        case 0:
            return f"{title}\n{text}"
        case 1:
            return f"{title}\n{text}".replace(address, "")
        case 2:
            return title.replace(address, "") or title
        case _:
            return text.replace(address, "")
