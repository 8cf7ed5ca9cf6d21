"""What is reported in the town: for each day the same seed tells the same 200–400 reports and a few alerts.

A report has a rhythm (few at night, peaks from 9 to 11 and from 15 to 17, quieter weekends), may come from one of the
month's hot spots, may be told again by another channel, and may arrive late, so that messages come out of order.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from cases.calendar import LOCAL
from feeds.demo.matters import AlertKind, Matter, Matters, Voice, read_matters
from feeds.demo.town import Address, Town

# Shares of a day's reports by local hour.
_WORKDAY = (4, 2, 2, 1, 2, 5, 14, 32, 52, 78, 82, 60, 36, 38, 52, 74, 72, 54, 40, 38, 34, 26, 16, 8)
_WEEKEND = (6, 4, 3, 2, 2, 4, 10, 22, 38, 52, 56, 48, 36, 34, 42, 52, 54, 50, 46, 46, 42, 34, 22, 12)
_COUNTS = (315, 298, 292, 295, 308, 262, 238)  # reports on an ordinary Monday … Sunday
_HOT = 0.14  # share of reports from a hot spot
_RETOLD = 0.035  # share of reports that another channel tells again
_LATE = 0.05  # share that a phone without network holds back
_METRES = 1 / 111_000  # degrees of latitude in a metre

_HOT_KINDS = (
    ("city.street_trade", "environment.smoke", "environment.noise"),
    ("dispute.property", "city.parking", "safety.fire_exit"),
    ("environment.dust", "environment.noise", "safety.work"),
    ("safety.ebike", "environment.rubbish", "dispute.neighbour"),
)
_SHOPS = (
    "小超市",
    "烧烤店",
    "快餐店",
    "奶茶店",
    "早餐铺",
    "五金店",
    "健身房",
    "美发店",
    "棋牌室",
    "汽修店",
    "水果店",
    "面馆",
    "服装店",
    "洗车行",
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余"
_TITLES = ("女士", "先生", "师傅", "阿姨", "大爷", "某")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing told to the room. `body` is the wire's frame without `type`, `id` and `at` (protocol.md §1)."""

    id: str
    kind: str  # report | alert
    at: datetime
    sent_at: datetime
    body: Mapping[str, object]

    @property
    def frame(self) -> dict[str, object]:
        """The whole frame, its time with the local zone."""
        return {"type": self.kind, "id": self.id, "at": self.at.astimezone(LOCAL).isoformat(), **self.body}


@dataclass(frozen=True)
class Story:
    """Tells any day of the town; keeps nothing but what it was made of."""

    town: Town
    seed: int = 1
    words: Matters = read_matters()

    def day(self, day: date) -> list[Happening]:
        """All of a local day, in the order in which it reaches the room."""
        random = Random(f"{self.seed}:{day.isoformat()}")
        teller = _Teller(self, random, day)
        reports = [teller.report(teller.moment()) for _ in range(self._count(day, random))]
        retold = [teller.again(r) for r in reports if random.random() < _RETOLD]
        alerts = [teller.alert(teller.moment(even=True)) for _ in range(random.randint(8, 16))]
        return _numbered([*reports, *retold, *alerts], day.strftime("%Y%m%d"))

    def opening(self, now: datetime, count: int = 10) -> list[Happening]:
        """A few reports and two alerts of this minute, so that who comes in sees the room at work, at night as well."""
        random = Random(f"{self.seed}:{now.timestamp()}")
        teller = _Teller(self, random, now.astimezone(LOCAL).date())
        told: list[Happening] = []
        at = now
        for _ in range(count):
            at += timedelta(seconds=random.uniform(3, 12))
            told.append(replace(teller.report(at), at=at - timedelta(seconds=2), sent_at=at))
        calls = [teller.alert(now + timedelta(seconds=after)) for after in (14, 50)]
        return _numbered([*told, *calls], f"open{int(now.timestamp())}")

    def hot_spots(self, day: date) -> list[tuple[Address, tuple[str, ...]]]:
        """The month's hot spots: an address and the categories it is known for."""
        random = Random(f"{self.seed}:hot:{day.year}-{day.month}")
        return list(zip(random.sample(self.busy_addresses, len(_HOT_KINDS)), _HOT_KINDS, strict=True))

    @cached_property
    def busy_addresses(self) -> Sequence[Address]:
        """Addresses for hot spots; the whole list where a town is very small."""
        return self.town.addresses * (len(_HOT_KINDS) // max(1, len(self.town.addresses)) + 1)

    def _count(self, day: date, random: Random) -> int:
        return max(210, min(370, round(_COUNTS[day.weekday()] * random.gauss(1.0, 0.06))))


class _Teller:
    """One day's narrator: draws what happens, where and in which words; no text comes twice."""

    def __init__(self, story: Story, random: Random, day: date) -> None:
        self._town, self._words, self._random, self._day = story.town, story.words, random, day
        self._hot = story.hot_spots(day)
        self._by_category = {m.category: m for m in story.words.matters}
        self._said: set[str] = set()

    def moment(self, even: bool = False) -> datetime:
        """An instant of the day by its rhythm, or evenly spread."""
        shares = _WEEKEND if self._day.weekday() >= 5 else _WORKDAY
        hour = self._random.randrange(24) if even else self._random.choices(range(24), shares)[0]
        second = self._random.random() * 3600
        return datetime.combine(self._day, time(hour), LOCAL) + timedelta(seconds=second)

    def report(self, at: datetime) -> Happening:
        """Something new."""
        hour = at.astimezone(LOCAL).hour
        voices, shares = self._words.speaking(hour)
        voice = self._random.choices(voices, shares)[0]
        matter = self._random.choices(*self._words.options[voice.channel, hour])[0]
        address = self._random.choice(self._town.addresses)
        if not voice.only and self._random.random() < _HOT:
            address, kinds = self._random.choice(self._hot)
            matter = self._by_category[self._random.choice(kinds)]
        return self._tell(at, voice, matter, address)

    def again(self, first: Happening) -> Happening:
        """The same event, told a little later by another channel in other words, from a few metres away."""
        at = first.at + timedelta(minutes=self._random.uniform(1, 40))
        matter = self._by_category[str(first.body["category"])]
        voices, shares = self._words.speaking(at.astimezone(LOCAL).hour)
        fitting = [
            (voice, share)
            for voice, share in zip(voices, shares, strict=True)
            if voice.channel != first.body["channel"] and (not voice.only or matter.category in voice.only)
        ]
        voice = self._random.choices([v for v, _ in fitting], [share for _, share in fitting])[0]
        lon, lat = float(str(first.body["lon"])), float(str(first.body["lat"]))
        told = self._tell(at, voice, matter, Address(str(first.body["address"]), lon, lat, ""))
        return replace(told, body={**told.body, "severity": first.body["severity"]})

    def alert(self, at: datetime) -> Happening:
        """A camera or a sensor calls."""
        kind: AlertKind = self._random.choice(self._words.alerts)
        address = self._random.choice(self._town.addresses)
        lon, lat = self._near(address, 8)
        level = self._random.choices(("red", "orange", "yellow", "blue"), kind.levels)[0]
        text = self._fill(self._random.choice(kind.texts), self._slots(address, at))
        body: dict[str, object] = {"level": level, "source": kind.origin, "kind": kind.kind, "text": text}
        body |= {"lon": lon, "lat": lat, "crs": "wgs84"}
        return Happening("", "alert", at, at + timedelta(seconds=self._random.uniform(1, 4)), body)

    def _tell(self, at: datetime, voice: Voice, matter: Matter, address: Address) -> Happening:
        title, text = self._unsaid(at, voice, matter, address)
        lon, lat = self._near(address, 14)
        body: dict[str, object] = {
            "channel": voice.channel,
            "category": matter.category,
            "title": title,
            "text": text,
            "lon": lon,
            "lat": lat,
            "crs": "wgs84",
            "accuracy_m": round(self._random.uniform(4, 35), 1),
            "address": address.text,
            "severity": self._random.choices((1, 2, 3, 4), matter.severities)[0],
        }
        if self._random.random() < 0.3:
            body["people"] = self._random.choices((1, 2, 3, 5, 12, 30), (30, 35, 20, 10, 4, 1))[0]
        return Happening("", "report", at, at + self._delay(voice), body | self._teller_of(voice, address))

    def _unsaid(self, at: datetime, voice: Voice, matter: Matter, address: Address) -> tuple[str, str]:
        while True:
            slots = self._slots(address, at)
            headline, words = voice.says.get(matter.category) or self._random.choice(matter.phrases)
            title, body = self._fill(headline, slots), self._fill(words, slots)
            text = f"{self._random.choice(voice.opens)}{address.text}，{body}{self._random.choice(voice.closes)}"
            if text not in self._said:
                self._said.add(text)
                return title, text

    def _teller_of(self, voice: Voice, address: Address) -> dict[str, object]:
        """Who tells: the grid's worker, or an invented person; a monitor and a sensor have no name."""
        if voice.channel in ("grid_worker", "patrol"):
            worker = self._town.worker_of.get(address.grid)
            return {"worker": worker} if worker else {}
        if voice.channel in ("video", "iot", "superior", "emergency", "other"):
            return {}
        if voice.channel == "supervision" or self._random.random() < 0.12:
            return {"reporter": {"name": "", "phone": "", "anonymous": True}}
        phone = f"1380000{self._random.randrange(10_000):04d}"
        return {"reporter": {"name": self._person(), "phone": phone, "anonymous": False}}

    def _delay(self, voice: Voice) -> timedelta:
        if voice.channel in ("grid_worker", "citizen", "patrol") and self._random.random() < _LATE * 2:
            return timedelta(minutes=self._random.uniform(10, 180))
        usual = {"letter": 3600.0, "superior": 1200.0, "hotline": 240.0, "video": 8.0, "iot": 3.0}
        return timedelta(seconds=self._random.uniform(0.2, 1.0) * usual.get(voice.channel, 60.0))

    def _near(self, address: Address, metres: float) -> tuple[float, float]:
        lon = address.lon + self._random.gauss(0, metres) * _METRES * 1.15
        lat = address.lat + self._random.gauss(0, metres) * _METRES
        return round(lon, 7), round(lat, 7)

    def _person(self) -> str:
        return self._random.choice(_SURNAMES) + self._random.choice(_TITLES)

    def _slots(self, address: Address, at: datetime) -> dict[str, str]:
        random = self._random
        return {
            "addr": address.text,
            "door": _door(address.text, random),
            "when": _part_of_day(at, random),
            "n": str(random.randint(2, 9)),
            "many": str(random.randint(10, 60)),
            "days": str(random.randint(3, 20)),
            "shop": random.choice(_SHOPS),
            "yuan": str(random.choice((260, 380, 600, 850, 1200, 2400, 3600, 5800, 8000, 12000, 26000))),
            "sum": f"{random.choice((1.2, 1.8, 2.6, 3.5, 4.8, 6.4, 9.0, 15.0)):g}",
            "who": self._person(),
            "age": str(random.randint(4, 11)),
        }

    def _fill(self, template: str, slots: Mapping[str, str]) -> str:
        if "老人" in template:
            slots = {**slots, "age": str(self._random.randint(68, 91))}
        return template.format_map(slots)


def _door(address: str, random: Random) -> str:
    """Which door of the place: a staircase of the building named, a house of a village, else a building."""
    if "室" in address:
        return "同单元"
    if "幢" in address:
        return f"{random.randint(1, 4)}单元"
    if "村" in address or "组" in address:
        return f"{random.randint(2, 60)}号屋"
    return f"{random.randint(1, 18)}幢{random.randint(1, 4)}单元"


def _part_of_day(at: datetime, random: Random) -> str:
    hour = at.astimezone(LOCAL).hour
    if hour < 5:
        return random.choice(("凌晨", "半夜", f"凌晨{max(hour, 1)}点左右"))
    if hour < 11:
        return random.choice(("今早", "早上", "昨晚", f"上午{hour}点左右"))
    if hour < 14:
        return random.choice(("中午", "今天上午", "午休时间"))
    if hour < 18:
        return random.choice(("下午", "今天下午", f"下午{hour - 12}点左右"))
    return random.choice(("晚上", "今晚", "傍晚", f"晚上{hour - 12}点左右"))


def _numbered(told: list[Happening], prefix: str) -> list[Happening]:
    """In the order of arrival, with ids that stay the same for the same seed and day."""
    ordered: list[tuple[datetime, int, Happening]] = []
    for order, happening in enumerate(told):
        insort(ordered, (happening.sent_at, order, happening), key=lambda entry: entry[:2])
    return [replace(happening, id=f"{prefix}-{n:04d}") for n, (_, _, happening) in enumerate(ordered, 1)]
