"""Who answers for a matter: the responsibility list (职责清单) by category and area, with a fallback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.categories import category_of
from cases.model import Case, HandlingUnit

FALLBACK_KIND = "centre"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The unit to send to, and why."""

    unit: HandlingUnit
    why: str


def suggest_unit(case: Case, units: Sequence[HandlingUnit]) -> Suggestion | None:
    """The narrowest unit whose list names the category and whose area holds the case; else the centre (兜底)."""
    fitting = [u for u in units if _names(u, case) and _holds(u, case)]
    if fitting:
        best = max(fitting, key=lambda unit: _depth(unit, case))
        return Suggestion(best, f"“{category_of(case.category).name}”在{best.name}的职责清单上")
    fallback = next((u for u in units if u.kind == FALLBACK_KIND and _holds(u, case)), None)
    if fallback is None:
        return None
    return Suggestion(fallback, f"没有单位的职责清单写明“{category_of(case.category).name}”，由{fallback.name}兜底")


def _names(unit: HandlingUnit, case: Case) -> bool:
    return case.category in unit.categories or unit.kind == category_of(case.category).unit_kind


def _holds(unit: HandlingUnit, case: Case) -> bool:
    return unit.area == "" or unit.area in case.grids


def _depth(unit: HandlingUnit, case: Case) -> tuple[int, bool]:
    depth = case.grids.index(unit.area) + 1 if unit.area else 0
    return depth, case.category in unit.categories
