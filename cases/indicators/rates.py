"""指标 (domain.md K): rates that carry numerator, denominator and base; exercises and sub-tasks never enter them.

A rate without a base has no value: screens show “—（0 件）”, never 0 % or 100 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.model import Case, Handoff, Loop, Mediation, Stage, StageClock, Standing, State, Whistle
from cases.stages import PROMISE, STEP_NAMES

SATISFIED = 4  # scores from here on are content (满意), of 1–5
_ENDED = frozenset({Stage.CLOSED, Stage.EVALUATED})


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: how many of how many, and of what. `value` is None where there is nothing to take a share of."""

    name: str
    numerator: int
    denominator: int
    base: str

    @property
    def value(self) -> float | None:
        """The share, 0–1 (a change of numbers may be below 0 or above 1)."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def words(self) -> str:
        """`98.4 %（2346/2384 件）`; `—（0 件）` without a base."""
        if self.value is None:
            return f"—（0 {self.base}）"
        return f"{self.value * 100:.1f} %（{self.numerator}/{self.denominator} {self.base}）"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, from and including `since`, up to `until`; a case belongs to that of its receipt."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since <= at < self.until


def counted(cases: Iterable[Case], span: Span) -> list[Case]:
    """The cases of a span that figures are made of: no exercise, no sub-task, nothing void or merged away."""
    return [
        case
        for case in cases
        if not case.exercise
        and case.parent is None
        and case.state not in (State.VOID, State.MERGED)
        and span.holds(case.received_at)
    ]


def resolved(cases: Sequence[Case]) -> Rate:
    """化解率 (K1): settled of all that were found; what is refused or only explained is not settled."""
    done = sum(case.stage in _ENDED and case.outcome == "settled" for case in cases)
    return Rate("化解率", done, len(cases), "件")


def change(now: int, before: int, name: str = "同比") -> Rate:
    """同比 (K2): (this period − the same period before) / the same period before."""
    return Rate(name, now - before, before, "件（上年同期）")


def mediated(mediations: Iterable[Mediation], kind: str | None = None) -> Rate:
    """调解成功率, 劝和率 (K3, K6): settled of all attempts that have a result, of one kind or of all."""
    tried = [m for m in mediations if kind in (None, m.kind)]
    return Rate("调解成功率", sum(m.result == "settled" for m in tried), len(tried), "次")


def covered(with_it: int, all_of_them: int, base: str) -> Rate:
    """覆盖率 (K, 135/215 villages): how many of all have it."""
    return Rate("覆盖率", with_it, all_of_them, base)


def closed_by_loop(cases: Iterable[Case]) -> Mapping[Loop, Rate]:
    """各循环办结占比 (G3): of the settled and explained, the share that ended in each loop."""
    ended = Counter(case.loop for case in cases if case.stage in _ENDED and case.outcome != "refused")
    return {loop: Rate("办结占比", ended[loop], ended.total(), "件") for loop in Loop}


def on_time(cases: Sequence[Case], now: datetime) -> Rate:
    """按时办结率 (G7): closed within the limit, of all whose limit has run out or that are closed.

    What is open and overdue counts against it; what is open and still has time does not count at all.
    """
    due = [c for c in cases if c.stage in _ENDED or is_overdue(c, now)]
    kept = sum(c.stage in _ENDED and c.standing is not Standing.OVERDUE for c in due)
    return Rate("按时办结率", kept, len(due), "件（含未结超时）")


def step_on_time(clocks: Iterable[StageClock], step: str, now: datetime) -> Rate:
    """按时受理率、签收率、办理率、核查率、承诺兑现率: what ended within its own limit, by `cases.stages.STEP_NAMES`."""
    name = "承诺兑现率" if step == PROMISE else f"按时{STEP_NAMES[step]}率"
    return _in_time(name, [(clock.ended_at, clock.due_at) for clock in clocks if clock.step == step], now, "件")


def whistles_on_time(whistles: Sequence[Whistle], now: datetime) -> tuple[Rate, Rate]:
    """(按时应哨率, 按时到场率) (G16, K13)."""
    answers = [(whistle.answered_at, whistle.answer_by) for whistle in whistles]
    arrivals = [(whistle.arrived_at, whistle.arrive_by) for whistle in whistles]
    return _in_time("按时应哨率", answers, now, "次"), _in_time("按时到场率", arrivals, now, "次")


def handed_back_on_time(handoffs: Iterable[Handoff], now: datetime) -> Rate:
    """对接按期回传率 (H1–H3): back within the law's limit; hand-offs without one have no place in it."""
    return _in_time("对接按期回传率", [(h.back_at, h.due_at) for h in handoffs if h.due_at is not None], now, "件")


def _in_time(name: str, both: Sequence[tuple[datetime | None, datetime | None]], now: datetime, base: str) -> Rate:
    """Done by when it had to be, of all done or due: what is open and overdue counts against it."""
    asked = [(done, by) for done, by in both if by is not None and (done is not None or by <= now)]
    kept = sum(done is not None and done <= by for done, by in asked)
    return Rate(name, kept, len(asked), f"{base}（含未结超时）")


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether an open case is over its limit; the limit of one that rests does not run out."""
    ran_out = case.due_at is not None and case.due_at <= now and case.state is not State.SUSPENDED
    return case.is_open and (case.standing is Standing.OVERDUE or ran_out)


def satisfied(cases: Iterable[Case]) -> tuple[Rate, Rate]:
    """(群众满意率, 评价率) (K8): content of those who said, and how many of the closed have said anything."""
    ended = [case for case in cases if case.stage in _ENDED]
    scores = [case.score for case in ended if case.score is not None]
    content = sum(score >= SATISFIED for score in scores)
    return Rate("群众满意率", content, len(scores), "件（已评价）"), Rate(
        "评价率", len(scores), len(ended), "件（已结）"
    )
