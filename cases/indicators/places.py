"""位次 of areas by a figure (domain.md K18): each figure's places, and one over several; of grids, never of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def places(values: Mapping[str, float | None], *, is_low_good: bool = False) -> dict[str, int]:
    """The place of each area from 1, equal values sharing one; an area without a value has none."""
    based = {area: value for area, value in values.items() if value is not None}
    return {
        area: 1 + sum(other < value if is_low_good else other > value for other in based.values())
        for area, value in based.items()
    }


def overall(tables: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """总排: the places by the sum of several figures' places; only areas that have a place in each."""
    areas = set.intersection(*(set(table) for table in tables)) if tables else set()
    return places({area: sum(table[area] for table in tables) for area in areas}, is_low_good=True)
