"""The rest of a case's file: whistles, mediations, hand-offs, links, sub-tasks and tasks, from one moment."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cases.model import CaseNo, Link, Scope, Task
from cases.ports import CaseRecord
from storage.engine import Engine
from storage.instants import instant
from storage.rows import Row, case_of, handoff_of, link_of, mediation_of, whistle_of
from storage.scope import case_in
from storage.tables import cases, handoffs, links, mediations, tasks, whistles


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """The file in SQL (ports.Records). StoreUnavailable when the database does not answer."""

    engine: Engine

    def of(self, no: CaseNo, scope: Scope) -> CaseRecord:
        """All that hangs on a case; empty outside the scope, and without links to cases outside it."""
        with self.engine.read() as connection:
            case_id = connection.execute(sa.select(cases.c.id).where(cases.c.no == no, case_in(scope))).scalar()
            if case_id is None:
                return CaseRecord()
            reading = _Reading(connection, scope, case_id)
            return CaseRecord(
                [whistle_of(row) for row in reading.of(whistles, whistles.c.version, whistles.c.unit)],
                [mediation_of(row) for row in reading.of(mediations, mediations.c.version)],
                [handoff_of(row) for row in reading.of(handoffs, handoffs.c.version)],
                reading.links(),
                [case_of(row) for row in reading.rows(sa.select(cases).where(cases.c.parent == no, case_in(scope)))],
                [task_of(row) for row in reading.rows(sa.select(tasks).where(tasks.c.case_no == no))],
            )


@dataclass(frozen=True, slots=True)
class _Reading:
    connection: sa.Connection
    scope: Scope
    case_id: int

    def rows(self, query: sa.Select[tuple[object, ...]]) -> list[Row]:
        return [tuple(row) for row in self.connection.execute(query)]

    def of(self, table: sa.Table, *order: sa.ColumnElement[object]) -> list[Row]:
        return self.rows(sa.select(table).where(table.c.case_id == self.case_id).order_by(*order))

    def links(self) -> list[Link]:
        """Those whose other end the scope holds too."""
        ends = ((links.c.case_id, links.c.other_id), (links.c.other_id, links.c.case_id))
        found = [
            link_of(row)
            for mine, other in ends
            for row in self.rows(
                sa.select(links).join(cases, cases.c.id == other).where(mine == self.case_id, case_in(self.scope))
            )
        ]
        return sorted(found, key=lambda link: link.at)


def task_of(row: Row) -> Task:
    """A task from the columns of `tasks`, in the table's order."""
    id_, case, version, worker, title, text, lon, lat, by, at, acked_at = row
    return Task(id_, case, version, worker, title, text, lon, lat, by, instant(at), instant(acked_at))
