"""The file of rules while the room runs: what changes is taken, what is wrong is said once and changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cases.model import EVERYWHERE
from roles.alert_rules import RuleKeeper, RulesFile
from room import Room, now
from settings import BadSetting
from tests.cases.build import report
from tests.dashboard.harness import set_stage

THREE = "[rules.cluster]\ncount = 3\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    opened = set_stage(tmp_path).room
    yield replace(opened, settings=replace(opened.settings, data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0"))
    opened.engine.close()


def own(room: Room, text: str) -> None:
    (room.settings.data_dir / "alert_rules.toml").write_text(text, encoding="utf-8")


def test_a_changed_file_is_taken_and_a_wrong_one_leaves_the_last_good_rules(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    file = RulesFile(room)
    assert file.look().rules["cluster"].option.count == 5  # type: ignore[union-attr]
    own(room, THREE)
    assert file.look().rules["cluster"].option.count == 3  # type: ignore[union-attr]
    own(room, THREE + "cuont = 9\n")
    with caplog.at_level(logging.ERROR):
        assert [file.look().rules["cluster"].option.count for _ in range(3)] == [3, 3, 3]  # type: ignore[union-attr]
    assert [line.message for line in caplog.records] == [f"the rules before it hold on: {file.problem}"]
    assert "alert_rules.toml [rules.cluster]: cuont is not a key" in file.problem
    (room.settings.data_dir / "alert_rules.toml").unlink()
    assert (file.look().rules["cluster"].option.count, file.problem) == (5, "")  # type: ignore[union-attr]


def test_a_room_does_not_start_with_a_wrong_file(room: Room) -> None:
    own(room, '[rules.cluster]\nwithin = "soon"\n')
    with pytest.raises(BadSetting, match=r"alert_rules\.toml \[rules\.cluster\]: within is a span such as 90s"):
        room.read_alert_rules()


def test_a_ring_whose_edges_cross_is_no_fence(room: Room) -> None:
    bow = "ring = [[120, 30], [120.01, 30.01], [120.01, 30], [120, 30.01]]"
    own(
        room,
        f'[rules.w]\nkind = "dwell"\nwords = "滞留"\nlevel = "red"\npurpose = "safety"\naccuracy_m = 50\n{bow}\n',
    )
    with pytest.raises(BadSetting, match="the edges of ring cross"):
        room.read_alert_rules()


def test_the_leader_looks_every_other_second_and_rings_through_the_desk(room: Room) -> None:
    own(room, THREE)
    ticks = [0.0]
    keeper = RuleKeeper(room, room.desk(), lambda: ticks[0])
    at = now()
    place = replace(report().place, grids=room.grids.ancestors(room.grids.codes(2)[0]))
    for id in ("a", "b", "c"):
        room.desk().file([report(id, at=at, received_at=at, place=place)], at)
    assert keeper(at) is False
    room.desk().turn_alerts(at)
    assert [alert.rule for alert in room.views.alerts(EVERYWHERE)] == ["cluster"]
    ticks[0] = 1.0
    own(room, "[rules.cluster]\non = false\n")
    keeper(at + timedelta(seconds=1))  # not yet time
    assert room.views.alerts(EVERYWHERE)[0].cleared_at is None
    ticks[0] = 6.0
    keeper(at + timedelta(seconds=6))
    assert keeper.figures() == {}
    assert room.views.alerts(EVERYWHERE)[0].cleared_at is not None
    own(room, "[rules.cluster]\non = 3\n")
    ticks[0] = 12.0
    keeper(at + timedelta(seconds=12))
    assert keeper.figures() == {"rules_wrong": 1.0}  # the feed page says so
    keeper.close()
