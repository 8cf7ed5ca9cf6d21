"""Who was shown personal data or printed cases, and when: kept apart from the cases' own events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.engine import Engine
from storage.instants import instant, micros
from storage.tables import disclosures

_RECORD = sa.text(
    "INSERT INTO disclosures (at, account, what, subject) VALUES (:at, :account, :what, :subject) "
    "ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class SqlDisclosures:
    """The record in SQL (ports.Disclosures). StoreUnavailable: nothing was kept, so nothing may be shown."""

    engine: Engine

    def record(self, account: str, what: str, subject: str, at: datetime) -> None:
        """Keep one look at, or one print of, a case or an area's list."""
        with self.engine.write() as connection:
            connection.execute(_RECORD, {"at": micros(at), "account": account, "what": what, "subject": subject})

    def of(self, subject: str) -> list[tuple[datetime, str, str]]:
        """(when, who, what) of a case or area, oldest first."""
        mine = sa.select(disclosures).where(disclosures.c.subject == subject).order_by(disclosures.c.at)
        with self.engine.read() as connection:
            return [(instant(row.at), row.account, row.what) for row in connection.execute(mine)]
