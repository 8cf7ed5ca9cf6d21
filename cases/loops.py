"""三级循环 (domain.md G3): by which rules a case rises from its grid to the street and the district, and why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from cases.model import Action, Case, Difficulty, Event, Loop, Standing

FILE = Path(__file__).parent / "loops.toml"
LOOP_NAMES = {Loop.MICRO: "微循环", Loop.SMALL: "小循环", Loop.LARGE: "大循环"}
ORDER = (Loop.MICRO, Loop.SMALL, Loop.LARGE)
"""The loops from the grid outward."""


class LoopRulesError(ValueError):
    """A file of loop rules that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class LoopRules:
    """What lifts a case; with the values given here nothing does (rising by hand stays)."""

    overdue: bool = False
    failed_mediations: int = 0
    people: int = 0
    hard_starts: Loop = Loop.MICRO

    def rise(self, before: Case, after: Case, event: Event) -> tuple[Loop, str] | None:
        """The loop that what just happened lifts a case to, and why; None when it stays.

        Each rule looks only at what is new in this event, so that a case sent back stays where it was sent.
        """
        if not after.is_open:
            return None
        for wanted, why in self._called_for(before, after, event):
            if ORDER.index(wanted) > ORDER.index(after.loop):
                return wanted, f"{why}，转入{LOOP_NAMES[wanted]}"
        return None

    def _called_for(self, before: Case, after: Case, event: Event) -> list[tuple[Loop, str]]:
        above = ORDER[min(ORDER.index(after.loop) + 1, len(ORDER) - 1)]
        called: list[tuple[Loop, str]] = []
        if self.overdue and event.changes.get("standing") is Standing.OVERDUE:
            called.append((above, "超过办理时限"))
        failed = after.failed_mediations
        if self.failed_mediations and failed > before.failed_mediations and failed % self.failed_mediations == 0:
            called.append((above, f"{failed} 次调解未成"))
        if event.action is Action.ACCEPT:
            if self.people and (after.people or 0) >= self.people:
                called.append((Loop.SMALL, f"涉及 {after.people} 人"))
            if after.difficulty is Difficulty.HARD:
                called.append((self.hard_starts, "疑难事项"))
        return called


def read_loop_rules(path: Path = FILE) -> LoopRules:
    """The rules of a file; LoopRulesError names what is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = LoopRules(**data | {"hard_starts": Loop(data.get("hard_starts", "micro"))})
    except (OSError, TypeError, ValueError) as problem:
        raise LoopRulesError(f"{path.name}: {problem}") from problem
    numbers = (rules.failed_mediations, rules.people)
    if type(rules.overdue) is not bool or any(type(n) is not int or n < 0 for n in numbers):
        raise LoopRulesError(f"{path.name}: overdue is true or false, the others whole numbers from 0")
    return rules


NEVER = LoopRules()
