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


@dataclass(frozen=True, slots=True)
class SqlPositions:
    """Positions and tasks in SQL (ports.Positions). Places are WGS-84 degrees."""

    engine: Engine

    def keep(self, fixes: Sequence[Fix]) -> None:
        """Upsert the last fix per worker (an older one changes nothing) and append to the thinned track, each once."""
        rows = [(f.worker, micros(f.at), f.lon, f.lat, f.accuracy_m, f.status.value, int(f.suspect)) for f in fixes]
        if not rows:
            return
        marks = ",".join([self.engine.mark] * 7)
        with self.engine.write() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO last_fixes ({_NAMES}) VALUES ({marks}) "  # noqa: S608
                f"ON CONFLICT (worker) DO UPDATE SET {_SETS} WHERE excluded.at > last_fixes.at",
                rows,
            )
            connection.exec_driver_sql(
                f"INSERT INTO tracks ({_NAMES}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
                rows,
            )

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
