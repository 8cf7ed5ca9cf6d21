"""The invented towns that ship: as many grids as promised, nested exactly, coded by the rules."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from cases.categories import CATEGORIES
from geo.grids import GridBook
from geo.towns import make, plans
from geo.towns.town import apportion

TOWNS = Path(make.__file__).parent
DEMO, FIVE_TIERS = TOWNS / "demo", TOWNS / "five_tiers"
COUNTS = {"demo": (16, 65, 180), "five_tiers": (1, 1, 12, 56, 142)}
# Digits of a code at each level (domain.md b5: 6 county, 9 town, 12 village; then what the folder's README says).
DIGITS = {"demo": (12, 15, 17), "five_tiers": (6, 9, 12, 15, 17)}
LEVELS = [(town, level) for town, counts in COUNTS.items() for level in range(len(counts))]


def features(town, level):
    return json.loads((TOWNS / town / f"l{level + 1}.geojson").read_text("utf-8"))["features"]


def properties(town, level):
    return [f["properties"] for f in features(town, level)]


def polygons(town, level):
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features(town, level)}


def rows(name):
    return json.loads((DEMO / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def book():
    return GridBook.load(DEMO)


@pytest.mark.parametrize("town", COUNTS)
def test_a_room_starts_on_the_folder(town):
    book = GridBook.load(TOWNS / town, strict=True)
    assert tuple(len(book.grids(level)) for level in range(len(book.levels()))) == COUNTS[town]
    assert book.levels()[0] == ("一级网格" if town == "demo" else "区")


@pytest.mark.parametrize(("town", "level"), LEVELS)
def test_grids_are_valid_and_share_their_borders(town, level):
    shapes = list(polygons(town, level).values())
    assert len(shapes) == COUNTS[town][level]
    assert all(s.is_valid and s.geom_type == "Polygon" and not s.interiors for s in shapes)
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize(("town", "level"), LEVELS)
def test_every_polygon_has_60_to_250_vertices(town, level):
    counts = [len(s.exterior.coords) - 1 for s in polygons(town, level).values()]
    assert min(counts) >= 60
    assert max(counts) <= 250


@pytest.mark.parametrize(("town", "level"), [(t, n) for t, n in LEVELS if n > 0])
def test_a_parent_is_exactly_its_children(town, level):
    parents, children = polygons(town, level - 1), features(town, level)
    for code, parent in parents.items():
        union = shapely.union_all([shape(f["geometry"]) for f in children if f["properties"]["parent_code"] == code])
        assert union.equals(parent)
        assert union.symmetric_difference(parent).area == 0.0


@pytest.mark.parametrize(("town", "level"), LEVELS)
def test_all_levels_end_at_the_same_outline(town, level):
    outline = shapely.union_all(list(polygons(town, 0).values()))
    assert outline.geom_type == "Polygon"
    assert not outline.interiors
    assert shapely.union_all(list(polygons(town, level).values())).equals(outline)


@pytest.mark.parametrize(("town", "level"), LEVELS)
def test_codes_start_with_the_parents_and_count_from_one(town, level):
    grids = properties(town, level)
    codes = [g["code"] for g in grids]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {DIGITS[town][level]}
    if level:
        assert all(g["code"].startswith(g["parent_code"]) for g in grids)
        assert {g["parent_code"] for g in grids} == {g["code"] for g in properties(town, level - 1)}
    if DIGITS[town][level] > 12:
        for parent, count in Counter(g["parent_code"] for g in grids).items():
            own = sorted(int(c[len(parent) :]) for c in codes if c.startswith(parent))
            assert own == list(range(1, count + 1))


def test_communities_are_numbered_from_001_and_villages_from_200():
    for grid in properties("demo", 0):
        number = int(grid["code"][9:])
        assert grid["name"].endswith("社区") == (1 <= number <= 199)
        assert grid["name"].endswith("村") == (200 <= number <= 399)


@pytest.mark.parametrize(("town", "level"), LEVELS)
def test_names_do_not_repeat_and_every_field_is_there(town, level):
    grids = properties(town, level)
    assert len({g["name"] for g in grids}) == len(grids)
    for grid in grids:
        assert re.fullmatch(r"东至[^，]+，南至[^，]+，西至[^，]+，北至[^，]+", grid["bounds"])
        assert grid["kind"] in {"territory", "dedicated"}
        assert grid["population"] > grid["households"] > 0


@pytest.mark.parametrize(("town", "level"), [(t, n) for t, n in LEVELS if n > 0])
def test_households_and_people_add_up_to_the_parents(town, level):
    for figure in ("households", "population"):
        sums = Counter()
        for grid in properties(town, level):
            sums[grid["parent_code"]] += grid[figure]
        assert sums == {g["code"]: g[figure] for g in properties(town, level - 1)}


def test_areas_are_square_metres_and_add_up():
    areas = [sum(g["area_m2"] for g in properties("demo", level)) for level in range(3)]
    assert 80e6 < areas[0] < 92e6
    assert max(areas) - min(areas) < 200


def test_the_sides_in_words_name_real_neighbours():
    grids = {g["name"]: g["bounds"] for g in properties("demo", 0)}
    shapes = {f["properties"]["name"]: shape(f["geometry"]) for f in features("demo", 0)}
    for name, bounds in grids.items():
        for beyond in re.findall(r"至([^，]+)", bounds):
            if beyond in shapes:
                assert shapes[name].intersection(shapes[beyond]).length > 0.0
            else:
                assert beyond in {"镇界", "青芝溪", "柳浦港", "青云公路", "青芝大街"}


def test_one_worker_for_each_second_level_grid(book):
    workers = rows("workers.json")
    assert [w["id"] for w in workers] == [f"W-{n:04d}" for n in range(1, 66)]
    assert {w["grid"] for w in workers} == set(book.codes(1))
    assert len({w["name"] for w in workers}) == len({w["phone"] for w in workers}) == 65
    assert all(re.fullmatch(r"1380000\d{4}", w["phone"]) and w["skills"] for w in workers)
    assert Counter(w["role"] for w in workers)["网格长"] == 16


def test_every_category_has_a_unit_that_answers(book):
    units = rows("units.json")
    town_wide = [u for u in units if not u["area"]]
    kinds = {u["kind"] for u in town_wide}
    assert {c.unit_kind for c in CATEGORIES.values()} <= kinds
    assert len(town_wide) == 20
    assert all(u["area"] == "" or u["area"] in book for u in units)
    assert {c for u in units for c in u["categories"]} <= set(CATEGORIES)
    assert len({u["id"] for u in units}) == len({u["name"] for u in units}) == len(units)


@pytest.mark.parametrize(("name", "count"), [("places.geojson", 88), ("cameras.geojson", 120)])
def test_places_and_cameras_stand_in_the_grid_they_name(book, name, count):
    found = rows(name)["features"]
    assert len(found) == count
    assert len({f["properties"]["id"] for f in found}) == count
    for site in found:
        assert book.locate(*site["geometry"]["coordinates"])[2] == site["properties"]["grid"]


def test_cameras_have_national_ids_of_20_digits():
    ids = [f["properties"]["id"] for f in rows("cameras.geojson")["features"]]
    assert all(re.fullmatch(r"33992100001320\d{6}", number) for number in ids)


def test_every_innermost_grid_has_addresses_within_it(book):
    addresses = rows("addresses.json")
    assert set(addresses) == set(book.codes(2))
    texts = [a["text"] for found in addresses.values() for a in found]
    assert len(texts) == len(set(texts)) == 1080
    for code, found in addresses.items():
        assert all(book.locate(a["lon"], a["lat"])[2] == code for a in found)


def test_every_post_is_held_in_every_shift_of_the_week():
    duty = rows("duty.json")
    held = Counter((r["weekday"], r["shift"], r["post"]) for r in duty["roster"])
    assert set(held.values()) == {1}
    assert len(held) == 7 * len(duty["shifts"]) * 5
    for weekday in range(7):
        for shift in duty["shifts"]:
            crew = [r["name"] for r in duty["roster"] if (r["weekday"], r["shift"]) == (weekday, shift["id"])]
            assert len(set(crew)) == 5


def test_the_folders_stay_small():
    assert sum(p.stat().st_size for p in TOWNS.rglob("*") if p.suffix in {".geojson", ".json"}) < 6_000_000


def same_bytes(plan):
    for name, text in make.make(plan).items():
        assert (TOWNS / plan.folder / name).read_text("utf-8") == text, name


@pytest.mark.long
def test_the_generator_makes_the_committed_demo_town_again():
    same_bytes(plans.DEMO)


@pytest.mark.long
def test_the_generator_makes_the_committed_five_tiers_again():
    same_bytes(plans.FIVE_TIERS)


def test_sharing_out_is_in_proportion_and_leaves_nobody_with_one():
    assert apportion([1.0, 1.0, 8.0], 12) == [2, 2, 8]
    assert sum(apportion([5.0, 3.0, 2.0], 65)) == 65
    assert apportion([1.0], 1) == [1]
