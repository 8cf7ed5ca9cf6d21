"""How long one step of a case may take, and did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.model.ids import CaseNo
from cases.model.life import Standing
from cases.model.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class StageClock:
    """The limit of one step (domain.md b1: 该程序所用时间), or of what the reporter was promised.

    `step` is accept, dispatch, sign, handle, verify or promise; (case, step, since) is unique.
    It runs until `ended_at`.
    """

    case: CaseNo
    step: str
    since: datetime
    warn_at: datetime
    due_at: datetime
    standing: Standing = Standing.ON_TIME
    ended_at: datetime | None = None

    @property
    def turns_at(self) -> datetime | None:
        """When its light changes next; None for a clock that has ended or has nothing more to say."""
        if self.ended_at is not None or self.standing is Standing.OVERDUE:
            return None
        return self.warn_at if self.standing is Standing.ON_TIME else self.due_at
