"""What a screen asks for in its address, what it remembers, and how large its type then is."""

from __future__ import annotations

import pytest

from dashboard.looks import Sight, least_px, looks_of


@pytest.mark.parametrize(
    ("query", "cookies", "own", "theme"),
    [
        ("", {}, "", "dark"),
        ("", {"theme": "contrast"}, "", "contrast"),
        ("theme=light", {"theme": "contrast"}, "", "light"),
        ("", {}, "light", "light"),
        ("", {"theme": "dark"}, "light", "light"),  # what the room remembers is not the projector's
        ("", {"theme-light": "dark"}, "light", "dark"),
        ("theme=%22%3E%3Cscript", {"theme": "<b>"}, "", "dark"),
    ],
)
def test_theme_is_the_address_then_the_memory_then_the_page(
    query: str, cookies: dict[str, str], own: str, theme: str
) -> None:
    looks = looks_of(query, cookies, Sight(), own)
    assert looks.theme == theme
    assert f'data-theme="{theme}"' in looks.attributes()
    assert "<" not in looks.attributes()


def test_type_grows_with_the_distance_of_the_reader() -> None:
    assert least_px(Sight(), 1080) == 16
    assert least_px(Sight(distance_m=10), 1080) == 32
    assert least_px(Sight(5, 1.2), 1080) == pytest.approx(16, rel=0.01)
    assert least_px(Sight(5, 2.4), 1080) == pytest.approx(8, rel=0.01)


def test_wall_of_twice_the_rows_is_read_by_more_pixels_but_holds_more() -> None:
    assert 16 < least_px(Sight(), 2160) < 32


@pytest.mark.parametrize("asked", ["distance=0", "distance=-3", "distance=1e9", "distance=abc", "distance="])
def test_a_distance_that_cannot_be_is_left_aside(asked: str) -> None:
    assert looks_of(asked, {}, Sight()).sight == Sight()


def test_distance_and_height_hold_for_one_screen() -> None:
    assert looks_of("distance=8&height=2.5", {}, Sight()).sight == Sight(8.0, 2.5)
