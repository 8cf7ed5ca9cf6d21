"""How an indicator is answered from counts: shares with their base, medians by rank, changes against another period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Protocol

from cases.indicators.figure import SMALL_BASE, Figure, Period, link_of
from cases.indicators.register import REGISTER, Indicator, Register

QUANTILES = {"median": 0.5, "p90": 0.9}
NO_BASE = "—"


class Counts(Protocol):
    """What is counted in one grid: how much of a set in a period, and the waiting times of a set, in minutes."""

    def total(self, name: str, period: Period) -> int:
        """How much of a set there is."""

    def waits(self, name: str, period: Period) -> Sequence[int]:
        """The waiting times of a set, in any order."""


def quantile(waits: Sequence[int], share: float) -> int | None:
    """The smallest waiting time that at least this share of all does not exceed (nearest rank); None without any."""
    ordered = sorted(waits)
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None


@dataclass(frozen=True, slots=True)
class _Made:
    value: float | None
    numerator: int
    base: int
    words: str


def answer(
    indicator: Indicator,
    grid: str,
    period: Period,
    counts: Counts,
    as_of: datetime,
    behind: int = 0,
    register: Register = REGISTER,
) -> Figure:
    """The figure of an indicator for a grid ("" for everywhere) and a period."""
    made = _MAKERS[indicator.kind](indicator, period, counts, register)
    is_small = indicator.kind != "count" and 0 < made.base < SMALL_BASE
    notes = [*(["基数小，仅供参考"] if is_small else []), *([f"另有 {behind} 条变动待计入"] if behind else [])]
    return Figure(
        indicator.id,
        indicator.name,
        made.value,
        made.base,
        made.numerator,
        indicator.unit,
        as_of,
        link_of(indicator.id, grid, period),
        "；".join([made.words, *notes]),
        register.definition(indicator),
        indicator.direction,
        grid,
        period,
        is_small,
        behind,
    )


def _sum(names: Sequence[str], period: Period, counts: Counts) -> int:
    return sum(counts.total(name, period) for name in names)


def _count(indicator: Indicator, period: Period, counts: Counts, _: Register) -> _Made:
    total = _sum(indicator.numerator, period, counts)
    return _Made(total, total, total, f"{total} {indicator.unit}")


def _rate(indicator: Indicator, period: Period, counts: Counts, register: Register) -> _Made:
    above, base = (_sum(names, period, counts) for names in (indicator.numerator, indicator.denominator))
    unit = register.sets[indicator.denominator[0]].unit
    if not base:
        return _Made(None, above, 0, f"{NO_BASE}（0 {unit}）")
    return _Made(above / base, above, base, f"{above / base * 100:.1f}%（{above}/{base} {unit}）")


def _mean(indicator: Indicator, period: Period, counts: Counts, register: Register) -> _Made:
    above, base = (_sum(names, period, counts) for names in (indicator.numerator, indicator.denominator))
    unit = register.sets[indicator.denominator[0]].unit
    if not base:
        return _Made(None, above, 0, f"{NO_BASE}（0 {unit}）")
    return _Made(above / base, above, base, f"{above / base:.2f} {indicator.unit}（{above}/{base}）")


def _wait(indicator: Indicator, period: Period, counts: Counts, register: Register) -> _Made:
    waits = [minutes for name in indicator.numerator for minutes in counts.waits(name, period)]
    value, per = quantile(waits, QUANTILES[indicator.kind]), register.sets[indicator.numerator[0]].per
    if value is None:
        return _Made(None, 0, 0, f"{NO_BASE}（0 {per}）")
    return _Made(value, value, len(waits), f"{time_words(value)}（{len(waits)} {per}）")


def _change(indicator: Indicator, period: Period, counts: Counts, register: Register) -> _Made:
    other = register[indicator.of]
    earlier = period.year_before if indicator.against == "year" else period.before
    now, before = (_sum(other.numerator, each, counts) for each in (period, earlier))
    told = f"本期 {now}，{'上年同期' if indicator.against == 'year' else '上期'} {before} {other.unit}"
    if not before:
        return _Made(None, now, 0, f"{NO_BASE}（{told}）")
    return _Made((now - before) / before, now - before, before, f"{(now - before) / before * 100:+.1f}%（{told}）")


_MAKERS = {"count": _count, "rate": _rate, "mean": _mean, "median": _wait, "p90": _wait, "change": _change}


def time_words(minutes: int) -> str:
    """Minutes as people say them: 45 分钟, 3.5 小时, 2.1 天."""
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes / 60:.1f} 小时" if minutes < 48 * 60 else f"{minutes / 1440:.1f} 天"
