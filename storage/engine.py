"""The way to the database: one writer at a time, many readers, and one error for "not now".

SQLite runs in WAL with FULL sync through pysqlite3; PostgreSQL through psycopg. On both, a write transaction holds the
database's only write turn from its first moment (BEGIN IMMEDIATE; an advisory lock), so numbers are gapless and
nothing that was read in it can change under it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy import event, exc

from cases.errors import StoreUnavailable
from storage.errors import UnsafeLibrary

WAIT_S = 5.0
SAFE_SQLITE = (3, 51, 3)  # older libraries may lose commits in WAL mode (the WAL-reset race)
WRITE_TURN = 0x726F6F6D  # our advisory lock on PostgreSQL

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "secure_delete = FAST",
    "temp_store = MEMORY",
    "cache_size = -32768",
    "wal_autocheckpoint = 16000",  # 64 MB, where nobody calls `carry_over`: the commit that crosses it stops for it
)
_CARRY_PAGES = 1000  # 4 MB


@dataclass(frozen=True, slots=True)
class Engine:
    """An open database. Both context managers raise StoreUnavailable when it does not answer."""

    writer: sa.Engine
    reader: sa.Engine
    wait_s: float = WAIT_S
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _held: threading.local = field(default_factory=threading.local)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file; else PostgreSQL."""
        return self.writer.dialect.name == "sqlite"

    @property
    def mark(self) -> str:
        """How a driver-level statement marks a parameter."""
        return "?" if self.is_sqlite else "%s"

    @property
    def driver(self) -> Any:
        """The database's own driver, for its exceptions."""
        return self.writer.dialect.loaded_dbapi

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The process's one write connection, in a transaction that holds the write turn; leaving commits."""
        if not self._turn.acquire(timeout=self.wait_s):
            raise StoreUnavailable("another write of this process holds the database")
        try:
            with self._plainly(), self.writer.connect() as connection, self._whole(connection), connection.begin():
                yield connection
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read-only connection that sees one moment of the database; within `moment`, the same one again."""
        held: sa.Connection | None = getattr(self._held, "connection", None)
        if held is not None:
            with self._plainly():
                yield held
            return
        with self._plainly(), self.reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Every `read` of this thread sees the same moment of the database until the outermost `moment` ends.

        What is read together then agrees, and costs one connection and one transaction.
        """
        if getattr(self._held, "connection", None) is not None:
            yield
            return
        with self.read() as connection:
            self._held.connection = connection
            try:
                yield
            finally:
                self._held.connection = None

    def carry_over(self) -> None:
        """Move what commits left in SQLite's log into the file, once there are a few megabytes of it.

        Called again and again beside the writers, it spares a commit in some hundred from doing all of it at once.
        On PostgreSQL there is nothing to do.
        """
        if not self.is_sqlite:
            return
        with self._plainly(), closing(self.reader.raw_connection()) as borrowed:
            driver: Any = borrowed.driver_connection
            _, logged, carried = driver.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if logged - carried >= _CARRY_PAGES:
                driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def close(self) -> None:
        """Let go of every connection."""
        self.writer.dispose()
        self.reader.dispose()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Every way in which a database fails to answer becomes StoreUnavailable; our own mistakes stay what they are.

        The hot path speaks to the driver itself, so the driver's own exceptions are met here beside SQLAlchemy's.
        """
        theirs = self.driver
        try:
            yield
        except (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError):
            raise
        except (theirs.IntegrityError, theirs.ProgrammingError, theirs.DataError, theirs.NotSupportedError):
            raise
        except (exc.DBAPIError, exc.TimeoutError, theirs.Error) as problem:
            raise StoreUnavailable(str(getattr(problem, "orig", problem))) from problem

    @contextmanager
    def _whole(self, connection: sa.Connection) -> Iterator[None]:
        """After a driver error throw the connection away, so that the next write starts with a sound one."""
        try:
            yield
        except (exc.DBAPIError, self.driver.Error):
            if not connection.closed:
                connection.invalidate()
            raise


def open_engine(url: str, wait_s: float = WAIT_S) -> Engine:
    """Open `sqlite:///path` or `postgresql+psycopg://…` (`postgresql://` is taken to mean the same).

    Connects on first use; a write that has waited `wait_s` seconds for its turn fails. Raises UnsafeLibrary for a
    SQLite that is not safe in WAL mode, ValueError for another kind of database or one in memory.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, wait_s)
    if address.get_backend_name() == "postgresql":
        return _open_postgres(address.set(drivername="postgresql+psycopg"), wait_s)
    raise ValueError(f"DATABASE_URL: sqlite or postgresql, not {address.get_backend_name()}")


def _open_sqlite(address: sa.URL, wait_s: float) -> Engine:
    if dbapi2.sqlite_version_info < SAFE_SQLITE:
        raise UnsafeLibrary(dbapi2.sqlite_version, ".".join(map(str, SAFE_SQLITE)))
    if not address.database or address.database == ":memory:":
        raise ValueError("DATABASE_URL: a SQLite file is needed, several processes share it")
    path = Path(address.database)

    def made(begin: str, *, only_reads: bool) -> sa.Engine:
        engine = sa.create_engine(
            address,
            module=dbapi2,
            connect_args={"timeout": wait_s, "isolation_level": None, "cached_statements": 256},
            pool_timeout=wait_s,
            pool_size=1 if not only_reads else 8,
            max_overflow=0 if not only_reads else 24,
        )
        event.listen(engine, "do_connect", lambda *_: _create_private(path))
        event.listen(engine, "connect", _prepare_sqlite(only_reads))
        event.listen(engine, "begin", lambda connection: connection.connection.driver_connection.execute(begin))
        return engine

    return Engine(made("BEGIN IMMEDIATE", only_reads=False), made("BEGIN", only_reads=True), wait_s)


def _create_private(path: Path) -> None:
    """A new database file is its owner's alone; SQLite gives the log files the same mode."""
    if str(path).startswith("file:"):
        return  # a URI with options of its own
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        return  # SQLite says it better, and where an error belongs


def _prepare_sqlite(only_reads: bool) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if only_reads:
            connection.execute("PRAGMA query_only = ON")

    return prepare


def _open_postgres(address: sa.URL, wait_s: float) -> Engine:
    waits = f"-c timezone=UTC -c lock_timeout={int(wait_s * 1000)} -c statement_timeout=15000"
    limits = {
        "options": f"{waits} -c idle_in_transaction_session_timeout=15000",
        "connect_timeout": max(2, int(wait_s)),
    }
    writer = sa.create_engine(
        address, connect_args=limits, pool_size=1, max_overflow=0, pool_pre_ping=True, pool_timeout=wait_s
    )
    reader = sa.create_engine(
        address,
        connect_args=limits,
        pool_size=8,
        max_overflow=24,
        pool_pre_ping=True,
        pool_timeout=wait_s,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    event.listen(
        writer, "begin", lambda connection: connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_TURN})")
    )
    return Engine(writer, reader, wait_s)
