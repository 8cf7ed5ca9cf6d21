"""Who answers for a matter by category, area and loop, and why."""

import pytest

from cases.model import HandlingUnit, Loop, Place, UnitId
from cases.routing import suggest_unit
from tests.cases.build import case

MICRO, SMALL, LARGE = Loop.MICRO, Loop.SMALL, Loop.LARGE
CITY = HandlingUnit(UnitId("U1"), "城管中队", "urban")
STREET = HandlingUnit(UnitId("U2"), "青芝司法所", "justice", area="G2")
TOWN = HandlingUnit(UnitId("U3"), "镇司法所", "justice")
LISTED = HandlingUnit(UnitId("U4"), "邻里调解室", "mediation", area="G2", categories=("dispute.neighbour",))
CENTRE = HandlingUnit(UnitId("U9"), "综治中心", "centre")


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


# category × area × loop: 微循环 in the grid, 小循环 of the street's groups (C6), 大循环 of the district's (C7, C8)

VILLAGE = HandlingUnit(UnitId("V"), "石门坎村调委会", "mediation", "G2", ("dispute.neighbour",), (MICRO,))
OFFICE = HandlingUnit(UnitId("S"), "青芝司法所", "justice", loops=(SMALL,))
BUREAU = HandlingUnit(UnitId("L"), "县司法局", "justice", loops=(LARGE,))
STATION = HandlingUnit(UnitId("P"), "派出所", "police", loops=(SMALL, LARGE))
UNITS = (BUREAU, STATION, OFFICE, VILLAGE, CENTRE)
HERE, NEXT_DOOR = ("G1", "G2", "G3"), ("G1", "G8", "G9")


@pytest.mark.parametrize(
    ("category", "grids", "loop", "unit", "why"),
    [
        ("dispute.neighbour", HERE, MICRO, VILLAGE, "“邻里纠纷”在石门坎村调委会的职责清单上（本片区、微循环）"),
        ("dispute.neighbour", HERE, SMALL, OFFICE, "“邻里纠纷”在青芝司法所的职责清单上（全域、小循环）"),
        ("dispute.neighbour", HERE, LARGE, BUREAU, "“邻里纠纷”在县司法局的职责清单上（全域、大循环）"),
        (
            "dispute.neighbour",
            NEXT_DOOR,
            MICRO,
            OFFICE,
            "微循环的职责清单没有“邻里纠纷”，由上级小循环的青芝司法所承办",
        ),
        ("dispute.neighbour", (), LARGE, BUREAU, "“邻里纠纷”在县司法局的职责清单上（全域、大循环）"),
        ("dispute.debt", HERE, MICRO, OFFICE, "微循环的职责清单没有“民间借贷纠纷”，由上级小循环的青芝司法所承办"),
        ("order.fight", HERE, MICRO, STATION, "微循环的职责清单没有“打架斗殴”，由上级小循环的派出所承办"),
        ("order.fight", HERE, LARGE, STATION, "“打架斗殴”在派出所的职责清单上（全域、大循环）"),
        ("dispute.medical", HERE, SMALL, CENTRE, "小循环及以上的职责清单都没有“医疗纠纷”，由综治中心兜底"),
    ],
)
def test_a_matter_goes_to_the_unit_of_its_category_area_and_loop(
    category: str, grids: tuple[str, ...], loop: Loop, unit: HandlingUnit, why: str
) -> None:
    found = suggest_unit(case(category=category, place=Place(grids=grids), loop=loop), UNITS)
    assert found is not None
    assert (found.unit.name, found.why) == (unit.name, why)


@pytest.mark.parametrize("loop", Loop)
def test_what_rose_never_sinks_to_a_unit_of_a_loop_below(loop: Loop) -> None:
    found = suggest_unit(case(loop=loop), [VILLAGE, CENTRE])
    assert found is not None
    assert found.unit is (VILLAGE if loop is MICRO else CENTRE)


def test_who_names_the_loop_goes_before_who_answers_at_each() -> None:
    found = suggest_unit(case(loop=LARGE), [STREET, BUREAU])
    assert found is not None and found.unit is BUREAU


def test_of_several_centres_that_of_the_loop_catches() -> None:
    village = HandlingUnit(UnitId("C1"), "村综治站", "centre", "G2", loops=(MICRO,))
    for loop, name in ((MICRO, "村综治站"), (LARGE, "综治中心")):
        found = suggest_unit(case(category="dispute.medical", loop=loop), [CENTRE, village])
        assert found is not None and found.unit.name == name
