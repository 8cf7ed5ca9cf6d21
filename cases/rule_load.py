"""How heavily alerts lie on a seat: against EEMUA 191 and ISA-18.2 (reliability.md §2.2), one matter counted once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.alarms import ALONE
from cases.model import AlertLevel

PERIOD = timedelta(minutes=10)
MOST_ON_AVERAGE, MOST_AT_ONCE = 1.0, 10  # calls in a period: EEMUA 191's manageable mean, and where a flood begins
MOST_IN_FLOOD = 0.01  # share of the periods, ISA-18.2


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert as a load: when, how grave, where (codes outermost first), and what makes it one matter with others."""

    at: datetime
    level: AlertLevel
    grids: tuple[str, ...]
    matter: Hashable


@dataclass(frozen=True, slots=True)
class Burden:
    """The load of a span: alerts in all, calls (red and orange, one a matter), and how they crowd."""

    alerts: int
    calls: int
    mean: float  # calls a period
    peak: int  # most calls in any ten minutes
    flooded: float  # share of the periods with more than ten

    @property
    def is_bearable(self) -> bool:
        """Whether a seat can carry it by all three figures."""
        return self.mean <= MOST_ON_AVERAGE and self.peak <= MOST_AT_ONCE and self.flooded <= MOST_IN_FLOOD


def burden(alerts: Iterable[Raised], since: datetime, until: datetime, same: timedelta) -> Burden:
    """The load of alerts in [since, until); those of one matter within `same` of the one before call once."""
    ordered = sorted((each for each in alerts if since <= each.at < until), key=lambda each: each.at)
    calls = _calls(ordered, same)
    periods = max(1, -(-(until - since) // PERIOD))
    crowded: dict[int, int] = {}
    for at in calls:
        crowded[(at - since) // PERIOD] = crowded.get((at - since) // PERIOD, 0) + 1
    floods = sum(count > MOST_AT_ONCE for count in crowded.values())
    return Burden(len(ordered), len(calls), len(calls) / periods, _peak(calls), floods / periods)


def _calls(ordered: Sequence[Raised], same: timedelta) -> list[datetime]:
    last: dict[Hashable, datetime] = {}
    calls: list[datetime] = []
    for each in ordered:
        before = last.get(each.matter)
        last[each.matter] = each.at
        if each.level in ALONE and (before is None or each.at - before > same):
            calls.append(each.at)
    return calls


def _peak(calls: Sequence[datetime]) -> int:
    most = first = 0
    for last, at in enumerate(calls):
        while at - calls[first] >= PERIOD:
            first += 1
        most = max(most, last - first + 1)
    return most


def burden_words(load: Burden) -> str:
    """The figures beside the bounds, and the verdict."""
    return (
        f"预警 {load.alerts} 条，呼叫 {load.calls} 次；每 10 分钟平均 {load.mean:.2f}（≤ {MOST_ON_AVERAGE:g}），"
        f"最多 {load.peak}（≤ {MOST_AT_ONCE}），洪峰时段 {load.flooded:.1%}（≤ {MOST_IN_FLOOD:.0%}）："
        f"{'可以承受' if load.is_bearable else '过重'}"
    )
