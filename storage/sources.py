"""What a source sent: its own cases and receipts, and nobody else's; a device's key opens no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cases.feed_ports import OVER, SentBy
from cases.model import Case, Receipt
from storage.engine import Engine
from storage.instants import micros
from storage.rows import case_of, receipt_of
from storage.tables import cases, receipts


@dataclass(frozen=True, slots=True)
class SqlSources:
    """A `cases.feed_ports.Sources`."""

    engine: Engine

    def cases(self, sent: SentBy) -> list[Case]:
        """The cases of one source that a question asks for, newest first."""
        asked = [cases.c.source == sent.source]
        if sent.numbers is not None:
            asked.append(cases.c.no.in_(sent.numbers))
        if sent.categories is not None:
            asked.append(cases.c.category.in_(sent.categories))
        if sent.since is not None:
            asked.append(cases.c.reported_at >= micros(sent.since))
        if sent.until is not None:
            asked.append(cases.c.reported_at <= micros(sent.until))
        if sent.ended is not None:
            over = [cases.c.closed_at.is_not(None), cases.c.state.in_(OVER), cases.c.outcome == "refused"]
            asked.append(sa.or_(*over) if sent.ended else ~sa.func.coalesce(sa.or_(*over), sa.false()))
        newest = sa.select(cases).where(*asked).order_by(cases.c.reported_at.desc(), cases.c.id.desc())
        with self.engine.read() as connection:
            return [case_of(row) for row in connection.execute(newest.limit(sent.most))]

    def receipt(self, source: str, ids: Sequence[str]) -> Receipt | None:
        """The newest receipt that a source holds for one of these ids; None when it holds none."""
        mine = sa.select(receipts).where(receipts.c.id.in_(ids), receipts.c.source == source)
        with self.engine.read() as connection:
            row = connection.execute(mine.order_by(receipts.c.at.desc()).limit(1)).one_or_none()
        return None if row is None else receipt_of(row)
