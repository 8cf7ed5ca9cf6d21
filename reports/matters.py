"""Ledgers of what is not a case: what is put right, supervised, decided, and who had the watch (N5, N6, O, M16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.calendar import LOCAL
from cases.decisions import Decision
from cases.indicators import Period
from cases.model import Scope
from cases.ports import Registry
from cases.shifts import Shift
from cases.supervision import REASON_NAMES, RECTIFYING_NAMES, RUNG_NAMES, Rectification, Step, Supervision
from reports.ledger import STANDINGS, Column

ALL = 100_000  # rows; a ledger of matters is made by hand and never as long


@dataclass(frozen=True, slots=True)
class MattersLedger:
    """One kind: its name, what its period goes by, where its rows are, and its columns at a moment."""

    name: str
    day: str
    source: str
    read: Callable[[Registry, Scope, Period], Iterable[Any]]
    at: Callable[[Any], datetime]
    columns: Callable[[datetime], Sequence[Column[Any]]]

    def rows(self, registry: Registry, scope: Scope, period: Period) -> list[Any]:
        """What began in the period, oldest first."""
        found = (one for one in self.read(registry, scope, period) if period.since <= self.at(one) < period.until)
        return sorted(found, key=self.at)


def _rectifications(now: datetime) -> Sequence[Column[Rectification]]:
    return (
        Column("编号", 18, lambda one: one.no),
        Column("责任单位", 16, lambda one: one.target.name),
        Column("问题", 36, lambda one: one.problem),
        Column("整改措施", 36, lambda one: one.measure),
        Column("立号时间", 17, lambda one: one.opened_at),
        Column("整改时限", 17, lambda one: one.due_at),
        Column("进度", 8, lambda one: RECTIFYING_NAMES[one.stage]),
        Column("时限灯", 8, lambda one: STANDINGS[one.standing(now)]),
        Column("回头看反弹（次）", 12, lambda one: one.relapses),
        Column("相关案件", 18, lambda one: one.target.case),
        Column("经过", 60, lambda one: _way(one.steps)),
    )


def _supervisions(now: datetime) -> Sequence[Column[Supervision]]:
    return (
        Column("编号", 18, lambda one: one.no),
        Column("被督办单位", 16, lambda one: one.target.name),
        Column("等级", 10, lambda one: RUNG_NAMES[one.rung]),
        Column("理由", 14, lambda one: REASON_NAMES[one.reason]),
        Column("事项", 36, lambda one: one.text),
        Column("发起时间", 17, lambda one: one.opened_at),
        Column("答复时限", 17, lambda one: one.due_at),
        Column("答复时间", 17, lambda one: one.answered_at),
        Column("时限灯", 8, lambda one: STANDINGS[one.standing(now)]),
        Column("办结时间", 17, lambda one: one.closed_at),
        Column("相关案件", 18, lambda one: one.target.case),
        Column("经过", 60, lambda one: _way(one.steps)),
    )


def _decisions(now: datetime) -> Sequence[Column[Decision]]:
    return (
        Column("编号", 18, lambda one: one.no),
        Column("会议", 18, lambda one: one.meeting),
        Column("责任单位", 16, lambda one: one.who),
        Column("议定事项", 40, lambda one: one.text),
        Column("议定时间", 17, lambda one: one.made_at),
        Column("完成时限", 17, lambda one: one.due_at),
        Column("进度", 10, lambda one: one.state_words),
        Column("时限灯", 8, lambda one: STANDINGS[one.standing(now)]),
        Column("办结时间", 17, lambda one: one.done_at),
        Column("核实时间", 17, lambda one: one.verified_at),
        Column("退回（次）", 9, lambda one: one.sent_back),
        Column("结果", 40, lambda one: one.result),
        Column("相关案件", 18, lambda one: one.case),
    )


def _watches(now: datetime) -> Sequence[Column[Shift]]:
    return (
        Column("编号", 18, lambda one: one.no),
        Column("接班时间", 17, lambda one: one.began_at),
        Column("交班时间", 17, lambda one: one.handed_at),
        Column("值班（账号）", 14, lambda one: one.outgoing),
        Column("接班（账号）", 14, lambda one: one.incoming),
        Column("签收时间", 17, lambda one: one.taken_at),
        Column("签收时限", 17, lambda one: one.due_at),
        Column("交接", 10, lambda one: "已撤回" if one.withdrawn_at else "待签收" if one.is_open else "已签收"),
        Column("移交在办（件）", 11, lambda one: one.moved),
        Column("交班说明", 40, lambda one: one.notes),
        Column("摘要", 60, lambda one: "；".join(f"{part.title} {len(part.lines)} 条" for part in one.digest)),
    )


def _way(steps: Iterable[Step]) -> str:
    """Every step with its day and words; who took it is in the record, not here."""
    return "；".join(f"{step.at.astimezone(LOCAL):%Y-%m-%d} {step.what}：{step.words}" for step in steps)


_MEETINGS = "会议与督办记录"
MATTERS: Mapping[str, MattersLedger] = {
    "rectification": MattersLedger(
        "整改台账",
        "立号日",
        _MEETINGS,
        lambda kept, scope, _: kept.meetings.rectifications(scope, ALL),
        lambda one: one.opened_at,
        _rectifications,
    ),
    "supervision": MattersLedger(
        "督办台账",
        "发起日",
        _MEETINGS,
        lambda kept, scope, _: kept.meetings.supervisions(scope, ALL),
        lambda one: one.opened_at,
        _supervisions,
    ),
    "decisions": MattersLedger(
        "议定事项台账",
        "议定日",
        _MEETINGS,
        lambda kept, scope, _: kept.meetings.decisions(scope, limit=ALL),
        lambda one: one.made_at,
        _decisions,
    ),
    "watch": MattersLedger(
        "值班台账",
        "交班日",
        "交接班记录",
        lambda kept, scope, period: kept.shifts.handed(scope.area, period.since, period.until),
        lambda one: one.handed_at,
        _watches,
    ),
}
"""Kind and what it is."""
