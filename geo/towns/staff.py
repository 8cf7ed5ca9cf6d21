"""Who works in the demo town: grid workers, handling units, the duty roster. All invented."""

from collections.abc import Iterator, Sequence
from random import Random

from geo.towns import names
from geo.towns.records import Record

# Kind, name, categories it answers for beyond those its kind already does. The kinds are those of the responsibility
# list in the catalogue of categories.
# The county's own bodies here answer in the 区级大循环 too; the centre is the last resort of every loop.
COUNTY_KINDS = frozenset({"police", "court"})
TOWN_UNITS = (
    ("centre", "青芝镇综治中心", ()),
    ("police", "青芝派出所", ()),
    ("police", "云溪县交警大队青芝中队", ("city.parking", "dispute.traffic")),
    ("justice", "青芝司法所", ()),
    ("court", "云溪县人民法院青芝人民法庭", ()),
    ("petition", "青芝镇信访办", ()),
    ("urban", "青芝城管中队", ()),
    ("labour", "青芝人力社保所", ()),
    ("market", "青芝市场监管所", ()),
    ("land", "青芝自然资源所", ()),
    ("housing", "青芝镇村镇建设办", ("safety.water_cut",)),
    ("housing", "青芝镇物业管理科", ("dispute.property",)),
    ("emergency", "青芝镇应急管理站", ()),
    ("emergency", "青芝专职消防队", ("safety.fire", "safety.fire_exit", "safety.ebike")),
    ("environment", "青芝生态环境站", ()),
    ("civil", "青芝镇民政办", ()),
    ("health", "青芝镇中心卫生院", ()),
    ("women", "青芝镇妇联", ()),
    ("education", "青芝镇教育办", ()),
    ("utility", "青芝供电所", ("city.street_light", "safety.water_cut")),
)
POSTS = ("指挥长", "综合调度岗", "视频巡查岗", "信息研判岗", "事件流转岗")
SHIFTS: tuple[dict[str, str], ...] = (
    {"id": "day", "name": "白班", "from": "08:00", "to": "17:30"},
    {"id": "evening", "name": "晚班", "from": "17:30", "to": "23:00"},
    {"id": "night", "name": "夜班", "from": "23:00", "to": "08:00"},
)


def people(random: Random) -> Iterator[str]:
    """Invented names without end and without a repeat in the first thousands."""
    every = [surname + given for surname in names.SURNAMES for given in names.GIVEN_NAMES]
    random.shuffle(every)
    yield from every


def workers(second: Sequence[Record], names_left: Iterator[str], random: Random) -> list[dict[str, object]]:
    """One worker for each second-level grid; the first of each first-level grid leads."""
    led: set[str | None] = set()
    rows: list[dict[str, object]] = []
    for number, grid in enumerate(second, start=1):
        leads = grid.parent_code not in led
        led.add(grid.parent_code)
        role = "网格长" if leads else random.choices(("专职网格员", "兼职网格员"), (5, 1))[0]
        rows.append(
            {
                "id": f"W-{number:04d}",
                "name": next(names_left),
                "grid": grid.code,
                "phone": f"1380000{number:04d}",
                "skills": sorted(random.sample(names.SKILLS, random.choice((1, 2, 2, 3)))),
                "role": role,
            }
        )
    return rows


def units(first: Sequence[Record]) -> list[dict[str, object]]:
    """Town-wide units by their kind, then the mediation committee of each first-level grid."""
    town: list[dict[str, object]] = [
        {
            "id": f"U-{number:02d}",
            "name": name,
            "kind": kind,
            "area": "",
            "categories": list(categories),
            "loops": _loops(kind),
        }
        for number, (kind, name, categories) in enumerate(TOWN_UNITS, start=1)
    ]
    local: list[dict[str, object]] = [
        {
            "id": f"U-{number:02d}",
            "name": f"{grid.name}人民调解委员会",
            "kind": "mediation",
            "area": grid.code,
            "categories": ["dispute.neighbour", "dispute.marriage", "people.elder_care"],
            "loops": ["micro"],
        }
        for number, grid in enumerate(first, start=len(town) + 1)
    ]
    return [*town, *local]


def _loops(kind: str) -> list[str]:
    """The loops at which a town-wide unit answers; empty for each."""
    if kind == "centre":
        return []
    return ["small", "large"] if kind in COUNTY_KINDS else ["small"]


def duty(names_left: Iterator[str]) -> dict[str, object]:
    """The week's roster: who holds each post in each shift; `weekday` 0 is Monday."""
    crews = [[next(names_left) for _ in POSTS] for _ in range(7)]
    leaders = [next(names_left) for _ in range(7)]
    roster = [
        {
            "weekday": weekday,
            "shift": shift["id"],
            "post": post,
            "name": leaders[weekday] if post == "指挥长" else crews[(weekday + 2 * turn) % 7][place],
            "phone": f"138000{10 + place:02d}{(weekday + 2 * turn) % 7:02d}0",
        }
        for weekday in range(7)
        for turn, shift in enumerate(SHIFTS)
        for place, post in enumerate(POSTS)
    ]
    return {"posts": list(POSTS), "shifts": list(SHIFTS), "roster": roster}
