"""Keeps the figures from events: per grid, day and named set, in the wake of the record.

They follow `events.seq` instead of being written with the event: the transaction that answers a device stays as short
as it was, a batch that touches a case ten times costs one difference, and a reader adds what the cursor has not reached
(storage.figure_book), so an answer is never older than the record. Each step reads without the write turn and then
writes its differences together with the cursor, or nothing if another process moved the cursor meanwhile.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cases.indicators import facts_of
from storage.engine import Engine
from storage.fact_rows import Delta, FactRow, Key, row_of
from storage.histories import Which, between, histories, these
from storage.rows import codes_to_json
from storage.tables import case_facts, cases, counters, events

CURSOR = "figures"  # counters: the event up to which figures are kept
BUILT = "figures.built"  # the case up to which they were built; DONE when all were
DONE = 10**18
EVENTS_A_STEP = 150  # some twenty milliseconds of work
CASES_A_STEP = 2_000
FAR = 5_000  # events behind that are most of the record: its cases are fewer, and are counted anew instead


Progress = Callable[[int, int], None]  # (done, of all)


@dataclass(frozen=True, slots=True)
class Position:
    """How far figures are kept: the event, and while they are being built, the case."""

    seq: int
    built: int

    @property
    def is_built(self) -> bool:
        """Whether every case of the first building is in."""
        return self.built >= DONE


def position(connection: sa.Connection) -> Position:
    """How far figures are kept."""
    query = sa.select(counters.c.name, counters.c.value).where(counters.c.name.in_((CURSOR, BUILT)))
    found = {row.name: row.value for row in connection.execute(query)}
    return Position(found.get(CURSOR, 0), found.get(BUILT, 0))


def newest_event(connection: sa.Connection) -> int:
    """The number of the newest event; 0 without any."""
    return connection.execute(sa.select(sa.func.max(events.c.seq))).scalar() or 0


def counted_share(connection: sa.Connection) -> float:
    """How much of the record the kept figures know: of its cases while they are being built, else of its events."""
    at = position(connection)
    if at.is_built:
        return at.seq / max(newest_event(connection), 1)
    number = sa.func.count()
    known, of_all = (
        connection.execute(sa.select(number).select_from(cases).where(which)).scalar_one()
        for which in (cases.c.id <= at.built, sa.true())
    )
    return known / max(of_all, 1)


def touched_since(connection: sa.Connection, seq: int, limit: int) -> tuple[int, list[int]]:
    """The last of the next `limit` events after `seq`, and the ids of the cases they touched."""
    query = sa.select(events.c.seq, events.c.case_id).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
    rows = connection.execute(query).all()
    return (rows[-1].seq if rows else seq), sorted({row.case_id for row in rows})


def kept_rows(connection: sa.Connection, which: Which) -> dict[int, FactRow]:
    """What these cases are known to add, by id."""
    query = sa.select(case_facts).where(which(case_facts.c.case_id))
    return {row[0]: FactRow(*row) for row in connection.execute(query)}


def fresh_rows(connection: sa.Connection, which: Which) -> dict[int, FactRow]:
    """What these cases add as they stand; without those that add nothing."""
    found = {}
    for case_id, history in histories(connection, which):
        row = row_of(case_id, codes_to_json(history.case.grids), facts_of(history))
        if row is not None:
            found[case_id] = row
    return found


def difference(old: dict[int, FactRow], new: dict[int, FactRow]) -> Delta:
    """What the cases' change adds to the kept figures."""
    delta = Delta()
    for case_id in old.keys() | new.keys():
        before, after = old.get(case_id), new.get(case_id)
        if before == after:
            continue
        if before is not None:
            delta.take(before)
        if after is not None:
            delta.add(after)
    return delta


@dataclass(frozen=True, slots=True)
class Aggregates:
    """The kept figures of one database. Every method raises StoreUnavailable when it does not answer."""

    engine: Engine

    def follow(self, seconds: float = 0.2) -> bool:
        """Go on from where the figures are, for about so long; whether they have caught up."""
        until = time.monotonic() + seconds
        while self._step():
            if time.monotonic() > until:
                return False
        return True

    def catch_up(self, progress: Progress | None = None) -> None:
        """Follow to the newest event, however long it takes."""
        while self._step():
            if progress is not None:
                with self.engine.read() as connection:
                    progress(position(connection).seq, newest_event(connection))

    def rebuild(self, progress: Progress | None = None) -> int:
        """Forget what is kept and build it anew; how many cases there were. Meanwhile figures say they lag."""
        with self.engine.write() as connection:
            for table in ("tallies", "waits", "case_facts"):
                connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
            _move(connection, CURSOR, 0)
            _move(connection, BUILT, 0)
        with self.engine.read() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
        done = 0
        while self._build(CASES_A_STEP):
            done = min(done + CASES_A_STEP, total)
            if progress is not None:
                progress(done, total)
        self.catch_up()
        return total

    def _step(self) -> bool:
        """One batch of cases or events; False when there was nothing to do."""
        with self.engine.read() as connection:
            at = position(connection)
            newest = newest_event(connection) if at.is_built else 0
        if newest - at.seq > max(FAR, at.seq):  # a room filled with its past at once, event by event takes far longer
            self._write(at, Position(newest, 0), {}, {})
            return True
        return self._follow(at) if at.is_built else self._build(CASES_A_STEP // 4) or self._follow_if_built()

    def _follow_if_built(self) -> bool:
        with self.engine.read() as connection:
            at = position(connection)
        return at.is_built and self._follow(at)

    def _follow(self, at: Position) -> bool:
        with self.engine.read() as connection:
            last, touched = touched_since(connection, at.seq, EVENTS_A_STEP)
            if not touched:
                return False
            old, new = kept_rows(connection, these(touched)), fresh_rows(connection, these(touched))
        self._write(at, Position(last, at.built), old, new)
        return True

    def _build(self, size: int) -> bool:
        """The next cases of the first building, by number; what happens to them meanwhile is followed after it."""
        with self.engine.read() as connection:
            at = position(connection)
            seq = at.seq or newest_event(connection)
            span = sa.select(cases.c.id).where(cases.c.id > at.built).order_by(cases.c.id).limit(size)
            ids = connection.execute(span).scalars().all()
            if at.is_built:
                return False
            if ids:
                which = between(ids[0], ids[-1])
                old, new = kept_rows(connection, which), fresh_rows(connection, which)
        if not ids:
            self._write(at, Position(seq, DONE), {}, {})
            return False
        self._write(at, Position(seq, ids[-1]), old, new)
        return True

    def _write(self, before: Position, after: Position, old: dict[int, FactRow], new: dict[int, FactRow]) -> None:
        delta = difference(old, new)
        with self.engine.write() as connection:
            if position(connection) != before:
                return  # another process was there first
            writing = _Writing(connection, self.engine.mark)
            writing.facts([row for id_, row in new.items() if old.get(id_) != row], sorted(old.keys() - new.keys()))
            writing.tallies(delta.tallies)
            writing.waits(delta)
            _move(connection, CURSOR, after.seq)
            _move(connection, BUILT, after.built)


@dataclass(frozen=True, slots=True)
class _Writing:
    """The write half of one step."""

    connection: sa.Connection
    mark: str

    def facts(self, rows: Sequence[FactRow], gone: Sequence[int]) -> None:
        names = ("case_id", "grids", "first_day", "last_day", "facts")
        sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        self._many(
            f"INSERT INTO case_facts ({', '.join(names)}) VALUES ({self._marks(5)}) "  # noqa: S608
            f"ON CONFLICT (case_id) DO UPDATE SET {sets}",
            [row.columns() for row in rows],
        )
        self._many(f"DELETE FROM case_facts WHERE case_id = {self.mark}", [(id_,) for id_ in gone])  # noqa: S608

    def tallies(self, amounts: Counter[Key]) -> None:
        rows = sorted((*key, amount) for key, amount in amounts.items() if amount)
        self._many(
            f"INSERT INTO tallies (code, name, day, amount) VALUES ({self._marks(4)}) "  # noqa: S608
            "ON CONFLICT (code, name, day) DO UPDATE SET amount = tallies.amount + excluded.amount",
            rows,
        )

    def waits(self, delta: Delta) -> None:
        """Append the new waiting times; where some are taken out, write the rest anew."""
        fresh = delta.waits
        for key, gone in delta.gone.items():
            left = Counter(self._kept(key)) + Counter(fresh.pop(key, ()))
            left.subtract(gone)
            self._put(key, left.elements())
        rows = sorted((*key, _text(minutes)) for key, minutes in fresh.items())
        self._many(
            f"INSERT INTO waits (code, name, day, minutes) VALUES ({self._marks(4)}) "  # noqa: S608
            "ON CONFLICT (code, name, day) DO UPDATE SET minutes = waits.minutes || excluded.minutes",
            rows,
        )

    def _kept(self, key: Key) -> list[int]:
        query = f"SELECT minutes FROM waits WHERE code = {self.mark} AND name = {self.mark} AND day = {self.mark}"  # noqa: S608
        text = self.connection.exec_driver_sql(query, key).scalar()
        return [int(each) for each in (text or "").split()]

    def _put(self, key: Key, minutes: Any) -> None:
        self._many(
            f"INSERT INTO waits (code, name, day, minutes) VALUES ({self._marks(4)}) "  # noqa: S608
            "ON CONFLICT (code, name, day) DO UPDATE SET minutes = excluded.minutes",
            [(*key, _text(minutes))],
        )

    def _marks(self, count: int) -> str:
        return ", ".join([self.mark] * count)

    def _many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            driver: Any = self.connection.connection.driver_connection
            driver.cursor().executemany(statement, rows)


def _text(minutes: Any) -> str:
    return "".join(f"{each} " for each in minutes)


def _move(connection: sa.Connection, counter: str, value: int) -> None:
    connection.execute(_MOVE, {"name": counter, "value": value})


_MOVE = sa.text(
    "INSERT INTO counters (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
