"""What runs beside a case: the clock of the whole, and those of its steps and of what was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cases import deadlines
from cases.calendar import WorkCalendar
from cases.deadlines import TimeLimit
from cases.limits import DEFAULT_TABLE, LimitTable
from cases.model import Action, Case, Stage
from cases.stages import Stages


@dataclass(frozen=True, slots=True)
class Clocks:
    """The working calendar and the table of limits, and all that follows from both."""

    calendar: WorkCalendar
    limits: LimitTable = DEFAULT_TABLE

    @property
    def stages(self) -> Stages:
        """The rules for the clocks of single steps."""
        return Stages(self.limits, self.calendar)

    def limit(self, case: Case) -> TimeLimit:
        """How long a case may take in all."""
        return self.limits.total(case.category, case.difficulty, case.grids)

    def moved(self, before: Case, after: Case, action: Action, now: datetime) -> Case:
        """What an action does to the clock of the whole case."""
        if action in (Action.RESUME, Action.HAND_BACK):
            return deadlines.resume(after, now, self.calendar, self.limit(after))
        if action is Action.REOPEN and before.stage in (Stage.CLOSED, Stage.EVALUATED):
            return deadlines.restart(after, now, self.limit(after), self.calendar, self.limits.yellow_at)
        if action in (Action.APPROVE, Action.REJECT):
            days = before.pending or ""
            granted = action is Action.APPROVE and days.isdigit()
            longer = deadlines.prolong(after, int(days), self.calendar) if granted else after
            return replace(longer, standing=deadlines.standing(longer, now))
        return after
