"""What a scope lets through, as a condition for any query on cases, alerts or workers.

"" sees everything. An area sees what has a row of its code, and besides, of the cases in no grid (待定), those its
account entered itself. Absent and outside look the same.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from cases.model import Scope
from storage.tables import UNPLACED, alert_grids, alerts, case_grids, cases, worker_grids

ACCOUNT_SOURCE = "account:"  # the source of a case that a person typed in


def case_in(scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a row of `cases` is in the scope."""
    if not scope.area:
        return sa.true()
    inside = case_in_grid(scope.area)
    return sa.or_(inside, own_unplaced(scope.account)) if scope.account else inside


def case_in_grid(code: str) -> sa.ColumnElement[bool]:
    """Whether a row of `cases` lies in this grid."""
    inside = case_grids.alias()  # of its own, for a query may already walk an area's rows
    return (
        sa.select(sa.literal_column("1"))
        .where(inside.c.code == code, inside.c.case_id == cases.c.id)
        .correlate(cases)
        .exists()
    )


def own_unplaced(account: str) -> sa.ColumnElement[bool]:
    """Whether a row of `cases` is in no grid and was entered by this account."""
    entered = sa.or_(cases.c.source == ACCOUNT_SOURCE + account, cases.c.first_contact == account)
    return sa.and_(UNPLACED, entered)


def simplest(connection: sa.Connection, scope: Scope) -> Scope:
    """The same scope without its account where that makes no difference, which most queries are quicker with."""
    if not (scope.area and scope.account):
        return scope
    own = connection.execute(sa.select(cases.c.id).where(own_unplaced(scope.account)).limit(1)).first()
    return scope if own is not None else replace(scope, account="")


def alert_in(scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a row of `alerts` is in the scope."""
    if not scope.area:
        return sa.true()
    return sa.exists().where(alert_grids.c.code == scope.area, alert_grids.c.alert == alerts.c.no)


def worker_in(scope: Scope, worker: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a worker id is that of a worker whose grid lies in the scope."""
    if not scope.area:
        return sa.true()
    return sa.exists().where(worker_grids.c.code == scope.area, worker_grids.c.worker == worker)
