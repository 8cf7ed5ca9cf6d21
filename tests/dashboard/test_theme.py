"""One place for the tokens, every pair measured in every theme, and no meaning that only colour carries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from dashboard.theme import DARK, GRAPHIC, NAMES, PAIRS, PAST, PAST_PAIRS, THEMES, Tokens, contrast, css, least

ASSETS = Path(__file__).parents[2] / "assets"
SHEET = ASSETS / "theme.css"
ALL_THEMES = pytest.mark.parametrize("theme", THEMES)


def test_sheet_opens_with_the_tokens() -> None:
    assert css() in SHEET.read_text(encoding="utf-8")


def short(pairs: Sequence[tuple[str, str, float]], tokens: Tokens, theme: str) -> dict[tuple[str, str], float]:
    """The pairs that have less contrast than they need, with what they have."""
    measured = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in pairs}
    return {pair[:2]: round(has, 2) for pair, has in measured.items() if has < least(pair, theme)}


@ALL_THEMES
def test_every_pair_has_the_contrast_it_needs(theme: str) -> None:
    assert short(PAIRS, THEMES[theme], theme) == {}
    assert len(PAIRS) > 60


@ALL_THEMES
def test_every_pair_has_it_on_the_grounds_of_the_past_too(theme: str) -> None:
    assert short([*PAIRS, *PAST_PAIRS], {**THEMES[theme], **PAST[theme]}, theme) == {}
    assert contrast(PAST[theme]["ground"], THEMES[theme]["ground"]) > 1.04, "the past is told from the present"


def test_themes_have_the_same_tokens_and_a_name() -> None:
    assert {frozenset(tokens) for tokens in THEMES.values()} == {frozenset(DARK)}
    assert set(NAMES) == set(THEMES)


@ALL_THEMES
def test_steps_of_the_choropleth_get_steadily_further_from_the_first(theme: str) -> None:
    distances = [contrast(THEMES[theme][f"step-{n}"], THEMES[theme]["step-0"]) for n in range(5)]
    assert distances == sorted(distances)
    assert all(later / earlier > 1.1 for earlier, later in pairwise(distances))


@ALL_THEMES
def test_what_waits_for_a_person_stands_out_more_than_what_does_not(theme: str) -> None:
    """Normal is grey: the quiet sign is nearer to its ground than any that calls; in greyscale too."""
    tokens = THEMES[theme]
    calls = min(contrast(tokens[name], tokens["ground"]) for name in ("late", "near", "red", "orange", "yellow"))
    assert calls > contrast(tokens["fine"], tokens["ground"]) or theme != "dark"
    assert contrast(tokens["fine"], tokens["ground"]) >= GRAPHIC


# What a person without red (or without green) cones sees of linear RGB: Viénot, Brettel and Mollon 1999.
BLIND = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def seen(colour: str, matrix: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    """Linear RGB as such a person sees it, 0 to 1 each."""
    rgb = [(int(colour[at : at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)]
    return tuple(sum(share * part for share, part in zip(row, rgb, strict=True)) for row in matrix)


def apart(tokens: Tokens, one: str, other: str, kind: str) -> float:
    """How far two tokens are from one another for such a person, 0 to 1.7."""
    first, second = seen(tokens[one], BLIND[kind]), seen(tokens[other], BLIND[kind])
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


@pytest.mark.parametrize("kind", BLIND)
@ALL_THEMES
def test_lights_differ_for_the_colour_blind(theme: str, kind: str) -> None:
    for one, other in combinations(("late", "near", "fine"), 2):
        assert apart(THEMES[theme], one, other, kind) > 0.045, (one, other)  # form and word differ besides


def test_lights_differ_by_form_too() -> None:
    sheet = SHEET.read_text(encoding="utf-8")
    overdue = re.search(r"\.sign\.light\.overdue \{([^}]*)\}", sheet)
    at_risk = re.search(r"\.sign\.light\.at_risk \{([^}]*)\}", sheet)
    assert overdue is not None
    assert at_risk is not None
    assert "border" in at_risk[1], "将超时 is a ring"
    assert "border" not in overdue[1], "超时 is full"


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda path: path.name)
def test_sheet_uses_only_tokens_that_exist(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    used = set(re.findall(r"var\(--([a-z0-9-]+)", text)) - set(re.findall(r"--([a-z0-9-]+):", text))
    assert used <= set(DARK) | set(PAST["dark"]) | {"rem", "full", "share"}


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda path: path.name)
def test_nothing_moves_for_ever(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert "infinite" not in text
    if re.search(r"animation:|transition: (?!none)", text):
        assert "prefers-reduced-motion" in text + (ASSETS / "wall.css").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_elsewhere() -> None:
    for asset in ASSETS.iterdir():
        assert not re.search(r"https?://|//cdn|@import", asset.read_text(encoding="utf-8")), asset.name
