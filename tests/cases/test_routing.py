"""Who answers for a matter, and why."""

from cases.model import HandlingUnit, Place
from cases.routing import suggest_unit
from tests.cases.build import case

CITY = HandlingUnit("U1", "城管中队", "urban")
STREET = HandlingUnit("U2", "青芝司法所", "justice", area="G2")
TOWN = HandlingUnit("U3", "镇司法所", "justice")
LISTED = HandlingUnit("U4", "邻里调解室", "mediation", area="G2", categories=("dispute.neighbour",))
CENTRE = HandlingUnit("U9", "综治中心", "centre")


def test_the_narrowest_unit_of_the_right_kind_answers() -> None:
    assert suggest_unit(case(), [CITY, TOWN, STREET, CENTRE]).unit is STREET


def test_a_list_that_names_the_category_beats_a_kind() -> None:
    assert suggest_unit(case(), [STREET, LISTED]).unit is LISTED


def test_a_unit_of_another_area_is_never_chosen() -> None:
    elsewhere = case(place=Place(grids=("G1", "G8")))
    assert suggest_unit(elsewhere, [STREET, TOWN]).unit is TOWN


def test_the_centre_catches_what_nobody_has_and_says_so() -> None:
    found = suggest_unit(case(category="other"), [CITY, CENTRE])
    assert found.unit is CENTRE
    fallback = suggest_unit(case(category="dispute.medical"), [CITY, CENTRE])
    assert "兜底" in fallback.why and "医疗纠纷" in fallback.why
    assert suggest_unit(case(category="dispute.medical"), [CITY]) is None
