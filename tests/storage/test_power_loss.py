"""P2: whatever moment the power goes, no acknowledged report is missing and the database is sound.

The desk files into the real engine, and every statement that reaches SQLite is written down. SQLite runs them again
over a disk that keeps a log; from the log follows what a disk holds that lost its power at any moment, and the real
engine opens that.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from cases.calendar import WorkCalendar
from cases.desk import Desk
from storage.engine import _PRAGMAS, Engine, open_engine
from storage.store import SqlStore
from tests.cases.build import report
from tests.contracts.build import filed
from tests.empty import empty_database
from tests.storage.unsynced import Acknowledged, LoggedDisk, Step, after_power_loss, connected

NAME, SEED, BATCHES = "room.sqlite", 20261122, 40
Told = str | Acknowledged


@dataclass(frozen=True)
class Recording:
    """The database before, and everything that was said to SQLite with the acks in between."""

    before: bytes
    said: Sequence[Told]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Forty batches of one to five reports, filed by the real desk."""
    path = tmp_path_factory.mktemp("real") / NAME
    empty_database(path).close()  # carries the log over: the file alone is the database
    before, said = path.read_bytes(), list[Told]()
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine.writer, "connect", lambda connection, _: connection.set_trace_callback(said.append))
    desk, dice = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None), random.Random(SEED)
    for batch in range(BATCHES):
        ids = [f"r{batch}-{n}" for n in range(dice.randrange(1, 6))]
        filed(desk, *(report(each, text="夜里很响。" * dice.randrange(300)) for each in ids))
        said.append(Acknowledged(tuple(ids)))
    engine.close()
    return Recording(before, said)


def run_again(recording: Recording, folder: Path, *instead: str) -> list[Step]:
    """What a disk is told when SQLite runs it all again; `instead` are pragmas over the product's own."""
    (folder / NAME).write_bytes(recording.before)
    disk = LoggedDisk(f"logged-{folder}")
    # Every 20 pages are carried over, so that most moments lie beside or within a checkpoint.
    with connected(folder / NAME, f"logged-{folder}", (*_PRAGMAS, "wal_autocheckpoint = 20", *instead)) as sqlite:
        for each in recording.said:
            if isinstance(each, Acknowledged):
                disk.log.append(each)
            else:
                sqlite.execute(each)
        steps = list(disk.log)
    disk.unregister()
    return steps


def lost(recording: Recording, steps: Sequence[Step], dice: random.Random, folder: Path) -> set[str]:
    """What was acknowledged before a moment and is not there after it; the engine must find the database sound."""
    until = steps[: dice.randrange(1, len(steps) + 1)]
    torn = dice if dice.random() < 0.7 else None
    folder.mkdir()
    for name, content in after_power_loss(recording.before, NAME, until, torn).items():
        (folder / name).write_bytes(content)
    engine = open_engine(f"sqlite:///{folder / NAME}")
    try:
        there = _receipts(engine)
    finally:
        engine.close()
    return {id_ for each in until if isinstance(each, Acknowledged) for id_ in each.ids} - there


def _receipts(engine: Engine) -> set[str]:
    with engine.read() as connection:
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
        cases = connection.execute(sa.text("SELECT count(*) FROM cases")).scalar()
        found = set(connection.execute(sa.text("SELECT id FROM receipts")).scalars())
        assert cases == len(found), "a receipt and its case are one transaction"
        return found


def losses(recording: Recording, folder: Path, moments: int, *instead: str) -> Iterator[set[str]]:
    (folder / "first").mkdir()
    steps, dice = run_again(recording, folder / "first", *instead), random.Random(SEED)
    assert sum(isinstance(each, Acknowledged) for each in steps) == BATCHES
    for moment in range(moments):
        yield lost(recording, steps, dice, folder / str(moment))


@pytest.mark.parametrize("moments", [20, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_no_acknowledged_report_is_lost_with_the_power(recording: Recording, tmp_path: Path, moments: int) -> None:
    assert [each for each in losses(recording, tmp_path, moments) if each] == []


def test_without_the_engines_syncs_reports_would_be_lost(recording: Recording, tmp_path: Path) -> None:
    assert any(losses(recording, tmp_path, 20, "synchronous = NORMAL"))
