"""The agenda that the room proposes for a meeting: whom to call and why, from rules (domain.md M1–M4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.calendar import LOCAL
from cases.model import Alert, AlertLevel, AlertState, Case, Difficulty, Standing, State, Whistle

FIGURES: Mapping[str, tuple[str, int]] = {
    "red": ("now_red", 1),
    "late": ("now_late", 1),
    "whistles": ("now_silent", 1),
    "hard": ("now_hard", 1),
    "repeats": ("now_repeat", 1),
    "returned": ("now_returned", 1),
    "open_today": ("open", 1),
    "rising": ("received", 7),
}
"""By the part's key: the indicator that counts it, and over how many days up to today."""

RISING_LEAST, RISING_TIMES = 5, 1.5  # so many in a week, and so many times the usual week


@dataclass(frozen=True, slots=True)
class Matters:
    """What is to be spoken of in one grid, read at one moment; `usual` is four weeks' mean, None without a past."""

    cases: Sequence[Case] = ()  # open, exercises left out
    whistles: Sequence[Whistle] = ()  # unanswered or not arrived at
    alerts: Sequence[Alert] = ()
    repeats: frozenset[str] = frozenset()  # of the cases, those that came again
    week: int = 0
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an agenda for one grid: how many, and the reason in words with their base."""

    key: str
    title: str
    count: int
    reason: str
    cases: tuple[str, ...] = ()

    @property
    def figure(self) -> tuple[str, int]:
        """The indicator of the register that counts this part, and over how many days up to today; "" where none."""
        return FIGURES.get(self.key, ("", 1))


@dataclass(frozen=True, slots=True)
class Item:
    """A grid to be called and why; `grid` is its code."""

    grid: str
    parts: tuple[Part, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "；".join(part.reason for part in self.parts) or "没有需要调度的事项"


Tells = Callable[[Matters, datetime], Part | None]
Fits = Callable[[Case, Matters], bool]
Says = Callable[[Sequence[Case], datetime], str]


def _of(key: str, title: str, fits: Fits, says: Says) -> Tells:
    def tell(matters: Matters, now: datetime) -> Part | None:
        found = [case for case in matters.cases if fits(case, matters)]
        return Part(key, title, len(found), says(found, now), tuple(case.no for case in found)) if found else None

    return tell


def _late_words(cases: Sequence[Case], now: datetime) -> str:
    oldest = min((case.due_at for case in cases if case.due_at), default=now)
    return f"超时 {len(cases)} 件，最久 {_span(now - oldest)}"


def _whistles(matters: Matters, now: datetime) -> Part | None:
    silent = [each for each in matters.whistles if each.answered_at is None and now > each.answer_by]
    if not silent:
        return None
    units = len({each.unit for each in silent})
    cases = tuple(dict.fromkeys(each.case for each in silent))
    return Part("whistles", "未应哨", len(silent), f"未应哨 {len(silent)} 次（{units} 个单位）", cases)


def _red(matters: Matters, now: datetime) -> Part | None:
    red = [a for a in matters.alerts if a.level is AlertLevel.RED and a.state is AlertState.NEW]
    if not red:
        return None
    oldest = min(alert.received_at for alert in red)
    return Part("red", "红色预警", len(red), f"红色预警 {len(red)} 条未确认，最久 {_span(now - oldest)}")


def _rising(matters: Matters, now: datetime) -> Part | None:
    if matters.usual is None or matters.week < max(RISING_LEAST, RISING_TIMES * matters.usual):
        return None
    return Part("rising", "上升", matters.week, f"近七日受理 {matters.week} 件，前四周周均 {matters.usual:.1f} 件")


def _is_late(case: Case, matters: Matters) -> bool:
    return case.standing is Standing.OVERDUE and case.state is not State.SUSPENDED


TELLS: Mapping[str, Tells] = {
    "red": _red,
    "late": _of("late", "超时未结", _is_late, _late_words),
    "whistles": _whistles,
    "hard": _of(
        "hard", "疑难", lambda case, _: case.difficulty is Difficulty.HARD, lambda found, _: f"疑难 {len(found)} 件"
    ),
    "repeats": _of("repeats", "重复", lambda case, m: case.no in m.repeats, lambda found, _: f"重复 {len(found)} 件"),
    "returned": _of(
        "returned", "退单", lambda case, _: case.state is State.RETURNED, lambda found, _: f"退单 {len(found)} 件"
    ),
    "open_today": _of(
        "open_today", "今日未结", lambda case, _: True, lambda found, now: f"今日受理未结 {_today(found, now)} 件"
    ),
    "rising": _rising,
}
"""What each part of an agenda is made from; the other parts (lookback, assessment, case) have no grid of their own."""

COMMON = {"lookback": "上次议定事项回头看", "assessment": "月度考评", "case": "本案"}


def propose(keys: Sequence[str], by_grid: Mapping[str, Matters], now: datetime) -> tuple[Item, ...]:
    """The grids in the order of calling: by how many reasons there are, then by how much of the first ones.

    It is an order of talking, not a league table: a grid without a reason is called too, last, by its code.
    """
    items = [
        Item(code, tuple(part for key in keys if key in TELLS and (part := TELLS[key](matters, now))))
        for code, matters in by_grid.items()
    ]
    return tuple(sorted(items, key=lambda item: (-len(item.parts), *_weights(keys, item), item.grid)))


def _weights(keys: Sequence[str], item: Item) -> tuple[int, ...]:
    counts = {part.key: part.count for part in item.parts}
    return tuple(-counts.get(key, 0) for key in keys)


def _today(cases: Sequence[Case], now: datetime) -> int:
    day = now.astimezone(LOCAL).date()
    return sum(case.received_at.astimezone(LOCAL).date() == day for case in cases)


def _span(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分"
    return f"{minutes // 60} 小时" if minutes < 1440 else f"{minutes // 1440} 天"
