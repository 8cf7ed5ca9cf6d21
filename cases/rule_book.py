"""Alert rules as data: what a file of them may say, each rule checked, a room's own file laid over the defaults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from cases.model import AlertLevel
from cases.rule_values import TAKES, Around, Point, among, flag, text, words
from cases.rule_watch import Timing

FILE = Path(__file__).parent / "alert_rules.toml"
LONGEST_CLEARING = timedelta(minutes=15)
_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class RuleError(ValueError):
    """A file of alert rules that cannot be used: which rule, which key, and what it takes."""


class Kind(StrEnum):
    """What a rule watches."""

    SOS = "sos"
    DEADLINE = "deadline"
    CLUSTER = "cluster"
    SILENCE = "silence"
    DWELL = "dwell"


@dataclass(frozen=True, slots=True)
class Cluster:
    """So many reports of one category in one grid within a span; it clears below `clear_below`."""

    count: int
    within: timedelta
    clear_below: int
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """No message from one of these devices; `hours` are minutes of the local day in which silence counts."""

    devices: tuple[str, ...] = ()
    hours: tuple[int, int] = (0, 1440)


@dataclass(frozen=True, slots=True)
class Sos:
    """A worker calls for help."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A case is late; empty selectors fit every case."""

    severities: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dwell:
    """A worker on duty stays within a fence; for his safety only (国办函〔2026〕12号: tracks else are barred).

    The fence is a circle (lon, lat, metres) or a ring of points, WGS-84, or lies around the places that a register has
    under a number or a type. A fix worse than `accuracy_m` or of unknown
    accuracy does not count; out is who is more than `leave_m` outside; `gap` without a fix tells nothing.
    """

    purpose: str
    accuracy_m: float
    leave_m: float = 20.0
    gap: timedelta = timedelta(minutes=10)
    circle: tuple[float, float, float] | None = None
    ring: tuple[Point, ...] = ()
    around: Around | None = None


Option = Cluster | Silence | Sos | Deadline | Dwell
_COMMON = ("kind", "words", "level", "on", "area")
OPTIONS: Mapping[Kind, type[Any]] = {
    Kind.CLUSTER: Cluster,
    Kind.SILENCE: Silence,
    Kind.SOS: Sos,
    Kind.DEADLINE: Deadline,
    Kind.DWELL: Dwell,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it watches, what its alerts are called, and its times."""

    id: str
    kind: Kind
    words: str
    level: AlertLevel
    on: bool
    option: Option
    timing: Timing = Timing()
    area: str = ""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules by id, those that are off included."""

    rules: Mapping[str, Rule]

    def watching(self, kind: Kind) -> list[Rule]:
        """The rules of a kind that are on."""
        return [rule for rule in self.rules.values() if rule.on and rule.kind is kind]

    def is_on(self, rule: str) -> bool:
        """Whether there is such a rule and it is on."""
        return rule in self.rules and self.rules[rule].on


def read_rules(own: Path | None = None, has_grid: Callable[[str], bool] = lambda code: True) -> RuleBook:
    """The default rules with a room's own file laid over them, key by key.

    RuleError is one line that names the file, the rule and the key. `has_grid` says whether a code is a grid's.
    """
    tables = _tables(FILE)
    for name, table in (_tables(own) if own is not None else {}).items():
        tables[name] = tables.get(name, {}) | table
    rules = {}
    for name, table in tables.items():
        where = f"{(own or FILE).name} [rules.{name}]"
        try:
            rules[name] = _rule(name, table, has_grid)
        except (ValueError, TypeError) as problem:
            raise RuleError(f"{where}: {problem}") from problem
    return RuleBook(rules)


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise RuleError(f"{path.name}: {reason}") from problem
    unknown = set(data) - {"rules"}
    rules = data.get("rules", {})
    if unknown or not isinstance(rules, dict) or not all(isinstance(each, dict) for each in rules.values()):
        raise RuleError(
            f"{path.name}: only tables [rules.NAME] belong here, not {', '.join(sorted(unknown)) or 'rules'}"
        )
    return rules


# one rule ---------------------------------------------------------------------------------------------------


def _rule(name: str, table: Mapping[str, Any], has_grid: Callable[[str], bool]) -> Rule:
    if not _ID.fullmatch(name):
        raise ValueError("a rule's name is made of a–z, 0–9, - and _, at most 32")
    kind = among(Kind)("kind", table.get("kind"))
    option = OPTIONS[kind]
    known = {*_COMMON, *(each.name for each in fields(Timing)), *(each.name for each in fields(option))}
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            raise ValueError(f"{key} is not a key of kind {kind}{f', did you mean {near[0]}' if near else ''}")
    area = text("area", table.get("area", ""))
    if area and not has_grid(area):
        raise ValueError(f"area: there is no grid {area}")
    made = Rule(
        name,
        kind,
        words("words", table.get("words")),
        among(AlertLevel)("level", table.get("level")),
        flag("on", table.get("on", True)),
        _filled(option, table),
        _filled(Timing, table),
        area,
    )
    _sound(made)
    return made


def _filled(option: type[Any], table: Mapping[str, Any]) -> Any:
    return option(**{each.name: _value(each, table) for each in fields(option) if _is_given(each, table)})


def _is_given(each: Field[Any], table: Mapping[str, Any]) -> bool:
    if each.name not in table and each.default is MISSING:
        raise ValueError(f"{each.name} is missing")
    return each.name in table


def _value(each: Field[Any], table: Mapping[str, Any]) -> object:
    return TAKES[each.name](each.name, table[each.name])


def _sound(rule: Rule) -> None:
    """What no single key can say."""
    option = rule.option
    if rule.area and isinstance(option, Silence):
        raise ValueError("area: a device that is silent is nowhere, name the devices instead")
    if isinstance(option, Cluster) and option.clear_below > option.count:
        raise ValueError("clear_below must not be more than count, or it would ring and clear at once")
    if isinstance(option, Silence) and rule.on and not option.devices:
        raise ValueError("devices is empty: name those that must not fall silent, or set on = false")
    if isinstance(option, Silence) and not rule.timing.lasting:
        raise ValueError("lasting must be more than 0s")
    if isinstance(option, Silence) and rule.timing.clear_after > LONGEST_CLEARING:
        raise ValueError("clear_after of a silence is at most 15min")
    if isinstance(option, Dwell) and sum(map(bool, (option.circle, option.ring, option.around))) != 1:
        raise ValueError("a fence is one of circle, ring and around")
    if isinstance(option, Dwell) and option.purpose != "safety":
        raise ValueError('purpose must be "safety": a worker\'s stay is watched for his own safety only')
