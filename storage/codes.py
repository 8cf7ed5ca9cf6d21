"""一案一码 (domain.md §0.5): each case's secret, made with the case and never from its number."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.model import Case, CaseNo, Scope
from storage.engine import Engine
from storage.rows import case_of
from storage.scope import case_in
from storage.tables import cases, codes

LENGTH = 34  # of a token in characters; those of earlier releases have 32
_RANDOM = 26  # characters of five bits: 130 bits that nobody can guess
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32
_FIVE_BITS = (_LETTERS * 8).encode()  # of each byte the lowest five
_TEN_BITS = [a + b for a in sorted(_LETTERS) for b in sorted(_LETTERS)]  # in their order: digits sort before letters


def new_token(at: datetime) -> str:
    """A new secret: the moment it was made, then 130 random bits, as 34 letters and digits.

    The moment in front keeps neighbours in time together in the index, so that a flood of reports writes a page or
    two of it a batch and not one a case; it tells nobody anything that the page behind the secret does not.
    """
    return _moment(int(at.timestamp() * 1024)) + os.urandom(_RANDOM).translate(_FIVE_BITS).decode()


def _moment(tick: int) -> str:
    """The lowest forty bits of 1/1024 seconds since 1970, so that later tokens sort behind: 34 years a round."""
    return "".join(_TEN_BITS[tick >> shift & 1023] for shift in (30, 20, 10, 0))


@dataclass(frozen=True, slots=True)
class SqlCodes:
    """The secrets in SQL (ports.Codes). StoreUnavailable when the database does not answer."""

    engine: Engine

    def token(self, no: CaseNo, scope: Scope) -> str | None:
        """The case's secret; None when absent or outside the scope."""
        query = sa.select(codes.c.token).join(cases, cases.c.id == codes.c.case_id)
        with self.engine.read() as connection:
            found: str | None = connection.execute(query.where(cases.c.no == no, case_in(scope))).scalar()
        return found

    def case(self, token: str) -> Case | None:
        """The case of a secret; the same one question of the index whether it is wrong, malformed or far too long."""
        asked = token if len(token) <= LENGTH and token.isascii() and token.isalnum() else "-" * LENGTH
        query = sa.select(cases).join(codes, codes.c.case_id == cases.c.id).where(codes.c.token == asked)
        with self.engine.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else case_of(row)
