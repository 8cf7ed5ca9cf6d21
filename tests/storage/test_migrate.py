"""Migrations: a fresh and an upgraded database are alike, and a newer one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cases.errors import StoreUnavailable
from cases.model import EVERYWHERE, Stage
from storage import search, tables
from storage.codes import SqlCodes
from storage.engine import Engine, open_engine
from storage.errors import SchemaNewer
from storage.migrate import _config, upgrade
from storage.rows import case_row
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import case


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}")
    yield engine
    engine.close()


def schema(engine: Engine) -> dict[str, str]:
    """What SQLite was told to make, whitespace and the migrations' own table aside."""
    with engine.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def test_a_migrated_database_is_the_one_the_tables_describe(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    described = open_engine(f"sqlite:///{tmp_path / 'described.sqlite'}")
    with described.write() as connection:
        tables.metadata.create_all(connection)
    assert schema(engine) == schema(described)
    described.close()
    with engine.write() as connection:
        ours = {"include_name": lambda name, kind, _: not (kind == "table" and search.is_part(name))}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), tables.metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    version = upgrade(engine)
    before = schema(engine)
    assert upgrade(engine) == version
    assert schema(engine) == before


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    engines = [open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        versions = set(pool.map(upgrade, engines))
    assert len(versions) == 1
    for engine in engines:
        engine.close()


def test_a_newer_database_is_refused_naming_both_versions(engine: Engine) -> None:
    version = upgrade(engine)
    with engine.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNewer) as refused:
        upgrade(engine)
    assert (refused.value.found, refused.value.known) == ("9999", version)
    assert "9999" in str(refused.value)
    assert version in str(refused.value)


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    with engine.write() as connection:
        connection.exec_driver_sql("CREATE TABLE tracks (x INTEGER)")  # in the way of the last steps
    with pytest.raises(StoreUnavailable, match="tracks"):
        upgrade(engine)
    assert set(schema(engine)) == {"tracks"}


def test_every_table_is_strict(engine: Engine) -> None:
    upgrade(engine)
    made = {name: sql for name, sql in schema(engine).items() if not search.is_part(name)}
    assert [name for name, sql in made.items() if "CREATE TABLE" in sql and "STRICT" not in sql] == []


def test_rows_of_the_first_release_are_kept_and_read_on(engine: Engine) -> None:
    with engine.write() as connection:
        command.upgrade(_config(connection), "0001")
        names = [c.name for c in tables.cases.columns][:56]
        row = case_row(case(stage=Stage.HANDLED, merged_into="20261116-000002"))[:56]
        marks = ",".join("?" * len(row))
        connection.exec_driver_sql(f"INSERT INTO cases ({','.join(names)}) VALUES ({marks})", row)
        connection.exec_driver_sql(
            "INSERT INTO events VALUES (1, 20261116000000001, 1, 0, '甲', 'duty', 'note', '', '', '{}')"
        )
    upgrade(engine)
    views = SqlViews(engine)
    assert views.case(case().no, EVERYWHERE) == case(stage=Stage.HANDLED, merged_into="20261116-000002")
    [event] = views.events(case().no, EVERYWHERE)
    assert (event.by, event.before, event.about) == ("甲", {}, {})
    codes = SqlCodes(engine)
    assert codes.case(codes.token(case().no, EVERYWHERE) or "") == views.case(case().no, EVERYWHERE)


def test_receipts_of_the_first_release_still_answer_their_repeats(engine: Engine) -> None:
    with engine.write() as connection:
        command.upgrade(_config(connection), "0001")
        for source, id_ in [("s-2", "a"), ("s-1", "b"), ("s-1", "a")]:
            row = (source, id_, "print", "report", f"no-{source}-{id_}", '["A"]', "[]", 0)
            connection.exec_driver_sql("INSERT INTO receipts VALUES (?,?,?,?,?,?,?,?)", row)
    upgrade(engine)
    with SqlStore(engine).transaction() as tx:
        found = tx.receipts([("s-1", "a"), ("s-2", "b"), ("s-1", "b")])
    assert {key: receipt.number for key, receipt in found.items()} == {("s-1", k): f"no-s-1-{k}" for k in "ab"}
