"""Opening a database: which are taken, how a SQLite file is kept, which library is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from storage.engine import Engine, open_engine
from storage.errors import UnsafeLibrary
from storage.migrate import upgrade


@pytest.mark.parametrize("url", ["mysql://host/room", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_several_processes_cannot_share_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        open_engine(url)


def test_an_old_sqlite_is_refused_because_it_may_lose_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 51, 2))
    monkeypatch.setattr(dbapi2, "sqlite_version", "3.51.2")
    with pytest.raises(UnsafeLibrary, match=r"3\.51\.2.*3\.51\.3"):
        open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}")


def test_the_file_is_its_owners_alone_and_written_through(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": 5000}
    with engine.write() as connection:
        kept = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
        assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}
    assert kept == wanted
    engine.close()


def test_what_commits_left_in_the_log_is_carried_over_once_it_is_a_few_megabytes(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}")
    with engine.write() as connection:
        connection.exec_driver_sql("CREATE TABLE page (words TEXT)")
    engine.carry_over()
    logged, carried = _carried(engine)
    assert logged > carried == 0
    with engine.write() as connection:
        connection.exec_driver_sql("INSERT INTO page VALUES (?)", ("字" * 2_000_000,))
    engine.carry_over()
    logged, carried = _carried(engine)
    assert logged == carried > 1000
    engine.close()


def test_carrying_over_waits_for_no_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}")
    with engine.write() as connection:
        connection.exec_driver_sql("CREATE TABLE page (words TEXT)")
        connection.exec_driver_sql("INSERT INTO page VALUES (?)", ("字" * 2_000_000,))
    with engine.write() as connection:
        connection.exec_driver_sql("INSERT INTO page VALUES ('one more')")
        engine.carry_over()
    logged, carried = _carried(engine)
    assert logged == carried + 1
    engine.close()


def _carried(engine: Engine) -> tuple[int, int]:
    """How many pages stand in the log, and how many of them in the file as well."""
    with engine.reader.connect() as connection:
        row = connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()  # type: ignore[union-attr]
    return row[1], row[2]


def test_a_postgres_url_in_its_usual_form_is_taken() -> None:
    engine = open_engine("postgresql://room@db.example/room")
    assert not engine.is_sqlite
    assert engine.writer.dialect.driver == "psycopg"
