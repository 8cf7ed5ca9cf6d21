"""月考评 of units, never of persons (domain.md L1–L4): a score from outcomes, a rank, and what the rules then propose.

The room proposes with its evidence; a person signs or refuses with a reason. What a person refused was never named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.indicators import REGISTER, Figure
from cases.model import Account, CaseNo, Role

FILE = Path(__file__).parent / "assessment.toml"


class AssessmentError(ValueError):
    """A table of weights that cannot be used, and why."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def read(cls, said: str) -> Month:
        """The month of `2026-11`; BadAction for anything else."""
        year, _, month = said.partition("-")
        if not (year.isdigit() and month.isdigit() and len(year) == 4 and 1 <= int(month) <= 12):
            raise BadAction("月份写成 2026-11", "month")
        return cls(int(year), int(month))

    @property
    def before(self) -> Month:
        """The month before."""
        return Month(self.year, self.month - 1) if self.month > 1 else Month(self.year - 1, 12)

    def since(self, other: Month) -> int:
        """How many months it lies after another."""
        return (self.year - other.year) * 12 + self.month - other.month

    def __str__(self) -> str:
        """2026-11."""
        return f"{self.year}-{self.month:02d}"

    @property
    def words(self) -> str:
        """2026 年 11 月."""
        return f"{self.year} 年 {self.month} 月"


@dataclass(frozen=True, slots=True)
class Weight:
    """How many points an indicator is worth."""

    indicator: str
    points: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The weights and the limits of the rules (assessment.toml)."""

    weights: tuple[Weight, ...]
    last: int = 3
    letters_running: int = 2
    veto_times: int = 3
    veto_includes: bool = True
    least_base: int = 5
    least_ranked: int = 6
    new_months: int = 1

    @property
    def veto_from(self) -> int:
        """From how many namings in a year on the veto may be proposed."""
        return self.veto_times if self.veto_includes else self.veto_times + 1


# the score --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """What one indicator gave: its share turned so that 1 is best, None without a base; and what opens its rows."""

    indicator: str
    name: str
    points: int
    share: float | None
    numerator: int
    base: int
    link: str
    is_small: bool = False

    @property
    def got(self) -> float:
        """The points it gave, 0 where it has no base."""
        return self.points * self.share if self.share is not None else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """A unit's month: of 100, over the indicators that have a base; None where none has. `base` counts its cases."""

    unit: str
    value: float | None
    base: int
    points: tuple[Point, ...] = ()
    excluded: int = 0


def score(unit: str, base: int, figures: Mapping[str, Figure], rules: Rules, excluded: int = 0) -> Score:
    """A unit's score from its figures; an indicator without a base gives its points to the others by their weight."""
    points = tuple(_point(weight, figures[weight.indicator]) for weight in rules.weights)
    based = [point for point in points if point.share is not None]
    weight = sum(point.points for point in based)
    value = round(100 * sum(point.got for point in based) / weight, 2) if weight else None
    return Score(unit, value, base, points, excluded)


def _point(weight: Weight, figure: Figure) -> Point:
    share = figure.value
    if share is not None and figure.direction == "down":
        share = 1 - share
    made = (figure.numerator, figure.base, figure.link, figure.is_small)
    return Point(weight.indicator, figure.name, weight.points, share, *made)


# the rank ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in a month: its rank from the top (1 is best; equal scores share one), or why it has none."""

    unit: str
    rank: int | None
    of: int
    value: float | None
    tied: int = 1
    is_last: bool = False
    why: str = ""

    @property
    def words(self) -> str:
        """Where it stands, with its ties, or why it stands nowhere."""
        if self.rank is None:
            return self.why
        tie = f"（{self.tied} 个单位并列）" if self.tied > 1 else ""
        return f"第 {self.rank} 位，共 {self.of} 个{tie}"


Table = Mapping[str, Place]


def rank(scores: Sequence[Score], month: Month, rules: Rules, founded: Mapping[str, Month] | None = None) -> Table:
    """The places of a month. The last ones are those with fewer than `last` units worse than they.

    Units that tie at that border are all among the last, and their words say that they tie: a person decides. Whom
    fewer than `last` units surpass is never among them (all may tie), and of too few ranked units none is.
    """
    reasons = {each.unit: _unranked(each, month, rules, founded or {}) for each in scores}
    ranked = {each.unit: each.value for each in scores if not reasons[each.unit] and each.value is not None}
    places = {}
    for each in scores:
        if each.unit not in ranked:
            places[each.unit] = Place(each.unit, None, len(ranked), each.value, why=reasons[each.unit])
            continue
        value = ranked[each.unit]
        better, worse = (sum(_beats(a, b) for a, b in pairs) for pairs in _pairs(value, ranked))
        is_last = worse < rules.last <= better and len(ranked) >= rules.least_ranked
        tied = len(ranked) - better - worse
        places[each.unit] = Place(each.unit, better + 1, len(ranked), value, tied, is_last)
    return places


def _pairs(value: float, ranked: Mapping[str, float]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    others = list(ranked.values())
    return [(other, value) for other in others], [(value, other) for other in others]


def _beats(one: float, other: float) -> bool:
    return one > other


def _unranked(each: Score, month: Month, rules: Rules, founded: Mapping[str, Month]) -> str:
    """Why a unit is not ranked in a month; "" where it is."""
    began = founded.get(each.unit)
    if began is not None and month.since(began) < rules.new_months:
        return f"{began.words}设立，{'尚未设立' if month < began else '新设'}，不参加排名"
    if each.base < rules.least_base:
        return f"当月受理 {each.base} 件，少于 {rules.least_base} 件，不参加排名"
    return "各项指标均无基数，不参加排名" if each.value is None else ""


# what the rules propose -------------------------------------------------------------------------------------


class Measure(StrEnum):
    """提醒函 蹲点指导 挂牌督办 一票否决（符合条件）, in the order of their weight."""

    LETTER = "letter"
    GUIDANCE = "guidance"
    LISTED = "listed"
    VETO = "veto"


MEASURE_NAMES = {
    Measure.LETTER: "工作提醒函",
    Measure.GUIDANCE: "蹲点指导",
    Measure.LISTED: "挂牌督办",
    Measure.VETO: "符合平安建设一票否决条件",
}
RULES_OF = {Measure.LETTER: "L1", Measure.GUIDANCE: "L2", Measure.LISTED: "L3", Measure.VETO: "L4"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose for a unit after a month, and the months that are its evidence with their places."""

    month: Month
    unit: str
    measure: Measure
    evidence: tuple[tuple[Month, Place], ...]
    words: str

    @property
    def key(self) -> str:
        """`2026-11/330106/letter`."""
        return f"{self.month}/{self.unit}/{self.measure}"


Named = Callable[[Month, str], bool]


def proposals(
    tables: Mapping[Month, Table], month: Month, rules: Rules, refused: Collection[tuple[Month, str]] = ()
) -> tuple[Proposal, ...]:
    """What the rules propose after `month`, by unit, from the places of all months up to it.

    `refused` are the namings that a person refused: they are no part of a run or of a year's count.
    """

    def named(at: Month, unit: str) -> bool:
        return at in tables and unit in tables[at] and tables[at][unit].is_last and (at, unit) not in refused

    units = [unit for unit in sorted(tables.get(month, {})) if named(month, unit)]
    return tuple(each for unit in units for each in _of_unit(unit, tables, month, rules, named))


def _of_unit(unit: str, tables: Mapping[Month, Table], month: Month, rules: Rules, named: Named) -> list[Proposal]:
    def propose(measure: Measure, months: Sequence[Month], words: str) -> Proposal:
        return Proposal(month, unit, measure, tuple((each, tables[each][unit]) for each in months), words)

    run, year = _run(unit, month, named), _year(unit, month, named)
    place = tables[month][unit]
    made = [
        propose(Measure.LETTER, [month], f"{month.words}考评{place.words}，列后 {rules.last} 位"),
        propose(Measure.GUIDANCE, [month], f"{month.words}被通报"),
    ]
    if len(run) >= rules.letters_running:
        made.append(propose(Measure.LISTED, run, f"连续 {len(run)} 个月被通报：{_listed(run)}"))
    if len(year) >= rules.veto_from:
        made.append(propose(Measure.VETO, year, f"{month.year} 年内累计被通报 {len(year)} 次：{_listed(year)}"))
    return made


def _run(unit: str, month: Month, named: Named) -> list[Month]:
    """The months up to this one, without a gap, in which the unit was named; a run may cross the new year."""
    run: list[Month] = []
    while named(month, unit):
        run.insert(0, month)
        month = month.before
    return run


def _year(unit: str, month: Month, named: Named) -> list[Month]:
    return [at for at in (Month(month.year, n) for n in range(1, month.month + 1)) if named(at, unit)]


def _listed(months: Sequence[Month]) -> str:
    return "、".join(str(month) for month in months)


# a person's word --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person signed a proposal or refused it; it is given once and stays."""

    key: str
    is_signed: bool
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Objection:
    """异议: a unit asks that a case be left out of its month; a leader upholds it or not."""

    month: Month
    unit: str
    case: CaseNo
    why: str
    by: str
    at: datetime
    upheld: bool | None = None
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    ruled_why: str = ""


def rule(
    proposal: Proposal, signed: bool, account: Account, why: str, now: datetime, so_far: Collection[str]
) -> Ruling:
    """Sign or refuse a proposal. Raises NotAllowed, BadAction (no reason), IllegalAction (ruled on already)."""
    if account.role is not Role.LEADER or account.disabled:
        raise NotAllowed("考评建议由领导签署或不予采纳")
    if not why.strip():
        raise BadAction("签署或不予采纳都须写明理由", "why")
    if proposal.key in so_far:
        raise IllegalAction("这条建议已有处理结果，不能再改", "action")
    return Ruling(proposal.key, signed, account.name, now, why.strip())


def refused_namings(rulings: Collection[Ruling]) -> frozenset[tuple[Month, str]]:
    """The (month, unit) whose reminder letter a person refused: they were not named."""
    parts = [ruling.key.split("/") for ruling in rulings if not ruling.is_signed]
    return frozenset((Month.read(month), unit) for month, unit, measure in parts if measure == Measure.LETTER)


# the table --------------------------------------------------------------------------------------------------


def read_rules(path: Path = FILE) -> Rules:
    """The weights of a file; AssessmentError names what is wrong: an indicator that is no share, points not 100."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        weights = tuple(Weight(**row) for row in content.pop("weight"))
        rules = Rules(weights, **content)
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise AssessmentError(f"{path.name}: {problem}") from problem
    wrong = [each.indicator for each in weights if each.indicator not in REGISTER or _is_no_share(each)]
    if wrong or not weights or sum(each.points for each in weights) != 100:
        raise AssessmentError(f"{path.name}: {'、'.join(wrong) or 'the points'} (shares of the register, 100 points)")
    return rules


def _is_no_share(weight: Weight) -> bool:
    indicator = REGISTER[weight.indicator]
    return indicator.kind != "rate" or indicator.direction == "none" or weight.points <= 0


RULES = read_rules()
