"""The words of cases, found in milliseconds: an index of neighbouring characters, alike on both engines.

Every run of letters and digits (cases.finding) is kept as its overlapping pairs and its last character, in order; a
part of a run is then a phrase of pairs, a single character the beginning of one. Nothing but a case's title, text and
address is in it, and its number turned round, so that what is asked for by its end is a beginning too: never who
reported, never a telephone number. On SQLite this is an FTS5 table without content, on PostgreSQL a tsvector under
GIN. A token is the run's UTF-16 in hexadecimal, which no tokenizer of either engine takes apart. What came in a moment
ago waits in storage.search_tail, which is also what writes here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from operator import add as add_text

import sqlalchemy as sa
from sqlalchemy import event

from cases.finding import number_end, runs, wanted
from cases.model import Case
from storage.rows import case_id
from storage.tables import metadata

log = logging.getLogger("room.storage")

NAME = "case_texts"
_UNIT = 4  # hexadecimal digits of one UTF-16 unit
_AT_ONCE = 2_000

_MADE_SQLITE = (
    f"CREATE VIRTUAL TABLE {NAME} USING fts5(words, content='', contentless_delete=1, tokenize='ascii', detail='full')",
)
_MADE_POSTGRES = (
    f"CREATE TABLE {NAME} (case_id BIGINT CONSTRAINT pk_{NAME} PRIMARY KEY, words TSVECTOR NOT NULL)",
    f"CREATE INDEX ix_{NAME}_words ON {NAME} USING gin (words)",
)

_texts = sa.table(NAME, sa.column("rowid"), sa.column("case_id"), sa.column("words"), sa.column(NAME))


def make(connection: sa.Connection) -> None:
    """Make the empty index in a database that has none."""
    for statement in _MADE_SQLITE if _is_sqlite(connection) else _MADE_POSTGRES:
        connection.exec_driver_sql(statement)


def rebuild(connection: sa.Connection) -> None:
    """Index every case there is, the waiting ones too; how far it has come is logged."""
    if sa.inspect(connection).has_table("search_tail"):
        connection.execute(sa.text("DELETE FROM search_tail"))
    total = connection.execute(sa.text("SELECT count(*) FROM cases")).scalar_one()
    query = sa.text("SELECT id, no, title, text, address FROM cases WHERE id > :last ORDER BY id LIMIT :many")
    last, done = -1, 0
    while rows := connection.execute(query, {"last": last, "many": _AT_ONCE}).all():
        insert(connection, [(row.id, tokens(row.no, row.title, row.text, row.address)) for row in rows])
        last, done = rows[-1].id, done + len(rows)
        log.info("search index: %d of %d cases", done, total)


def add(connection: sa.Connection, cases: Sequence[Case]) -> None:
    """Index new cases."""
    texts = [(case.no, case.title, case.text, case.place.address) for case in cases]
    insert(connection, [(case_id(each[0]), tokens(*each)) for each in texts])


def remove(connection: sa.Connection, case: Case) -> None:
    """Forget a case's words; nothing happens where it has none here."""
    key = "rowid" if _is_sqlite(connection) else "case_id"
    connection.execute(sa.text(f"DELETE FROM {NAME} WHERE {key} = :number"), {"number": case_id(case.no)})  # noqa: S608


def hits(connection: sa.Connection, words: str) -> tuple[sa.FromClause, sa.ColumnElement[int], sa.ColumnElement[bool]]:
    """What to read the found cases from, their ids there, and the condition; nothing is found by no word."""
    if _is_sqlite(connection):
        match = sa.column(NAME).op("MATCH", is_comparison=True)(_asked(words, '"', " ", "*", "AND", "OR"))
        found, key = match, _texts.c.rowid
    else:
        query = sa.cast(_asked(words, "", " <-> ", ":*", "&", "|"), _TsQuery())
        found, key = _texts.c.words.op("@@", is_comparison=True)(query), _texts.c.case_id
    return _texts, key, found if wanted(words) or number_end(words) else sa.false()


def tokens(number: str, *texts: str) -> list[str]:
    """The tokens of a case in their order; a run ends with its last character alone, so no phrase crosses runs."""
    found = [_turned(number)]
    for run in runs("\n".join(texts)):  # no run and no long number goes over the end of a line
        units = run.encode("utf-16-be", "surrogatepass").hex(" ", _UNIT // 2).split(" ")
        found += map(add_text, units, units[1:])
        found.append(units[-1])
    return found


def _code(run: str) -> str:
    return run.encode("utf-16-be", "surrogatepass").hex()


def _turned(number: str) -> str:
    """A case number from its end: n200000… for …000002."""
    return "n" + number.replace("-", "")[::-1]


def _asked(words: str, quote: str, then: str, beginning: str, both: str, either: str) -> str:
    """The words in an engine's own language: its quote and signs for followed by, beginning with, and, or."""
    phrases = []
    for run in wanted(words):
        code = _code(run)
        pairs = [code[at : at + 2 * _UNIT] for at in range(0, max(len(code) - _UNIT, 1), _UNIT)]
        phrases.append(f"{quote}{then.join(pairs)}{quote}" + (beginning if len(code) == _UNIT else ""))
    asked = [f"({f' {both} '.join(f'({phrase})' for phrase in phrases)})"] if phrases else []
    end = number_end(words)
    return f" {either} ".join([*asked, *([f"{quote}{_turned(end)}{quote}{beginning}"] if end else [])])


class _TsQuery(sa.types.UserDefinedType[str]):
    """PostgreSQL's tsquery, given as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TSQUERY"


def insert(connection: sa.Connection, rows: Sequence[tuple[int, list[str]]]) -> None:
    """Write the tokens of cases, by id, that are not indexed."""
    if not rows:
        return
    if _is_sqlite(connection):
        kept = [(number, " ".join(found)) for number, found in rows]
        connection.exec_driver_sql(f"INSERT INTO {NAME} (rowid, words) VALUES (?, ?)", kept)  # noqa: S608
        return
    placed = [(number, " ".join(f"{token}:{at}" for at, token in enumerate(found, 1))) for number, found in rows]
    connection.exec_driver_sql(f"INSERT INTO {NAME} (case_id, words) VALUES (%s, %s::tsvector)", placed)  # noqa: S608


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


def is_part(name: str) -> bool:
    """Whether a table is the index or one of those FTS5 keeps it in; the schema's own comparison leaves them out."""
    return name == NAME or name.startswith(f"{NAME}_")


@event.listens_for(metadata, "after_create")
def _with_the_tables(_target: object, connection: sa.Connection, **_: object) -> None:
    make(connection)
