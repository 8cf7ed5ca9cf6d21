"""Every contract is tried on both engines: a fresh SQLite file, and a fresh database of a private PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from cases.calendar import WorkCalendar
from cases.desk import Desk
from storage.engine import Engine, open_engine
from storage.migrate import upgrade
from storage.store import SqlStore
from storage.views import SqlViews
from tests.contracts.postgres import Cluster, binaries, running_cluster

TEMPLATE = "room_template"
_numbers = count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_cluster(found) as running:
        running.run(f"CREATE DATABASE {TEMPLATE}")
        engine = open_engine(running.url(TEMPLATE))
        upgrade(engine)
        engine.close()
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own, at the present schema, on each engine."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "room.sqlite")
        yield f"sqlite:///{copy}"
        return
    running: Cluster = request.getfixturevalue("cluster")
    name = f"room_{next(_numbers)}"
    running.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield running.url(name)
    running.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.close()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)


@pytest.fixture
def views(engine: Engine) -> SqlViews:
    return SqlViews(engine)
