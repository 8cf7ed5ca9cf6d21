"""When the database does not answer nothing is acknowledged, and when it is back the same engine goes on."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE
from cases.ports import CaseFilter
from storage.engine import Engine, open_engine
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import MONDAY_9, report
from tests.contracts.build import filed
from tests.contracts.postgres import Cluster


@pytest.fixture
def hasty(url: str) -> Iterator[Engine]:
    """An engine that does not wait long for its turn."""
    engine = open_engine(url, wait_s=0.2)
    yield engine
    engine.close()


@pytest.fixture
def hasty_desk(hasty: Engine) -> Desk:
    return Desk(SqlStore(hasty), WorkCalendar(), lambda changes: None)


@contextmanager
def held(url: str, engine: Engine) -> Iterator[None]:
    """Another program holds the database's write turn."""
    if engine.is_sqlite:
        other = dbapi2.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
    else:
        with engine.reader.connect() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_lock(1919905645)")
            yield
            connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")


def count(engine: Engine) -> int:
    return SqlViews(engine).cases(EVERYWHERE, CaseFilter()).total


def test_a_database_held_by_another_is_unavailable_and_then_goes_on(url: str, hasty: Engine, hasty_desk: Desk) -> None:
    filed(hasty_desk, report("before"))
    with held(url, hasty), pytest.raises(StoreUnavailable):
        hasty_desk.file([report("meanwhile")], MONDAY_9)
    assert count(hasty) == 1
    assert filed(hasty_desk, report("meanwhile")) == ["20261116-000002"]


def test_a_second_write_of_the_same_process_waits_its_turn(hasty: Engine, hasty_desk: Desk) -> None:
    with hasty.write(), pytest.raises(StoreUnavailable):
        hasty_desk.file([report("a")], MONDAY_9)
    assert filed(hasty_desk, report("a")) == ["20261116-000001"]


def test_a_reader_cannot_write(hasty: Engine) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"), hasty.read() as connection:
        connection.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('event', 7)")


def test_a_read_only_file_takes_no_report(sqlite_template: Path) -> None:
    engine = open_engine(f"sqlite:///file:{sqlite_template}?mode=ro&uri=true", wait_s=0.2)
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)
    with pytest.raises(StoreUnavailable, match="readonly"):
        desk.file([report("a")], MONDAY_9)
    assert count(engine) == 0
    engine.close()


def test_a_full_disk_takes_no_report_until_there_is_room_again(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)
    filed(desk, report("before"))
    wal = path.with_name(path.name + "-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal, before[1]))
    try:
        with pytest.raises(StoreUnavailable):
            desk.file([report(f"r{n}", text="长" * 4000) for n in range(50)], MONDAY_9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert count(engine) == 1
    assert filed(desk, report("after")) == ["20261116-000002"]
    engine.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    path.write_bytes(b"not a database at all " * 400)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable), engine.write():
        pass
    engine.close()


@pytest.mark.postgres
def test_a_server_that_went_away_and_came_back(cluster: Cluster) -> None:
    cluster.run("CREATE DATABASE room_restart TEMPLATE room_template STRATEGY FILE_COPY")
    engine = open_engine(cluster.url("room_restart"), wait_s=2)
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)
    filed(desk, report("before"))
    cluster.stop()
    try:
        with pytest.raises(StoreUnavailable):
            desk.file([report("during")], MONDAY_9)
        with pytest.raises(StoreUnavailable):
            count(engine)
    finally:
        cluster.start()
    assert filed(desk, report("during")) == ["20261116-000002"]
    assert count(engine) == 2
    engine.close()


@pytest.mark.postgres
def test_a_connection_cut_in_the_middle_saves_nothing(cluster: Cluster) -> None:
    cluster.run("CREATE DATABASE room_cut TEMPLATE room_template STRATEGY FILE_COPY")
    engine = open_engine(cluster.url("room_cut"), wait_s=2)
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)

    def write_through_a_cut() -> None:
        with SqlStore(engine).transaction() as tx:
            tx.next("event", 5)
            cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'room_cut'")
            tx.next("event", 5)

    with pytest.raises(StoreUnavailable):
        write_through_a_cut()
    assert filed(desk, report("after")) == ["20261116-000001"]
    assert SqlViews(engine).changed_since(0)[0] == 1
    engine.close()
