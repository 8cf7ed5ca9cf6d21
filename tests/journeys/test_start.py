"""Starting and stopping: one line that says what to do when it cannot work, and nothing left behind when it ends."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from tests.journeys.room import RunningRoom, ended, eventually


def refused(room: RunningRoom) -> str:
    """What a room said that could not start: one line, status 2, no traceback."""
    status = room.process.wait(60)
    said = room.said()
    assert status == 2, said
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if "无法启动" in line]
    assert len(lines) == 1, said
    return lines[0]


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "GATEWAY_PORT" in refused(RunningRoom(tmp_path / "var", GATEWAY_PORT=port))


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "DATA_DIR" in refused(RunningRoom(tmp_path / "file"))


def test_an_unreachable_redis_is_named(tmp_path: Path) -> None:
    assert "REDIS_URL" in refused(RunningRoom(tmp_path / "var", REDIS_URL="redis://127.0.0.1:1/0"))


def test_a_database_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    newer = dbapi2.connect(str(tmp_path / "var" / "demo.sqlite"))
    newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    newer.execute("INSERT INTO alembic_version VALUES ('9999')")
    newer.commit()
    newer.close()
    assert "9999" in refused(RunningRoom(tmp_path / "var"))


def test_a_grid_folder_with_defects_is_refused_with_the_way_to_repair_it(tmp_path: Path) -> None:
    folder = tmp_path / "grids"
    folder.mkdir()
    (folder / "scheme.toml").write_text(
        'name = "坏网格"\ncrs = "EPSG:4326"\n[[level]]\nname = "一级网格"\nfile = "l1.geojson"\n'
        'code = "code"\nlabel = "name"\nparent = ""\nmerge = false\n'
    )
    square = [[[120, 30], [120.01, 30], [120.01, 30.01], [120, 30.01], [120, 30]]]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": "格"},
            "geometry": {"type": "Polygon", "coordinates": square},
        }
        for code in ("110101001001", "110101001002")
    ]
    (folder / "l1.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert "repair" in refused(RunningRoom(tmp_path / "var", GRIDS=str(folder)))


@pytest.fixture(scope="module")
def own_room(tmp_path_factory: pytest.TempPathFactory):
    running = RunningRoom(tmp_path_factory.mktemp("own") / "var").wait_until_up()
    yield running
    running.stop(signal.SIGKILL)


def test_a_second_room_on_the_same_folder_is_refused(own_room: RunningRoom) -> None:
    assert "另一个调度室" in refused(RunningRoom(own_room.data_dir, PORT=str(own_room.port + 1)))


def test_nothing_outlives_a_killed_room_and_its_data_is_there_again(own_room: RunningRoom) -> None:
    pids = own_room.pids()
    assert set(pids) == {"redis", "gateway", "intake", "web", "replay"}
    before = own_room.sql("SELECT count(*) FROM cases")[0][0]
    own_room.stop(signal.SIGKILL)
    eventually(lambda: all(ended(pid) for pid in pids.values()))
    again = RunningRoom(own_room.data_dir).wait_until_up()
    try:
        assert again.account("duty") == own_room.account("duty")
        assert again.sql("SELECT count(*) FROM cases")[0][0] >= before
        pids = again.pids()
    finally:
        assert again.stop(signal.SIGINT) == 0
    assert all(ended(pid) for pid in pids.values())
