"""What a case adds to the kept figures, as a row of `case_facts`, and the differences between two such rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from cases.indicators import Fact
from storage.rows import codes_of

WAIT = "wait."
_FACT = re.compile(r"(\S+)@(\d+)=(-?\d+) ")
_Times = defaultdict[tuple[str, str, str], list[int]]
Key = tuple[str, str, int]  # code of a grid ("" everywhere), name of a set, day


@lru_cache(maxsize=4096)
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
        return _parsed(self.facts)

    def columns(self) -> tuple[object, ...]:
        """The columns of `case_facts`."""
        return self.case_id, self.grids, self.first_day, self.last_day, self.facts


def row_of(case_id: int, grids: str, facts: Iterable[Fact]) -> FactRow | None:
    """The row of a case; None for one that adds nothing."""
    told = [(name, day_number(at), amount) for name, at, amount in facts]
    if not told:
        return None
    days = {day for _, day, _ in told}
    return FactRow(case_id, grids, min(days), max(days), "".join([f"{n}@{day}={amount} " for n, day, amount in told]))


def _parsed(facts: str) -> list[tuple[str, int, int]]:
    return [(name, int(day), int(amount)) for name, day, amount in _FACT.findall(facts)]


@dataclass(slots=True)
class Delta:
    """What is to be added to the kept figures; removals are negative amounts, and waiting times to be taken out.

    Counted by the grids of cases first, and spread to each of them when asked: most cases of a batch share theirs.
    """

    _amounts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _waits: _Times = field(default_factory=lambda: defaultdict(list))
    _gone: _Times = field(default_factory=lambda: defaultdict(list))

    def add(self, row: FactRow) -> None:
        """Count a case's facts."""
        for name, day, amount in _FACT.findall(row.facts):
            if name.startswith(WAIT):
                self._waits[row.grids, name, day].append(int(amount))
            else:
                self._amounts[row.grids, name, day] += int(amount)

    def take(self, row: FactRow) -> None:
        """Take back a case's facts."""
        for name, day, amount in _FACT.findall(row.facts):
            if name.startswith(WAIT):
                self._gone[row.grids, name, day].append(int(amount))
            else:
                self._amounts[row.grids, name, day] -= int(amount)

    @property
    def tallies(self) -> Counter[Key]:
        """The change of each set, in each grid and everywhere."""
        found: Counter[Key] = Counter()
        for (grids, name, day), amount in self._amounts.items():
            for code in ("", *codes_of(grids)):
                found[code, name, int(day)] += amount
        return found

    @property
    def waits(self) -> dict[Key, list[int]]:
        """The waiting times that are new."""
        return _everywhere(self._waits)

    @property
    def gone(self) -> dict[Key, list[int]]:
        """The waiting times that are to be taken out."""
        return _everywhere(self._gone)


def _everywhere(times: _Times) -> dict[Key, list[int]]:
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for (grids, name, day), minutes in times.items():
        for code in ("", *codes_of(grids)):
            found[code, name, int(day)] += minutes
    return found
