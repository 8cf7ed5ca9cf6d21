"""The paper that a room leaves on its disk while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roles.paper import keep_paper
from room import Room
from tests.cases.build import report
from tests.dashboard.harness import set_stage

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    opened = set_stage(tmp_path).room
    yield replace(opened, settings=replace(opened.settings, paper_days=2))
    opened.engine.close()


def test_each_day_leaves_its_list_and_the_oldest_goes(room: Room, tmp_path: Path) -> None:
    room.desk().file([report("a", title="井盖松动")], NOON)
    for day in range(3):
        keep_paper(room, NOON + timedelta(days=day))
    kept = sorted(path.name for path in (tmp_path / "paper").iterdir())
    assert kept == ["2026-11-23.html", "2026-11-24.html"]
    text = (tmp_path / "paper" / kept[-1]).read_text("utf-8")
    assert "井盖松动" in text
    assert "截至 2026-11-24 12:00" in text


def test_the_day_is_the_rooms_own(room: Room, tmp_path: Path) -> None:
    keep_paper(room, datetime(2026, 11, 22, 16, 30, tzinfo=UTC))  # half past midnight in the room
    assert (tmp_path / "paper" / "2026-11-23.html").exists()


def test_a_disk_that_takes_nothing_does_not_stop_the_room(
    room: Room, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "paper").write_text("in the way")
    keep_paper(room, NOON)
    assert "not written" in caplog.text
