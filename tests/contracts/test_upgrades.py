"""Rows of an older release are kept and read on, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from alembic import command

from cases.device_keys import DeviceKeys
from cases.model import Device
from storage.directory import SqlDirectory
from storage.engine import Engine, open_engine
from storage.migrate import _config, upgrade
from tests.contracts.postgres import Cluster

_numbers = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database in which nothing has been made yet."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'room.sqlite'}")
        yield engine
        engine.close()
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"bare_{next(_numbers)}"
    cluster.run(f"CREATE DATABASE {name}")
    engine = open_engine(cluster.url(name))
    yield engine
    engine.close()
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


def at_release(engine: Engine, revision: str) -> None:
    with engine.write() as connection:
        command.upgrade(_config(connection), revision)


def test_devices_of_0015_keep_their_keys_and_are_bound_to_no_area(bare: Engine) -> None:
    at_release(bare, "0015")
    row = ("old-1", "hotline", "*", "a" * 64, 0, 0)
    marks = ",".join([bare.mark] * len(row))
    with bare.write() as connection:
        names = "id, source, worker, key_hash, demo, disabled"
        connection.exec_driver_sql(f"INSERT INTO devices ({names}) VALUES ({marks})", row)
    upgrade(bare)
    directory = SqlDirectory(bare)
    old = Device("old-1", "hotline", "*", area="", issued_at=None)
    assert directory.device_and_key("old-1") == (old, "a" * 64)
    keys, now = DeviceKeys(directory, lambda code: code == "A"), datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert keys.bind("old-1", area="A").area == "A"
    assert keys.rotate("old-1", now).startswith("old-1.")
    assert directory.devices() == [Device("old-1", "hotline", "*", area="A", issued_at=now)]
