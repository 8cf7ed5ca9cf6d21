"""Remembered cases: bounded, never stale, read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from cases.model import EVERYWHERE, CaseNo
from storage import seen
from storage.engine import Engine
from storage.seen import VERSION, SeenCases
from storage.store import SqlStore
from storage.tables import cases
from tests.cases.build import case
from tests.empty import empty_database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = empty_database(tmp_path / "room.sqlite")
    with SqlStore(engine).transaction() as tx:
        tx.add_cases([case(no=CaseNo(f"20261116-{n:06d}")) for n in range(1, 6)])
    yield engine
    engine.close()


def read(engine: Engine, memory: SeenCases) -> list[str]:
    with engine.read() as connection:
        rows = connection.execute(sa.select(*VERSION).order_by(cases.c.id.desc())).all()
        return [f"{c.no[-1]}v{c.version}" for c in memory.cases(connection, rows)]


def test_a_new_version_is_read_anew(engine: Engine) -> None:
    memory = SeenCases()
    assert read(engine, memory) == ["5v1", "4v1", "3v1", "2v1", "1v1"]
    with SqlStore(engine).transaction() as tx:
        found = tx.case(CaseNo("20261116-000003"), EVERYWHERE)
        assert found is not None
        tx.save_case(replace(found, version=2))
    assert read(engine, memory) == ["5v1", "4v1", "3v2", "2v1", "1v1"]


def test_the_memory_is_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "KEPT", 2)
    memory = SeenCases()
    assert read(engine, memory) == read(engine, memory)
    assert len(memory._kept) == 2
