"""Cases that came in so lately that the search index does not know them: noted with the ack, indexed behind it.

Writing the index costs as much as filing itself, and far less a case when two hundred are written at once. So a new
case only leaves its id here, in its own transaction; whoever leads the intakes indexes them a moment later, and one
transaction moves a case from here into the index, so a process may die anywhere. A search reads the tail by the rule
itself (cases.finding): what is acknowledged is found. The tail is bounded: beyond it a case is indexed as it is filed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cases.finding import finder, told
from cases.model import Case
from storage import search
from storage.engine import Engine
from storage.rows import case_id
from storage.tables import cases, search_tail

TAIL_MOST = 40_000  # waiting cases; a search takes 1.5 microseconds for each that it has seen, 14 for a new one
A_STEP = 250  # cases indexed by one transaction: the write turn is held for some five milliseconds
BREATH_S = 0.002  # between two steps, so that a batch of reports takes its turn

_NOTE = "INSERT INTO search_tail (case_id, version) VALUES ({mark}, {mark})"
_NOTE_AGAIN = _NOTE + " ON CONFLICT (case_id) DO UPDATE SET version = excluded.version"
_ONE_BY_ONE = 500  # more new cases than this are read with all the others
_KEYS = "SELECT case_id, version FROM search_tail"
_LENGTH = "SELECT count(*) FROM search_tail"
_WORDS = sa.select(
    search_tail.c.case_id, search_tail.c.version, cases.c.no, cases.c.title, cases.c.text, cases.c.address
).join(cases, cases.c.id == search_tail.c.case_id)

Hits = tuple[sa.FromClause, sa.ColumnElement[int], sa.ColumnElement[bool]]
"""From what to read the found cases, their ids there, and the condition."""

_Key = tuple[int, int]  # case and version
_Told = tuple[str, str]  # number and folded words


def add(connection: sa.Connection, fresh: Sequence[Case], mark: str) -> None:
    """Note new cases, in the transaction that inserts them; where nobody has indexed for long, index them at once."""
    driver: Any = connection.connection.driver_connection
    if driver.execute(_LENGTH).fetchone()[0] + len(fresh) > TAIL_MOST:
        search.add(connection, fresh)
    elif fresh:
        noted = [(case_id(case.no), case.version) for case in fresh]
        driver.cursor().executemany(_NOTE.format(mark=mark), noted)


def change(connection: sa.Connection, case: Case, mark: str) -> None:
    """Take a case whose words changed out of the index; it waits here to be indexed anew."""
    search.remove(connection, case)
    connection.exec_driver_sql(_NOTE_AGAIN.format(mark=mark), (case_id(case.no), case.version))


class TailReader:
    """Searches index and tail together; the words of a waiting case are read and folded once a process."""

    def __init__(self) -> None:
        self._told: dict[_Key, _Told] = {}

    def hits(self, connection: sa.Connection, words: str) -> Hits:
        """Like `search.hits`, and with the waiting cases that the words find; each stands in one of the two only."""
        texts, key, match = search.hits(connection, words)
        finds = finder(words)
        late = [case for (case, _), had in self._waiting(connection).items() if finds(*had)]
        if not late:
            return texts, key, match
        indexed = sa.select(key.label("id")).select_from(texts).where(match)
        ours: sa.BindParameter[int] = sa.bindparam("late", late, expanding=True, literal_execute=True)
        both = sa.union_all(indexed, sa.select(search_tail.c.case_id).where(search_tail.c.case_id.in_(ours)))
        found = both.subquery("found")
        return found, found.c.id, sa.true()

    def _waiting(self, connection: sa.Connection) -> dict[_Key, _Told]:
        """Number and words of all that waits; nothing else is remembered for the next search."""
        driver: Any = connection.connection.driver_connection
        keys: list[_Key] = driver.execute(_KEYS).fetchall()
        known = self._told
        fresh = [case for case, version in keys if (case, version) not in known]
        if fresh:
            known = known | _read(connection, fresh)
        self._told = waiting = {key: known[key] for key in keys if key in known}  # without a case nothing is found
        return waiting


def _read(connection: sa.Connection, fresh: Sequence[int]) -> dict[_Key, _Told]:
    some = _WORDS if len(fresh) > _ONE_BY_ONE else _WORDS.where(search_tail.c.case_id.in_(fresh))
    return {(row.case_id, row.version): (row.no, told(*row[3:])) for row in connection.execute(some)}


@dataclass(frozen=True, slots=True)
class TailKeeper:
    """Moves cases from the tail into the index. Raises StoreUnavailable when the database does not answer."""

    engine: Engine

    def follow(self, seconds: float) -> bool:
        """Index what waits, for about so long; whether all of it is indexed."""
        until = time.monotonic() + seconds
        while self.step():
            if time.monotonic() > until:
                return False
            time.sleep(BREATH_S)
        return True

    def step(self) -> bool:
        """Index the next cases by number; False when none waits. The words are taken apart before the write turn."""
        with self.engine.read() as connection:
            rows = connection.execute(_WORDS.order_by(search_tail.c.case_id).limit(A_STEP)).all()
        if rows:
            self._index({(row.case_id, row.version): search.tokens(row.no, *row[3:]) for row in rows})
        return len(rows) == A_STEP

    def _index(self, taken: dict[tuple[int, int], list[str]]) -> None:
        """Index what still waits with the words that were read; another process, or new words, may have been first."""
        ids = [number for number, _ in taken]
        mine = search_tail.c.case_id.between(min(ids), max(ids))
        with self.engine.write() as connection:
            waiting = {tuple(row) for row in connection.execute(sa.select(search_tail).where(mine))}
            still = [(number, found) for (number, version), found in taken.items() if (number, version) in waiting]
            search.insert(connection, still)
            gone = [(number,) for number, _ in still]
            driver: Any = connection.connection.driver_connection
            statement = f"DELETE FROM search_tail WHERE case_id = {self.engine.mark}"  # noqa: S608
            driver.cursor().executemany(statement, gone)
