"""One place for the tokens, and text that can be read on its ground."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.theme import DARK, LIGHT, contrast, css

SHEET = Path(__file__).parents[2] / "assets" / "theme.css"


def test_sheet_opens_with_the_tokens() -> None:
    assert css() in SHEET.read_text(encoding="utf-8")


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "projector"])
@pytest.mark.parametrize("name", ["text", "second", "faint", "act", "red", "orange", "yellow", "blue", "late", "near"])
def test_text_has_contrast_on_every_ground(tokens: dict[str, str], name: str) -> None:
    for ground in ("ground", "surface"):
        assert contrast(tokens[name], tokens[ground]) >= 4.5, (name, ground)


def test_alarm_words_can_be_read_on_the_alarm_ground() -> None:
    for tokens in (DARK, LIGHT):
        assert contrast(tokens["red"], tokens["alarm-ground"]) >= 4.5


def test_steps_of_the_choropleth_get_steadily_further_from_the_first() -> None:
    for tokens in (DARK, LIGHT):
        distances = [contrast(tokens[f"step-{n}"], tokens["step-0"]) for n in range(5)]
        assert distances == sorted(distances)
        assert all(later / earlier > 1.1 for earlier, later in pairwise(distances))


def test_sheet_uses_only_tokens_that_exist() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", SHEET.read_text(encoding="utf-8")))
    assert used <= set(DARK)
    assert set(DARK) == set(LIGHT)


def test_nothing_is_fetched_from_elsewhere() -> None:
    for asset in SHEET.parent.iterdir():
        assert not re.search(r"https?://|//cdn|@import", asset.read_text(encoding="utf-8")), asset.name
