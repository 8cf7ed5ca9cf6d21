"""Trying alert rules by command: what would have rung when and where, how heavy it is, and nothing written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import rule_trial
from app import _parser
from cases.calendar import LOCAL
from cases.model import EVERYWHERE
from room import Room, now
from settings import BadSetting
from storage.rule_facts import SqlRuleFacts
from tests.cases.build import report
from tests.dashboard.harness import set_stage

YESTERDAY = datetime.now(LOCAL).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = f"{YESTERDAY:%Y-%m-%d}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room in which, yesterday at noon, six like reports came from one grid within ten minutes."""
    opened = set_stage(tmp_path).room
    place = replace(report().place, grids=opened.grids.ancestors(opened.grids.codes(2)[0]))
    for number in range(6):
        at = (YESTERDAY + timedelta(minutes=2 * number)).astimezone(now().tzinfo)
        opened.desk().file([report(f"r{number}", at=at, received_at=at, place=place)], at)
    yield opened
    opened.engine.close()


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    rule_trial.add_verbs(parser)
    return parser.parse_args([*words])


def own(folder: Path, text: str) -> str:
    file = folder / "new.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_command_knows_rules_and_teaches_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", "alert-rules"])
    assert _parser().parse_args(["alert-rules", "check"]).verb == "check"
    with pytest.raises(SystemExit):
        _parser().parse_args(["alert-rules", "--help"])
    assert "A safe way to a new rule" in capsys.readouterr().out


def test_the_day_is_told_with_its_ring_its_grid_and_its_load(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert rule_trial.run(asked("test", "--from", DAY, "--to", DAY), room) == 0
    said = capsys.readouterr().out
    grid = room.grids.grid(room.grids.codes(2)[0]).name
    assert f"预警规则回测 {DAY} 至 {DAY}（1 天），不写任何记录" in said
    assert "cluster 同类事件聚集（橙）：1 次" in said
    assert f"  {DAY}     1  #" in said
    assert f"网格：{grid} 1" in said
    assert f"{YESTERDAY:%m-%d} 12:08 {grid}：30 分钟内邻里纠纷 5 起 → {YESTERDAY:%m-%d} 12:36 恢复" in said
    assert "仅规则：预警 1 条，呼叫 1 次；每 10 分钟平均 0.01（≤ 1），最多 1（≤ 10）" in said


def test_nothing_is_written(room: Room) -> None:
    rule_trial.run(asked("test", "--from", DAY), room)
    assert room.views.alerts(EVERYWHERE) == []
    assert SqlRuleFacts(room.engine).watches() == []


def test_another_file_is_tried_without_being_the_rooms_own(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = own(tmp_path, "[rules.cluster]\ncount = 7\n")
    rule_trial.run(asked("test", "--from", DAY, "--file", file, "--rule", "cluster"), room)
    assert "cluster 同类事件聚集（橙）：0 次" in capsys.readouterr().out
    assert rule_trial.run(asked("check", "--file", file), room) == 0
    assert "同一网格 30 分钟内同类 7 起" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "yesterday"), "--from 须写成 2026-11-01"),
        (("--from", "2099-01-01"), "--from 须不晚于"),
        (("--rule", "nix"), "没有规则 nix，有：sos、overdue、cluster、silence"),
        (("--file", "/nowhere.toml"), "nowhere.toml: No such file"),
    ],
)
def test_what_cannot_be_tried_is_one_line(room: Room, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        rule_trial.run(asked("test", *words), room)
