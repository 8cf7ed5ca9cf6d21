"""Every panel stands on exactly one screen, and the map has one for itself."""

from __future__ import annotations

import pytest

from dashboard.seams import PLACES, Seams, seams_of, shared_out


@pytest.mark.parametrize("asked", ["2x1", "1x2", "3x1", "2x2", "3x2", "4x2", "3x3", "9x1"])
def test_each_panel_stands_once_and_the_map_alone(asked: str) -> None:
    seams = seams_of(asked)
    assert seams is not None
    screens = shared_out(seams)
    assert len(screens) == seams.screens
    assert sorted(name for screen in screens for name in screen) == sorted([*PLACES, "map"])
    assert screens.index(["map"]) == (seams.columns - 1) // 2
    assert all(screens)


@pytest.mark.parametrize("asked", ["", "1x1", "0x3", "4x3", "3x", "axb", "3x1;x"])
def test_what_is_no_wall_of_screens_has_no_seams(asked: str) -> None:
    assert seams_of(asked) is None


def test_the_address_comes_before_the_setting() -> None:
    assert seams_of("3x1", "2x2") == Seams(3, 1)
    assert seams_of("", "2x2") == Seams(2, 2)
