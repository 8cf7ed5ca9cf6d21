"""Five fields never look alike: each has a shape of its own, and no two values share shape, sign and colour."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from cases.model import AlertLevel, Risk, Stage, Standing
from dashboard.components.legends import LEGENDS, Legend
from dashboard.components.words import SEVERITY_NAMES
from dashboard.panels import key_sheet
from dashboard.theme import DARK, LIGHT

SHEET = (Path(__file__).parents[3] / "assets/theme.css").read_text(encoding="utf-8")


def test_there_are_five_fields_whole_and_each_with_its_own_shape() -> None:
    assert {legend.field: len(legend.entries) for legend in LEGENDS} == {
        "预警颜色": len(AlertLevel),
        "时限灯": len(Standing),
        "风险": len(Risk),
        "严重程度": len(SEVERITY_NAMES),
        "阶段": len(Stage),
    }
    assert len({legend.shape for legend in LEGENDS}) == 5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_no_two_fields_share_colour_and_shape(tokens: dict[str, str]) -> None:
    drawn: dict[str, set[tuple[str, str]]] = {
        legend.field: {(legend.shape, tokens[entry.colour]) for entry in legend.entries} for legend in LEGENDS
    }
    for one, other in combinations(drawn, 2):
        assert not drawn[one] & drawn[other], (one, other)


@pytest.mark.parametrize("legend", LEGENDS, ids=[legend.field for legend in LEGENDS])
def test_within_a_field_every_value_has_its_own_sign_and_word(legend: Legend) -> None:
    assert len({(str(entry.sign), entry.colour) for entry in legend.entries}) == len(legend.entries)
    assert len({entry.words for entry in legend.entries}) == len(legend.entries)


def test_the_sheet_draws_the_shapes_that_are_promised() -> None:
    def rule(name: str) -> str:
        found = re.search(rf"^\.sign\.{name} {{([^}}]*)}}", SHEET, re.MULTILINE)
        assert found, name
        return found.group(1)

    assert "polygon" in rule("hazard") and "border-radius: 50%" in rule("light")
    for standing, token in ((Standing.OVERDUE, "late"), (Standing.AT_RISK, "near")):
        assert re.search(rf"\.sign\.light\.{standing} {{[^}}]*var\(--{token}\)", SHEET)


def test_the_legends_are_one_key_away() -> None:
    shown = str(key_sheet.layout())
    assert all(f"图例 · {legend.field}" in shown for legend in LEGENDS)
