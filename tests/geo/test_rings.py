"""An area drawn by hand: read from an address, and which points lie in it."""

from __future__ import annotations

import pytest

from geo.rings import inside, ring_of

SQUARE = "110.0,30.0;110.1,30.0;110.1,30.1;110.0,30.1"


def test_points_inside_on_the_edge_outside_and_without_a_place() -> None:
    lons, lats = [110.05, 110.0, 110.2, None], [30.05, 30.05, 30.05, None]
    assert inside(ring_of(SQUARE), lons, lats).tolist() == [True, True, False, False]


def test_line_that_crosses_itself_has_both_its_halves() -> None:
    bow = ring_of("110.0,30.0;110.1,30.1;110.1,30.0;110.0,30.1")
    assert inside(bow, [110.02, 110.08, 110.05], [30.05, 30.05, 30.02]).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "text", ["", "1,2", "a,b;c,d;e,f", "200,0;201,0;201,1", "nan,0;1,0;1,1", "1,1;1,1;1,1", "1,2,3;4,5,6;7,8,9"]
)
def test_what_is_no_area_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="圈定范围"):
        ring_of(text)
