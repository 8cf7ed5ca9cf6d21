"""A command line taken apart; what it does is tried in tests/browser."""

from __future__ import annotations

import pytest

from dashboard.grid_finder import GridFinder, initials
from dashboard.panels.command_words import Asked, read
from dashboard.panels.taking_call import Call, call_of
from tests.dashboard.rig import toy_grids


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("派 0123 王", Asked("派", "0123", "王")),
        ("撤", Asked("撤")),
        ("撤 0123", Asked("撤", "0123")),
        ("p 0123 王 30m", Asked("派", "0123", "王 30m")),
        ("  并 0123   0119 ", Asked("并", "0123", "0119")),
        ("找 楼上噪声", Asked("找", "楼上噪声")),
        ("飞 1", Asked("", "1")),
        ("", Asked("")),
    ],
)
def test_a_line_is_a_verb_or_its_letter_and_what_it_is_about(line: str, asked: Asked) -> None:
    assert read(line) == asked


def test_first_letters_of_a_name() -> None:
    assert initials("青芝社区") == "qzsq"


def test_grids_are_found_by_code_before_name_and_only_in_the_area() -> None:
    finder, grid = GridFinder(toy_grids()), toy_grids().grid("A1")
    assert finder.find("A1")[0].code == "A1"
    assert grid.code in [each.code for each in finder.find(grid.name)]
    assert finder.find("A1", area="B") == []
    assert finder.find("  ") == []


@pytest.mark.parametrize("point", [None, "x", {"lon": "1", "lat": 2}, {"lon": 999, "lat": 0}, {"lon": 1}])
def test_a_call_from_a_browser_is_cut_to_what_it_may_be(point: object) -> None:
    call = call_of(("话" * 9000, "no.such", None, 5, "1" * 900, point, ["../etc", "a" * 32, "a" * 32, 7]))
    assert call.files == ("a" * 32,)
    assert (len(call.words), call.kind, call.where, call.name, len(call.phone), call.point) == (
        5000,
        "",
        "",
        "5",
        200,
        None,
    )


def test_the_title_is_the_first_sentence() -> None:
    assert Call("\n楼上漏水。已经三天了").title == "楼上漏水"
