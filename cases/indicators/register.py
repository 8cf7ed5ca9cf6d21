"""The register of indicators: named sets of what is counted, and the figures made of them, as data (register.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from cases.indicators.narrowing import Narrowing

FILE = Path(__file__).parent / "register.toml"
KINDS = ("count", "rate", "mean", "median", "p90", "change")
BASES = ("received", "act")  # 批次口径, 发生口径
SOURCES = ("facts", "running", "now", "alerts_now", "alerts", "seats", "grids", "registers", "surveys")
TIMELESS = frozenset({"now", "alerts_now", "registers"})  # as it is when asked, whatever the period
OF_CASES = frozenset({"facts", "running", "now"})
DIRECTIONS = ("up", "down", "none")
PARTED = "received"  # the only set that storage can part (storage/received.py)
PARTS = frozenset({"category", "weekday", "hour", "address", "ring"})
# What counts typing or presence may stand in no formula (domain.md §0.4, L9): it rewards who types, not who settles.
REFUSED = ("录入", "打卡", "签到", "在线时长", "积分", "上报条数", "日志条数", "typed", "entries", "logins", "online")

Row = TypeVar("Row", "NamedSet", "Indicator")


class RegisterError(ValueError):
    """A register that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set that is counted. `day` says whose day counts: that of the receipt, or that of the act itself.

    `per` is the unit of what waits, where waiting times are kept: a case, a whistle, an alert.
    """

    id: str
    words: str
    unit: str
    day: str = "received"
    source: str = "facts"
    per: str = "件"


@dataclass(frozen=True, slots=True)
class Indicator:
    """How one figure is made. `of` names the indicator that a change compares, `against` the period: before or year.

    `parts` says by what its cases may be narrowed (fields of Narrowing); a part is the same figure of fewer cases.
    """

    id: str
    name: str
    kind: str
    words: str
    unit: str
    direction: str
    group: str
    source: str
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    of: str = ""
    against: str = ""
    target: float | None = None
    excludes: str = ""
    parts: tuple[str, ...] = ()

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets it reads, each once."""
        return tuple(dict.fromkeys((*self.numerator, *self.denominator)))

    def check_part(self, part: Narrowing) -> None:
        """ValueError for a part that this figure does not have."""
        unknown = [name for name in part.asked if name not in self.parts]
        if unknown:
            raise ValueError(f"{self.id} has no part by {', '.join(unknown)}")


@dataclass(frozen=True)
class Register:
    """All named sets and indicators, by id."""

    sets: Mapping[str, NamedSet]
    indicators: Mapping[str, Indicator]
    excludes: str

    def __getitem__(self, id: str) -> Indicator:
        """The indicator of an id; KeyError where there is none."""
        return self.indicators[id]

    def __contains__(self, id: object) -> bool:
        return id in self.indicators

    @cached_property
    def groups(self) -> Mapping[str, Sequence[Indicator]]:
        """The indicators by group, in the order of the register."""
        found: dict[str, list[Indicator]] = {}
        for each in self.indicators.values():
            found.setdefault(each.group, []).append(each)
        return found

    def is_received(self, indicator: Indicator) -> bool:
        """Whether all of an indicator's sets speak of cases by the day of their receipt."""
        return all(self.sets[name].day == "received" for name in indicator.sets)

    def is_timeless(self, indicator: Indicator) -> bool:
        """Whether a figure speaks of the moment of asking, whatever the period."""
        return bool(indicator.sets) and all(self.sets[name].source in TIMELESS for name in indicator.sets)

    def is_of_cases(self, indicator: Indicator) -> bool:
        """Whether there are cases behind a figure."""
        return all(self.sets[name].source in OF_CASES for name in indicator.sets)

    def definition(self, indicator: Indicator) -> str:
        """An indicator in words: what it is, of which sets, by whose day, and what is left out."""
        if indicator.kind == "change":
            other = self.indicators[indicator.of]
            return f"{indicator.words}。{self.definition(other)}"
        above, below = (_joined(self.sets[name].words for name in names) for names in _both(indicator))
        made = f"分子：{above}；分母：{below}" if below else f"口径：{above}"
        if self.is_timeless(indicator):
            day = "按问到的时刻计，与期间无关"
        elif self.is_of_cases(indicator):
            day = "按案件受理日归期" if self.is_received(indicator) else "按行为发生日归期"
        else:
            day = "按发生日归期"
        return f"{indicator.words}。{made}。{day}。{indicator.excludes or self.excludes}"


def _both(indicator: Indicator) -> tuple[Sequence[str], Sequence[str]]:
    return indicator.numerator, indicator.denominator


def _joined(words: Iterable[str]) -> str:
    return "，加上".join(each.removeprefix("其中") for each in words)


def read_register(path: Path = FILE) -> Register:
    """The register of a file; RegisterError names the row and what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sets = [NamedSet(**row) for row in content["set"]]
        indicators = [Indicator(**row | _tuples(row)) for row in content["indicator"]]
        excludes = str(content["excludes"])
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise RegisterError(f"{path.name}: {problem}") from problem
    register = Register(_by_id(path, sets), _by_id(path, indicators), excludes)
    for each in sets:
        _check_set(each)
    for one in indicators:
        _check(one, register)
    return register


def _tuples(row: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    said = {name: row.get(name, ()) for name in ("numerator", "denominator", "parts")}
    return {name: (names,) if isinstance(names, str) else tuple(names) for name, names in said.items()}  # type: ignore[arg-type]


def _by_id(path: Path, rows: Sequence[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        if row.id in found:
            raise RegisterError(f"{path.name}: {row.id} 出现两次 / twice")
        found[row.id] = row
    return found


def _check_set(each: NamedSet) -> None:
    banned = [word for word in REFUSED if word in each.id or word in each.words]
    if banned:
        raise RegisterError(f"{each.id}: “{banned[0]}”不得进入任何公式（录入量不作考核依据，domain.md §0.4、L9）")
    if each.day not in BASES or each.source not in SOURCES:
        raise RegisterError(f"{each.id}: day 须是 {BASES}，source 须是 {SOURCES}")


def _check(one: Indicator, register: Register) -> None:
    if one.kind not in KINDS or one.direction not in DIRECTIONS:
        raise RegisterError(f"{one.id}: kind 须是 {KINDS}，direction 须是 {DIRECTIONS}")
    banned = [word for word in REFUSED if word in one.id or word in one.name or word in one.words]
    if banned:
        raise RegisterError(f"{one.id}: “{banned[0]}”不得成为指标（domain.md §0.4、L9）")
    unknown = [name for name in one.sets if name not in register.sets]
    if unknown:
        raise RegisterError(f"{one.id}: 没有名为 {'、'.join(unknown)} 的集合 / unknown set")
    if set(one.parts) - PARTS or (one.parts and one.numerator != (PARTED,)):
        raise RegisterError(f"{one.id}: 只有集合 {PARTED} 可以细分，按 {'、'.join(sorted(PARTS))}")
    if one.kind == "change":
        _check_change(one, register)
    elif not one.numerator or (one.kind in ("rate", "mean")) != bool(one.denominator):
        raise RegisterError(f"{one.id}: 比率须有分子和分母，其他只有分子")
    elif one.kind == "rate" and len({register.sets[name].unit for name in one.sets}) > 1:
        raise RegisterError(f"{one.id}: 分子与分母的单位不同；件、次、人次是三个数")


def _check_change(one: Indicator, register: Register) -> None:
    other = register.indicators.get(one.of)
    if other is None or other.kind != "count" or one.against not in ("before", "year"):
        raise RegisterError(f"{one.id}: 同比环比须指明一个计数指标 of 和 against（before、year）")


REGISTER = read_register()
