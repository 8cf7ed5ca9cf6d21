"""The table of limits as data: how long a matter may take, in all and by stage; by category, difficulty and area."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cases.deadlines import TimeLimit
from cases.model import Difficulty

FILE = Path(__file__).parent / "limits.toml"
STEPS = ("accept", "dispatch", "sign", "handle", "verify")


class LimitsError(ValueError):
    """A table of limits that cannot be used, and where it is wrong."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit and what it is for; empty selectors fit everything."""

    limit: TimeLimit
    source: str = ""
    step: str = ""
    categories: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    area: str = ""

    def fits(self, category: str, difficulty: Difficulty, grids: Sequence[str]) -> bool:
        """Whether it is for such a matter in such a place (codes outermost first)."""
        return (
            (not self.categories or category in self.categories)
            and self.difficulty in (None, difficulty)
            and (not self.area or self.area in grids)
        )

    def narrowness(self, grids: Sequence[str]) -> tuple[int, bool, bool]:
        """Deeper areas first, then a named category, then a difficulty."""
        depth = grids.index(self.area) + 1 if self.area else 0
        return depth, bool(self.categories), self.difficulty is not None


@dataclass(frozen=True, slots=True)
class LimitTable:
    """All rows; every difficulty has a total limit that fits anywhere."""

    rows: tuple[LimitRow, ...]
    yellow_at: float = 0.7
    _areas: frozenset[str] = field(init=False, default=frozenset(), compare=False, repr=False)
    _found: dict[tuple[object, ...], LimitRow | None] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_areas", frozenset(row.area for row in self.rows if row.area))
        for difficulty in Difficulty:
            if self._find("", "", difficulty, ()) is None:
                raise LimitsError(f"no total limit for every {difficulty} matter")
        if not 0 < self.yellow_at < 1:
            raise LimitsError("yellow_at must lie between 0 and 1")

    def total(self, category: str, difficulty: Difficulty, grids: Sequence[str] = ()) -> TimeLimit:
        """How long such a matter may take from its receipt to its end."""
        found = self._find("", category, difficulty, grids)
        assert found is not None, "checked at the beginning"  # noqa: S101
        return found.limit

    def stage(self, step: str, category: str, difficulty: Difficulty, grids: Sequence[str] = ()) -> TimeLimit | None:
        """How long one step (of STEPS) of such a matter may take; None where the table has no row for it."""
        found = self._find(step, category, difficulty, grids)
        return found.limit if found else None

    def _find(self, step: str, category: str, difficulty: Difficulty, grids: Sequence[str]) -> LimitRow | None:
        named = tuple(code for code in grids if code in self._areas) if self._areas else ()
        key = (step, category, difficulty, named)  # every report asks; the answers are few
        if key not in self._found:
            fitting = [row for row in self.rows if row.step == step and row.fits(category, difficulty, named)]
            self._found[key] = max(fitting, key=lambda row: row.narrowness(named), default=None)
        return self._found[key]


def read_limits(path: Path = FILE) -> LimitTable:
    """The table of a file; LimitsError names the file and the row that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = set(data) - {"yellow_at", "total", "stage"}
        if unknown:
            raise ValueError(f"unknown {', '.join(sorted(unknown))}")
        rows = [_row(row, staged=False) for row in data.get("total", [])]
        rows += [_row(row, staged=True) for row in data.get("stage", [])]
        return LimitTable(tuple(rows), float(data.get("yellow_at", 0.7)))
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise LimitsError(f"{path.name}: {problem}") from problem


def _row(row: Mapping[str, object], staged: bool) -> LimitRow:
    unknown = set(row) - {"step", "category", "difficulty", "area", "amount", "unit", "source"}
    step, amount, categories = str(row.get("step", "")), row["amount"], row.get("category", [])
    if unknown or (step not in STEPS if staged else step):
        raise ValueError(f"row {dict(row)}: unknown {', '.join(sorted(unknown)) or 'step'}")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        raise ValueError(f"row {dict(row)}: amount must be a whole number above 0")
    if not isinstance(categories, list):
        raise TypeError(f"row {dict(row)}: category must be a list")
    difficulty = Difficulty(str(row["difficulty"])) if "difficulty" in row else None
    limit = TimeLimit(amount, str(row["unit"]))
    return LimitRow(limit, str(row.get("source", "")), step, tuple(categories), difficulty, str(row.get("area", "")))


DEFAULT_TABLE = read_limits()
