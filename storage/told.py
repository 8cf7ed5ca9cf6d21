"""首问负责 (domain.md G6): what happened to the cases a person took first, since that person last looked."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cases.model import Case, Event, Scope, Stage
from storage.engine import Engine
from storage.rows import case_of, event_of
from storage.scope import case_in
from storage.tables import cases, events, told

_ANSWERED = sa.and_(cases.c.stage == Stage.EVALUATED.value, events.c.at > cases.c.evaluated_at)


@dataclass(frozen=True, slots=True)
class SqlTold:
    """What the tracker of a case must be told. Blocking; StoreUnavailable when the database does not answer."""

    engine: Engine

    def news(self, account: str, scope: Scope, limit: int = 200) -> list[tuple[Event, Case]]:
        """Unread events of the cases whose first contact the account is, oldest first, with the cases as they stand.

        Not one's own steps, and nothing after the reporter's answer (the evaluation) has come in.
        """
        mine = sa.and_(cases.c.first_contact == account, events.c.by != account, sa.not_(_ANSWERED))
        with self.engine.read() as connection:
            read = connection.execute(sa.select(told.c.seq).where(told.c.account == account)).scalar() or 0
            unread = sa.and_(mine, events.c.seq > read, case_in(scope))
            query = sa.select(events, *cases.columns).join(cases, cases.c.id == events.c.case_id).where(unread)
            rows = connection.execute(query.order_by(events.c.seq).limit(limit)).all()
        width = len(events.columns)
        return [(event_of(row[:width]), case_of(row[width:])) for row in rows]

    def read(self, account: str, seq: int) -> None:
        """Remember that the account has read everything up to an event; going back is not possible."""
        with self.engine.write() as connection:
            connection.execute(_READ, {"account": account, "seq": seq})


_READ = sa.text(
    "INSERT INTO told (account, seq) VALUES (:account, :seq) "
    "ON CONFLICT (account) DO UPDATE SET seq = excluded.seq WHERE told.seq < excluded.seq"
)
