"""What indicators are made of: the cases and mediations of a span and a scope, as stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.model import Case, Handoff, Link, Mediation, Scope, StageClock, Whistle
from storage.engine import Engine
from storage.instants import micros
from storage.rows import case_of, clock_of, handoff_of, link_of, mediation_of, whistle_of
from storage.scope import case_in, simplest
from storage.tables import COUNTED, OPEN, cases, clocks, handoffs, links, mediations, whistles


@dataclass(frozen=True, slots=True)
class SqlEvidence:
    """Rows behind figures and lists of the duty desk; every method takes the scope and raises StoreUnavailable."""

    engine: Engine

    def received(self, scope: Scope, since: datetime, until: datetime) -> list[Case]:
        """Cases received in [since, until), oldest first; exercises and sub-tasks left out."""
        span = sa.and_(cases.c.received_at >= micros(since), cases.c.received_at < micros(until), COUNTED)
        with self.engine.read() as connection:
            mine = case_in(simplest(connection, scope))
            return [case_of(row) for row in connection.execute(sa.select(cases).where(span, mine).order_by(cases.c.id))]

    def mediations(self, scope: Scope, since: datetime, until: datetime) -> list[Mediation]:
        """Attempts at mediation in [since, until), oldest first; those of exercises left out."""
        span = sa.and_(mediations.c.at >= micros(since), mediations.c.at < micros(until))
        of_case = sa.select(mediations).join(cases, cases.c.id == mediations.c.case_id)
        real = cases.c.exercise == sa.literal_column("0")
        with self.engine.read() as connection:
            rows = connection.execute(of_case.where(span, real, case_in(scope)).order_by(mediations.c.at)).all()
        return [mediation_of(row) for row in rows]

    def clocks(self, scope: Scope, since: datetime, until: datetime) -> list[StageClock]:
        """Step clocks and promises that began in [since, until), oldest first; of cases that count."""
        return [clock_of(row) for row in self._counted(clocks, clocks.c.since, scope, since, until)]

    def whistles(self, scope: Scope, since: datetime, until: datetime) -> list[Whistle]:
        """Whistles of [since, until), oldest first; of cases that count."""
        return [whistle_of(row) for row in self._counted(whistles, whistles.c.called_at, scope, since, until)]

    def handoffs(self, scope: Scope, since: datetime, until: datetime) -> list[Handoff]:
        """Hand-offs of [since, until), oldest first; of cases that count."""
        return [handoff_of(row) for row in self._counted(handoffs, handoffs.c.out_at, scope, since, until)]

    def _counted(
        self, table: sa.Table, at: sa.Column[int], scope: Scope, since: datetime, until: datetime
    ) -> Sequence[sa.Row[tuple[object, ...]]]:
        of_case = sa.select(table).join(cases, cases.c.id == table.c.case_id)
        span = sa.and_(at >= micros(since), at < micros(until), COUNTED, case_in(scope))
        with self.engine.read() as connection:
            return connection.execute(of_case.where(span).order_by(at)).all()

    def whistles_waiting(self, scope: Scope) -> list[Whistle]:
        """Whistles of open cases whose unit is not there yet, the first to answer first; exercises included."""
        of_case = sa.select(whistles).join(cases, cases.c.id == whistles.c.case_id)
        waiting = sa.and_(whistles.c.arrived_at.is_(None), OPEN, case_in(scope))
        with self.engine.read() as connection:
            rows = connection.execute(of_case.where(waiting).order_by(whistles.c.answer_by, whistles.c.unit)).all()
        return [whistle_of(row) for row in rows]

    def handoffs_out(self, scope: Scope) -> list[Handoff]:
        """Hand-offs that are not back, the first due first; those without a legal limit last."""
        of_case = sa.select(handoffs).join(cases, cases.c.id == handoffs.c.case_id)
        order = (sa.case((handoffs.c.due_at.is_(None), 1), else_=0), handoffs.c.due_at, handoffs.c.out_at)
        with self.engine.read() as connection:
            rows = connection.execute(
                of_case.where(handoffs.c.back_at.is_(None), case_in(scope)).order_by(*order)
            ).all()
        return [handoff_of(row) for row in rows]

    def links(self, no: str, scope: Scope) -> list[Link]:
        """The links of a case in the scope, whichever end it is, oldest first."""
        one = sa.select(cases.c.id).where(cases.c.no == no, case_in(scope)).scalar_subquery()
        mine = sa.or_(links.c.case_id == one, links.c.other_id == one)
        with self.engine.read() as connection:
            return [link_of(row) for row in connection.execute(sa.select(links).where(mine).order_by(links.c.at))]
