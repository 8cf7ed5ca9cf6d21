"""Who answers for a matter: 职责清单 by category, area and loop, with a fallback (domain.md G9–G12, G20, C6–C8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.categories import category_of
from cases.loops import LOOP_NAMES, ORDER
from cases.model import Case, HandlingUnit, Loop

FALLBACK_KIND = "centre"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The unit to send to, and why."""

    unit: HandlingUnit
    why: str


def suggest_unit(case: Case, units: Sequence[HandlingUnit]) -> Suggestion | None:
    """The narrowest unit whose list names the category, whose area holds the case and that answers at its loop.

    Where nobody does at that loop, the next one above is asked (a case that rose does not sink again); where nobody
    does above either, the centre catches it (兜底). None where there is no centre.
    """
    fitting = [unit for unit in units if _names(unit, case) and _holds(unit, case)]
    for loop in ORDER[ORDER.index(case.loop) :]:
        there = [unit for unit in fitting if answers_at(unit, loop)]
        if there:
            best = max(there, key=lambda unit: _rank(unit, case))
            return Suggestion(best, _why(case, best, loop))
    centres = [unit for unit in units if unit.kind == FALLBACK_KIND and _holds(unit, case)]
    if not centres:
        return None
    centre = max(centres, key=lambda unit: (answers_at(unit, case.loop), *_rank(unit, case)))
    return Suggestion(centre, f"{LOOP_NAMES[case.loop]}及以上的职责清单都没有{_name(case)}，由{centre.name}兜底")


def answers_at(unit: HandlingUnit, loop: Loop) -> bool:
    """Whether a unit's list holds at a loop; one that names no loop answers at each."""
    return not unit.loops or loop in unit.loops


def _names(unit: HandlingUnit, case: Case) -> bool:
    return case.category in unit.categories or unit.kind == category_of(case.category).unit_kind


def _holds(unit: HandlingUnit, case: Case) -> bool:
    return unit.area == "" or unit.area in case.grids


def _rank(unit: HandlingUnit, case: Case) -> tuple[bool, int, bool]:
    """A unit that names its loops before one that answers at all, then the narrowest, then the one that lists it."""
    depth = case.grids.index(unit.area) + 1 if unit.area else 0
    return bool(unit.loops), depth, case.category in unit.categories


def _name(case: Case) -> str:
    return f"“{category_of(case.category).name}”"


def _why(case: Case, unit: HandlingUnit, loop: Loop) -> str:
    if loop is not case.loop:
        return f"{LOOP_NAMES[case.loop]}的职责清单没有{_name(case)}，由上级{LOOP_NAMES[loop]}的{unit.name}承办"
    area = "本片区" if unit.area else "全域"
    return f"{_name(case)}在{unit.name}的职责清单上（{area}、{LOOP_NAMES[loop]}）"
