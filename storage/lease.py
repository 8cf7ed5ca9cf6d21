"""One leader at a time, by a lease in SQL: whoever holds it turns the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.engine import Engine
from storage.instants import micros
from storage.tables import leases

_HOLD = sa.text(
    "INSERT INTO leases (name, owner, until) VALUES (:name, :owner, :until) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE leases.owner = excluded.owner OR leases.until <= :now"
)


@dataclass(frozen=True, slots=True)
class Leases:
    """Named leases; they run out by themselves when their owner dies."""

    engine: Engine

    def hold(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take or keep a lease for this long; False while another owner's has not run out."""
        until = micros(now + timedelta(seconds=seconds))
        with self.engine.write() as connection:
            done = connection.execute(_HOLD, {"name": name, "owner": owner, "until": until, "now": micros(now)})
            return done.rowcount > 0

    def release(self, name: str, owner: str) -> None:
        """Give up one's own lease, so that the next owner need not wait."""
        with self.engine.write() as connection:
            connection.execute(leases.delete().where(leases.c.name == name, leases.c.owner == owner))
