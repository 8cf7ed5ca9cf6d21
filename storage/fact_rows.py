"""What a case adds to the kept figures, as a row of `case_facts`, and the differences between two such rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from cases.indicators import Fact

WAIT = "wait."
Key = tuple[str, str, int]  # code of a grid ("" everywhere), name of a set, day


def day_number(day: date) -> int:
    """A day as the tables keep it: yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class FactRow:
    """One case's facts and the grids they count in, as kept."""

    case_id: int
    grids: str
    first_day: int
    last_day: int
    facts: str

    def parsed(self) -> list[tuple[str, int, int]]:
        """(name, day, amount) of each fact."""
        return [_parsed(each) for each in self.facts.split()]


def row_of(case_id: int, grids: str, facts: Iterable[Fact]) -> FactRow | None:
    """The row of a case; None for one that adds nothing."""
    told = sorted((name, day_number(day), amount) for name, day, amount in facts)
    if not told:
        return None
    days = [day for _, day, _ in told]
    text = "".join(f"{name}@{day}={amount} " for name, day, amount in told)
    return FactRow(case_id, grids, min(days), max(days), text)


def _parsed(text: str) -> tuple[str, int, int]:
    name, _, rest = text.partition("@")
    day, _, amount = rest.partition("=")
    return name, int(day), int(amount)


@dataclass(slots=True)
class Delta:
    """What is to be added to the kept figures; removals are negative amounts, and waiting times to be taken out."""

    tallies: Counter[Key] = field(default_factory=Counter)
    waits: defaultdict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    gone: defaultdict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, codes: Sequence[str], facts: Iterable[tuple[str, int, int]]) -> None:
        """Count facts in these grids and everywhere."""
        for name, day, amount in facts:
            for code in ("", *codes):
                if name.startswith(WAIT):
                    self.waits[code, name, day].append(amount)
                else:
                    self.tallies[code, name, day] += amount

    def take(self, codes: Sequence[str], facts: Iterable[tuple[str, int, int]]) -> None:
        """Take back facts that were counted in these grids and everywhere."""
        for name, day, amount in facts:
            for code in ("", *codes):
                if name.startswith(WAIT):
                    self.gone[code, name, day].append(amount)
                else:
                    self.tallies[code, name, day] -= amount
