"""A list that opens says everything in Chinese."""

from __future__ import annotations

import inspect

from dash import dcc

from dashboard.components.dropdown import WORDS, dropdown


def test_every_word_that_dash_can_say_is_said_in_chinese() -> None:
    labels = dcc.Dropdown.Labels.__annotations__
    assert set(WORDS) == set(labels)
    assert not [words for words in WORDS.values() if words.replace("{num_selected}", "").isascii()]


def test_a_list_passes_on_what_dash_takes() -> None:
    shown = dropdown([{"label": "城管中队", "value": "U-07"}], "U-07", id="to", clearable=False)
    assert (shown.value, shown.id, shown.clearable) == ("U-07", "to", False)
    assert "labels" in inspect.signature(dcc.Dropdown).parameters
