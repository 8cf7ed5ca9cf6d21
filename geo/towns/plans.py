"""The two towns that ship: where they lie, how many grids each level has, how grids are coded and named."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum

from geo.towns import names
from geo.towns.records import Labels
from geo.towns.town import Ground, Town

TERRITORY, DEDICATED = "territory", "dedicated"


@dataclass(frozen=True, slots=True)
class Plan:
    """A grid folder to be made."""

    folder: str
    name: str
    region: str
    edge: str
    households: int
    ground: Ground
    levels: tuple[tuple[str, int], ...]
    label: Callable[["Plan", Town], list[Labels]]

    def counts(self) -> tuple[int, ...]:
        """Grids a level, outermost first."""
        return tuple(count for _, count in self.levels)


def _of_parent(parents: Sequence[int], codes: Sequence[str], digits: int) -> list[str]:
    """Number the children of each parent from 1, in reading order: the parent's code and `digits` more."""
    seen: dict[int, int] = defaultdict(int)
    made = []
    for parent in parents:
        seen[parent] += 1
        made.append(f"{codes[parent]}{seen[parent]:0{digits}d}")
    return made


def _codes(labels: Labels) -> list[str]:
    return [code for code, _, _ in labels]


def _core_first(town: Town, level: int) -> list[int]:
    """Areas of a level, the most densely peopled first."""
    density = [
        fsum(town.terrain.density(x, y) for u in units for x, y in town.homes[u])
        / sum(len(town.homes[u]) for u in units)
        for units in town.units(level)
    ]
    return sorted(range(len(density)), key=lambda a: -density[a])


def label_demo(plan: Plan, town: Town) -> list[Labels]:
    """Communities 001– and villages 200– in reading order (domain.md b5), + 3 digits, + 2 digits."""
    urban = sorted(_core_first(town, 0)[: len(names.COMMUNITIES)])
    villages, communities = iter(names.VILLAGES), iter(names.COMMUNITIES)
    in_town, in_country = iter(range(1, 200)), iter(range(200, 400))
    first = [
        (f"{plan.region}{next(in_town):03d}", next(communities), TERRITORY)
        if area in urban
        else (f"{plan.region}{next(in_country):03d}", next(villages), TERRITORY)
        for area in range(plan.levels[0][1])
    ]
    second = _label_second(town, first, urban)
    third = _label_third(town, second, urban)
    return [first, second, third]


def _label_second(town: Town, first: Labels, urban: Sequence[int]) -> Labels:
    parents = town.parents(1)
    dedicated = dict(zip(_dedicated(parents, urban), names.DEDICATED, strict=True))
    hamlets, estates = iter(names.HAMLETS), iter(names.ESTATES)
    rows = []
    for number, code in enumerate(_of_parent(parents, _codes(first), 3)):
        if number in dedicated:
            rows.append((code, f"{dedicated[number]}网格", DEDICATED))
        else:
            rows.append((code, f"{next(estates if parents[number] in urban else hamlets)}网格", TERRITORY))
    return rows


def _dedicated(parents: Sequence[int], urban: Sequence[int]) -> Iterator[int]:
    """The last second-level grid of the first communities is a park, a market, a campus."""
    for area in list(urban)[: len(names.DEDICATED)]:
        yield max(number for number, parent in enumerate(parents) if parent == area)


def _label_third(town: Town, second: Labels, urban: Sequence[int]) -> Labels:
    parents = town.parents(2)
    rows = []
    for code, parent in zip(_of_parent(parents, _codes(second), 2), parents, strict=True):
        _, name, kind = second[parent]
        part = "片" if town.parents(1)[parent] in urban else "组"
        rows.append((code, f"{name.removesuffix('网格')}{names.ORDINALS[int(code[-2:]) - 1]}{part}", kind))
    return rows


def label_five_tiers(plan: Plan, town: Town) -> list[Labels]:
    """District 6 digits, sub-district 9, community 12, unit grid 15, self-governance group 17."""
    district, street = (plan.region[:6], "明湖区", TERRITORY), (plan.region, "明湖街道", TERRITORY)
    communities = [(f"{plan.region}{i + 1:03d}", name, TERRITORY) for i, name in enumerate(names.CITY_COMMUNITIES)]
    unit_codes = _of_parent(town.parents(3), _codes(communities), 3)
    units = [(code, f"{names.CITY_ESTATES[i]}单元网格", TERRITORY) for i, code in enumerate(unit_codes)]
    group_codes = _of_parent(town.parents(4), _codes(units), 2)
    groups = [
        (code, f"{units[p][1].removesuffix('单元网格')}第{names.ORDINALS[int(code[-2:]) - 1]}自治小组", TERRITORY)
        for code, p in zip(group_codes, town.parents(4), strict=True)
    ]
    return [[district], [street], communities, units, groups]


# 339921 and 339902 are county codes that GB/T 2260 does not assign; both places are invented.
DEMO = Plan(
    folder="demo",
    name="云溪县青芝镇",
    region="339921101",
    edge="镇界",
    households=19_600,
    ground=Ground(
        seed=3,
        lon=118.62,
        lat=29.28,
        shrink=0.8722,
        area_km2=86.0,
        cell_m=36.0,
        contrast=9.0,
        spacing_m=45.0,
        river="青芝溪",
        brook="柳浦港",
        road="青云公路",
        street="青芝大街",
    ),
    levels=(("一级网格", 16), ("二级网格", 65), ("三级网格", 180)),
    label=label_demo,
)
FIVE_TIERS = Plan(
    folder="five_tiers",
    name="明湖区明湖街道",
    region="339902001",
    edge="街道界",
    households=31_000,
    ground=Ground(
        seed=11,
        lon=116.95,
        lat=30.42,
        shrink=0.8623,
        area_km2=24.0,
        cell_m=19.0,
        contrast=3.0,
        spacing_m=30.0,
        river="明湖河",
        brook="东港",
        road="环湖路",
        street="明湖大街",
    ),
    levels=(("区", 1), ("街道", 1), ("社区", 12), ("单元网格", 56), ("自治小组", 142)),
    label=label_five_tiers,
)
PLANS = (DEMO, FIVE_TIERS)
