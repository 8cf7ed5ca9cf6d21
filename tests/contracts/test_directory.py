"""Workers, units, devices, positions and leases on both engines."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from cases.errors import BadAction
from cases.model import (
    EVERYWHERE,
    Account,
    Device,
    Fix,
    GridWorker,
    HandlingUnit,
    Role,
    Scope,
    UnitId,
    WorkerId,
    WorkerStatus,
)
from storage.directory import SqlDirectory
from storage.engine import Engine
from storage.lease import Leases
from storage.positions import SqlPositions
from tests.cases.build import MONDAY_9

SECOND = timedelta(seconds=1)
W1 = WorkerId("W-0001")


@pytest.fixture
def directory(engine: Engine) -> SqlDirectory:
    return SqlDirectory(engine)


def test_workers_come_back_and_may_move(directory: SqlDirectory) -> None:
    worker = GridWorker(W1, "王网格", "N1", "13800000000", ("调解", "急救"), "专职网格员")
    directory.put_workers([worker], lambda code: ("N", code))
    assert directory.workers(EVERYWHERE) == directory.workers(Scope("N")) == [worker]
    moved = replace(worker, grid="S1")
    directory.put_workers([moved], lambda code: ("S", code))
    assert directory.workers(Scope("N")) == []
    assert directory.workers(Scope("S1")) == [moved]


def test_units_come_back(directory: SqlDirectory) -> None:
    unit = HandlingUnit(UnitId("U-1"), "城管中队", "urban", "T-N", ("city.parking", "city.advert"))
    directory.put_units([unit])
    renewed = replace(unit, name="综合执法队", founded=date(2026, 5, 11))
    directory.put_units([renewed])
    assert directory.units() == [renewed]


def test_a_device_is_known_by_the_hash_of_its_key(directory: SqlDirectory) -> None:
    device = Device("demo-01", "grid_worker", "W-0001", demo=True)
    directory.put_device(device, "demo-01.secret")
    assert directory.device("demo-01") == device
    assert directory.device_and_key("demo-01") == (device, hashlib.sha256(b"demo-01.secret").hexdigest())
    assert directory.device("demo-02") is None
    assert directory.device_and_key("demo-02") is None
    assert directory.revoke_device("demo-01")
    assert not directory.revoke_device("demo-02")
    assert directory.devices() == [replace(device, disabled=True)]


def test_accounts_are_listed_by_name(directory: SqlDirectory) -> None:
    for name in ("乙", "甲"):
        directory.put_account(Account(name, Role.UNIT, "T", name, unit="U-1"))
    assert sorted(a.name for a in directory.accounts()) == ["乙", "甲"]
    assert directory.account("甲") == Account("甲", Role.UNIT, "T", "甲", unit="U-1")
    assert directory.account("丙") is None
    with pytest.raises(BadAction):
        directory.put_account(Account("  ", Role.UNIT, "T", "空"))


def fix(seconds: int, lon: float = 120.1, **changes: object) -> Fix:
    return Fix(W1, MONDAY_9 + seconds * SECOND, lon, 30.2, **changes)  # type: ignore[arg-type]


def test_names_on_a_screen_are_those_of_accounts(directory: SqlDirectory) -> None:
    directory.put_account(Account("li", Role.DUTY, "", "李值班"))
    directory.put_account(Account("bare", Role.DUTY, "", ""))
    assert directory.display_names({"li", "bare", "d-7"}) == {"li": "李值班", "bare": "bare"}
    assert directory.display_names(set()) == {}


def test_the_newest_fix_wins_and_the_track_keeps_all(engine: Engine) -> None:
    positions = SqlPositions(engine)
    newest = fix(60, 120.3, accuracy_m=8.0, status=WorkerStatus.EN_ROUTE, suspect=True)
    positions.keep([fix(0), newest])
    positions.keep([fix(30, 120.2)])
    positions.keep([])
    assert positions.last(EVERYWHERE) == [newest]
    end = MONDAY_9 + 60 * SECOND
    assert [f.lon for f in positions.track(W1, MONDAY_9, end + SECOND, EVERYWHERE)] == [120.1, 120.2, 120.3]
    assert [f.lon for f in positions.track(W1, MONDAY_9, end, EVERYWHERE)] == [120.1, 120.2]


def test_a_fix_that_comes_twice_is_kept_once(engine: Engine) -> None:
    positions = SqlPositions(engine)
    positions.keep([fix(0), fix(0), fix(10)])
    positions.keep([fix(0), fix(10)])
    assert len(positions.track(W1, MONDAY_9, MONDAY_9 + 11 * SECOND, EVERYWHERE)) == 2


def test_a_crowd_is_kept_by_a_handful_of_statements(engine: Engine) -> None:
    """Each of them lets go of the interpreter, which a gateway in a flood gives back late, holding the write turn."""
    asked: list[str] = []
    sa.event.listen(engine.writer, "before_cursor_execute", lambda *call: asked.append(call[2]))
    crowd = [replace(fix(second), worker=WorkerId(f"W-{n}")) for second in (5, 0, 9) for n in range(1700)]
    SqlPositions(engine).keep(crowd)
    assert len([each for each in asked if "INSERT" in each]) <= 16
    positions = SqlPositions(engine)
    assert sorted(positions.last(EVERYWHERE), key=lambda f: f.worker) == sorted(crowd[3400:], key=lambda f: f.worker)
    track = positions.track(WorkerId("W-1699"), MONDAY_9, MONDAY_9 + 10 * SECOND, EVERYWHERE)
    assert [(f.at - MONDAY_9) // SECOND for f in track] == [0, 5, 9]


def test_old_tracks_are_forgotten_but_not_the_last_fix(engine: Engine) -> None:
    positions = SqlPositions(engine)
    positions.keep([fix(0), fix(10)])
    assert positions.forget_tracks(MONDAY_9 + 5 * SECOND) == 1
    assert positions.forget_tracks(MONDAY_9 + 50 * SECOND) == 1
    assert positions.last(EVERYWHERE) == [fix(10)]


def test_one_leader_at_a_time(engine: Engine) -> None:
    leases = Leases(engine)
    assert leases.hold("clock", "a", MONDAY_9, 3)
    assert leases.hold("clock", "a", MONDAY_9 + 2 * SECOND, 3)
    assert not leases.hold("clock", "b", MONDAY_9 + 4 * SECOND, 3)
    assert leases.hold("probe", "b", MONDAY_9, 3)
    assert leases.hold("clock", "b", MONDAY_9 + 5 * SECOND, 3)
    assert not leases.hold("clock", "a", MONDAY_9 + 6 * SECOND, 3)
    leases.release("clock", "a")
    assert not leases.hold("clock", "a", MONDAY_9 + 6 * SECOND, 3)
    leases.release("clock", "b")
    assert leases.hold("clock", "a", MONDAY_9 + 6 * SECOND, 3)
