"""问卷 in SQL: rounds of asking, and how many of a grid and period were asked and said yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from cases.indicators import Period
from cases.model import Scope
from cases.surveys import Survey
from storage.engine import Engine
from storage.instants import instant, micros
from storage.rows import codes_of, codes_to_json
from storage.tables import surveys

COUNTS = surveys.c.withdrawn_at.is_(None)


@dataclass(frozen=True, slots=True)
class SqlSurveys:
    """The rounds (cases.surveys.Surveys). StoreUnavailable when the database does not answer."""

    engine: Engine

    def add(self, survey: Survey) -> None:
        """Keep a round."""
        row: dict[str, object] = {"no": survey.no, "question": survey.question, "grids": codes_to_json(survey.grids)}
        row |= {"day": survey.day.isoformat(), "asked": survey.asked, "yes": survey.yes, "note": survey.note}
        with self.engine.write() as connection:
            connection.execute(surveys.insert().values(**row, by=survey.by, at=micros(survey.at)))

    def withdraw(self, no: str, scope: Scope, by: str, now: datetime) -> bool:
        """Take a round of the scope out of every figure; it stays on record who did. Whether there was one."""
        with self.engine.write() as connection:
            grids = connection.execute(sa.select(surveys.c.grids).where(surveys.c.no == no, COUNTS)).scalar()
            if grids is None or not _is_in(codes_of(grids), scope.area):
                return False
            gone = surveys.update().where(surveys.c.no == no).values(withdrawn_by=by, withdrawn_at=micros(now))
            connection.execute(gone)
        return True

    def listed(self, question: str, scope: Scope, limit: int = 50) -> list[Survey]:
        """The rounds of the scope that count, newest day first."""
        query = sa.select(surveys).where(surveys.c.question == question, COUNTS)
        with self.engine.read() as connection:
            rows = connection.execute(query.order_by(surveys.c.day.desc(), surveys.c.at.desc())).all()
        found = [_survey_of(row) for row in rows if _is_in(codes_of(row.grids), scope.area)]
        return found[:limit]


def people(connection: sa.Connection, name: str, code: str, period: Period) -> int:
    """How many of a set `survey.<question>.asked` or `.yes` there are in a grid ("" for everywhere) and period.

    A round that was asked of a wider area says nothing of a grid within it; those within it are counted together.
    """
    _, question, which = name.split(".")
    span = surveys.c.day.between(period.first.isoformat(), period.last.isoformat())
    query = sa.select(surveys.c.grids, surveys.c[which]).where(surveys.c.question == question, span, COUNTS)
    return sum(amount for grids, amount in connection.execute(query) if _is_in(codes_of(grids), code))


def _is_in(grids: tuple[str, ...], code: str) -> bool:
    return not code or code in grids


def _survey_of(row: sa.Row[tuple[object, ...]]) -> Survey:
    day = date.fromisoformat(row.day)
    return Survey(row.no, row.question, codes_of(row.grids), day, row.asked, row.yes, row.note, row.by, instant(row.at))
