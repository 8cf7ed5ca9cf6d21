"""Counts everything again and says where the kept figures differ: case by case, and each month of each set and grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from storage.aggregates import (
    CASES_A_STEP,
    Aggregates,
    Progress,
    fresh_rows,
    kept_rows,
    position,
    touched_since,
)
from storage.engine import Engine
from storage.fact_rows import WAIT, FactRow
from storage.histories import between
from storage.rows import case_no, codes_of
from storage.tables import case_facts, cases, tallies, waits

MOST_TOLD = 200  # differences kept to be told; all are counted
_LOST = 1_000_000  # events beyond the cursor whose cases are not compared


class Difference(NamedTuple):
    """One place where what is kept is not what is counted again."""

    where: str
    kept: str
    counted: str


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found: how many cases it read, how many places differ, and the first of them."""

    cases: int
    differing: int
    told: tuple[Difference, ...]


class _Sums:
    """Of each set, grid and month: how many, and the same weighted by day, so that a wrong day shows as well."""

    def __init__(self) -> None:
        self._of: defaultdict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, code: str, name: str, day: int, amount: int) -> None:
        month, in_month = divmod(day, 100)
        sums = self._of[code, name, month]
        sums[0] += amount
        sums[1] += amount * in_month

    def add_row(self, row: FactRow) -> None:
        """Count one case's facts; waiting times by their number and their minutes."""
        for code in ("", *codes_of(row.grids)):
            for name, day, amount in row.parsed():
                self.add(code, name, day, amount)
                if name.startswith(WAIT):
                    self.add(code, f"{name}#", day, 1)

    def differences(self, counted: _Sums) -> Iterator[Difference]:
        """Where these, the kept ones, are not the counted ones."""
        for key in sorted(self._of.keys() | counted._of.keys()):
            kept, again = self._of.get(key, [0, 0]), counted._of.get(key, [0, 0])
            if kept != again:
                code, name, month = key
                yield Difference(f"{code or '全域'} {name} {month}", str(kept[0]), str(again[0]))


def recount(engine: Engine, progress: Progress) -> Recount:
    """Compare what is kept with what the cases say; catches up with the record first. Changes no figure.

    Raises StoreUnavailable. Cases that change meanwhile are compared as they were when the recount began.
    """
    Aggregates(engine).catch_up()
    with engine.read() as connection:
        told = _Told()
        counted = _Sums()
        done = 0
        total = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
        newer = set(touched_since(connection, position(connection).seq, _LOST)[1])
        for first, last in _spans(connection):
            old, new = kept_rows(connection, between(first, last)), fresh_rows(connection, between(first, last))
            for case_id in sorted(old.keys() | new.keys()):
                if old.get(case_id) != new.get(case_id) and case_id not in newer:
                    told.tell(_of_case(case_id, old.get(case_id), new.get(case_id)))
            for row in old.values():
                counted.add_row(row)
            done = min(done + CASES_A_STEP, total)
            progress(done, total)
        for each in _kept(connection).differences(counted):
            told.tell(each)
        return Recount(total, told.count, tuple(told.first))


class _Told:
    """Counts all differences, keeps the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Difference] = []

    def tell(self, each: Difference) -> None:
        self.count += 1
        if len(self.first) < MOST_TOLD:
            self.first.append(each)


def _spans(connection: sa.Connection) -> Iterator[tuple[int, int]]:
    """The first and last id of each batch of cases, those that only the kept figures know included."""
    last = 0
    while True:
        ids = sa.union(*(_next_ids(column, last) for column in (cases.c.id, case_facts.c.case_id))).subquery()
        query = sa.select(ids.c.id).order_by(ids.c.id).limit(CASES_A_STEP)
        found = connection.execute(query).scalars().all()
        if not found:
            return
        last = found[-1]
        yield found[0], last


def _next_ids(column: sa.Column[int], last: int) -> sa.Select[tuple[int]]:
    batch = sa.select(column.label("id")).where(column > last).order_by(column).limit(CASES_A_STEP).subquery()
    return sa.select(batch.c.id)


def _of_case(case_id: int, old: FactRow | None, new: FactRow | None) -> Difference:
    before, after = ({*(row.facts.split() if row else ()), *((row.grids,) if row else ())} for row in (old, new))
    return Difference(f"案件 {case_no(case_id)}", _joined(before - after), _joined(after - before))


def _joined(facts: set[str]) -> str:
    return " ".join(sorted(facts)) or "—"


def _kept(connection: sa.Connection) -> _Sums:
    """The sums of what the tables hold."""
    found = _Sums()
    for code, name, day, amount in connection.execution_options(yield_per=10_000).execute(sa.select(tallies)):
        found.add(code, name, day, amount)
    for code, name, day, minutes in connection.execution_options(yield_per=1_000).execute(sa.select(waits)):
        numbers = [int(each) for each in minutes.split()]
        found.add(code, name, day, sum(numbers))
        found.add(code, f"{name}#", day, len(numbers))
    return found
