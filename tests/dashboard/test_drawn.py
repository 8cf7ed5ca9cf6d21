"""What a hand on the map is answered: only what lies inside the ring and inside one's own area."""

from datetime import timedelta

import pytest

from dashboard import drawn
from geo.landmarks import Landmark, Landmarks, Line
from tests.dashboard.rig import rigged, served

OVER_A1 = "120.01,30.01;120.09,30.01;120.09,30.09;120.01,30.09"
OVER_ALL = "119,29;121,29;121,31;119,31"
TOWN = Landmarks(
    (Landmark("C-1", "camera", "路口", "A1", 120.05, 30.05), Landmark("C-2", "camera", "桥头", "B1", 120.25, 30.05)),
    (Landmark("P-1", "school", "小学", "B2", 120.35, 30.05),),
    (Line("river", "溪", ((120.0, 30.0), (120.4, 30.1))),),
)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with rigged(tmp_path_factory.mktemp("drawn"), landmarks=TOWN) as rig, served(rig):
        rig.cases = {area: rig.report(f"案件 {area}", area) for area in ("A1", "A2", "B1")}
        rig.report("待定案件", "")
        yield rig


def inside(room, name, ring):
    return room.program(name).get(f"{room.url}/map/cases", params={"ring": ring})


def numbers(answer):
    return {row["case"] for row in answer.json()["items"]}


def test_a_ring_holds_the_open_cases_inside_it(room):
    assert numbers(inside(room, "duty", OVER_A1)) == {room.cases["A1"]}
    everything = inside(room, "duty", OVER_ALL).json()
    assert (everything["total"], everything["overdue"]) == (3, 0)


def test_a_triangle_leaves_out_what_only_its_box_holds(room):
    assert inside(room, "duty", "120.0,30.0;120.1,30.0;120.0,30.04").json()["total"] == 0


def test_a_ring_over_everything_shows_only_ones_own_area(room):
    assert numbers(inside(room, "duty-a", OVER_ALL)) == {room.cases["A1"], room.cases["A2"]}


def test_a_lasso_that_crosses_itself_still_answers(room):
    assert inside(room, "duty", "120.01,30.01;120.09,30.09;120.09,30.01;120.01,30.09").status_code == 200


@pytest.mark.parametrize(
    "ring", ["1,2;3,4", "a,b;c,d;e,f", "1,2,3;4,5,6;7,8,9", "nan,1;2,3;4,5", "200,1;2,3;4,5", ";;;;;;;;"]
)
def test_what_is_no_ring_is_named(room, ring):
    answer = inside(room, "duty", ring)
    assert (answer.status_code, answer.json()["field"]) == (422, "ring")


def trail(room, name, worker="W-A1", **more):
    return room.program(name).get(f"{room.url}/map/trail", params={"worker": worker} | more)


def test_a_trail_is_of_late_oldest_first_and_recorded(room):
    room.services.positions.keep([room.fix("W-A1", lon=120.05 + i / 1000, ago=600 - i * 60) for i in range(5)])
    room.services.positions.keep([room.fix("W-A1", lon=120.01, ago=7200)])
    told = trail(room, "duty").json()
    assert [round(row[0], 4) for row in told["fixes"]] == [120.05, 120.051, 120.052, 120.053, 120.054]
    assert told["fixes"][0][3] == 8.0
    assert [what for _, _, what in room.services.registry.disclosures.of("W-A1")] == ["trail"]


def test_a_trail_of_somebody_elses_worker_is_empty_like_nobodys(room):
    room.services.positions.keep([room.fix("W-B1", ago=60)])
    theirs, nobodys = trail(room, "duty-a", "W-B1").json(), trail(room, "duty-a", "W-none").json()
    assert theirs["fixes"] == nobodys["fixes"] == []
    assert room.services.registry.disclosures.of("W-B1") == []


def test_a_trail_is_for_those_who_send_people_out(room):
    assert trail(room, "analyst").status_code == 403
    assert trail(room, "duty", minutes=drawn.LONGEST_TRAIL_MIN + 1).status_code == 422


def test_landmarks_are_those_of_ones_own_area(room):
    def told(name):
        return room.program(name).get(f"{room.url}/map/landmarks.json").json()

    assert [row[0] for row in told("duty")["cameras"]] == ["C-1", "C-2"]
    mine = told("duty-a")
    assert ([row[0] for row in mine["cameras"]], mine["places"]) == (["C-1"], [])
    assert mine["lines"][0][:2] == ["river", "溪"]


def test_heat_says_what_its_brightest_means(room):
    program = room.program("duty")
    told = program.get(f"{room.url}/map/heat.json", params={"of": "change", "metres": 300}).json()
    assert (told["count"], told["count_before"]) == (3, 0)
    assert told["peak_per_km2"] > 0
    assert len(told["scale"]) == 3
    assert program.get(f"{room.url}/map/heat.png", params={"of": "change", "metres": 300}).content[:4] == b"\x89PNG"
    assert program.get(f"{room.url}/map/heat.json", params={"metres": 3}).status_code == 422


def test_a_trail_ends_where_the_day_of_the_rules_ends(room):
    assert timedelta(minutes=drawn.LONGEST_TRAIL_MIN) <= timedelta(hours=12)
