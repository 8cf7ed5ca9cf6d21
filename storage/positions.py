"""Where workers are and were: the newest fix of each, a thinned track for as long as allowed, and their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.model import CaseNo, Fix, Scope, Task, WorkerId, WorkerStatus
from storage.engine import Engine
from storage.instants import instant, micros
from storage.scope import worker_in
from storage.tables import last_fixes, tasks, tracks

_NAMES = "worker, at, lon, lat, accuracy_m, status, suspect"
_SETS = ", ".join(f"{name} = excluded.{name}" for name in _NAMES.split(", ")[1:])
_UNLESS_OLDER = f"ON CONFLICT (worker) DO UPDATE SET {_SETS} WHERE excluded.at > last_fixes.at"
_ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class SqlPositions:
    """Positions and tasks in SQL (ports.Positions). Places are WGS-84 degrees."""

    engine: Engine

    def keep(self, fixes: Sequence[Fix]) -> None:
        """Upsert the last fix per worker (an older one changes nothing) and append to the thinned track, each once."""
        if not fixes:
            return
        newest: dict[WorkerId, Fix] = {}
        for fix in fixes:
            if fix.worker not in newest or fix.at > newest[fix.worker].at:
                newest[fix.worker] = fix
        with self.engine.write() as connection:
            self._insert(connection, "last_fixes", list(newest.values()), _UNLESS_OLDER)
            self._insert(connection, "tracks", fixes, "ON CONFLICT DO NOTHING")

    def _insert(self, connection: sa.Connection, table: str, fixes: Sequence[Fix], where_known: str) -> None:
        """Many rows a statement: each lets go of the interpreter, and a gateway in a flood gives it back late.

        Row by row, five thousand fixes held the write turn for more than five seconds.
        """
        row = f"({','.join([self.engine.mark] * 7)})"
        for at in range(0, len(fixes), _ROWS_A_STATEMENT):
            some = fixes[at : at + _ROWS_A_STATEMENT]
            statement = f"INSERT INTO {table} ({_NAMES}) VALUES {','.join([row] * len(some))} {where_known}"  # noqa: S608
            connection.exec_driver_sql(statement, tuple(value for fix in some for value in _row(fix)))

    def last(self, scope: Scope) -> list[Fix]:
        """The newest kept fix per worker in the scope, by worker id."""
        with self.engine.read() as connection:
            rows = connection.execute(
                sa.select(last_fixes).where(worker_in(scope, last_fixes.c.worker)).order_by(last_fixes.c.worker)
            ).all()
        return [fix_of(row) for row in rows]

    def track(self, worker: WorkerId, since: datetime, until: datetime, scope: Scope) -> list[Fix]:
        """The kept track of one worker in [since, until), oldest first; empty outside the scope."""
        span = tracks.c.at.between(micros(since), micros(until) - 1)
        with self.engine.read() as connection:
            rows = connection.execute(
                sa.select(tracks)
                .where(tracks.c.worker == worker, span, worker_in(scope, tracks.c.worker))
                .order_by(tracks.c.at)
            ).all()
        return [fix_of(row) for row in rows]

    def forget_tracks(self, before: datetime) -> int:
        """Delete track points older than the rules allow; how many."""
        with self.engine.write() as connection:
            return connection.execute(tracks.delete().where(tracks.c.at < micros(before))).rowcount

    def open_tasks(self, worker: WorkerId) -> list[Task]:
        """Tasks not yet acknowledged, oldest first."""
        mine = sa.and_(tasks.c.worker == worker, tasks.c.acked_at.is_(None))
        with self.engine.read() as connection:
            rows = connection.execute(sa.select(tasks).where(mine).order_by(tasks.c.at, tasks.c.id)).all()
        return [_task_of(row) for row in rows]

    def acknowledge(self, task: str, worker: WorkerId, at: datetime) -> bool:
        """Mark a task as received, the first time counts; False when it is not this worker's."""
        mine = sa.and_(tasks.c.id == task, tasks.c.worker == worker)
        first = sa.func.coalesce(tasks.c.acked_at, micros(at))
        with self.engine.write() as connection:
            return connection.execute(tasks.update().where(mine).values(acked_at=first)).rowcount > 0


def _row(fix: Fix) -> tuple[object, ...]:
    at, status, suspect = micros(fix.at), fix.status.value, int(fix.suspect)
    return fix.worker, at, fix.lon, fix.lat, fix.accuracy_m, status, suspect


def fix_of(row: Any) -> Fix:
    """A fix from a row with the columns of `tracks`."""
    status = WorkerStatus(row.status)
    return Fix(WorkerId(row.worker), instant(row.at), row.lon, row.lat, row.accuracy_m, status, bool(row.suspect))


def _task_of(row: Any) -> Task:
    return Task(
        row.id,
        CaseNo(row.case_no),
        row.version,
        WorkerId(row.worker),
        row.title,
        row.text,
        row.lon,
        row.lat,
        row.by,
        instant(row.at),
        instant(row.acked_at),
    )
