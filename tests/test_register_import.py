"""Importing registers by command: real files with their defects reported, wrong ones leave everything as it was."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

import register_import
from app import _parser
from cases.model import EVERYWHERE, Scope
from room import Room
from settings import BadSetting
from tests.dashboard.harness import set_stage

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
NOW = datetime.now(UTC)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return set_stage(tmp_path).room


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    register_import.add_verbs(parser)
    return parser.parse_args(["import", *words])


def keep(room: Room, file: Path, kind: str, *more: str) -> int:
    given = ("--source", "民政", "--as-of", "2026-01-01", "--yes", *more)
    return register_import.import_file(room, asked(str(file), "--kind", kind, *given))


def count(room: Room, kind: str, scope: Scope = EVERYWHERE) -> int:
    return room.registry.registers.records(kind, scope)[0]


def csv_of(folder: Path, text: str) -> Path:
    file = folder / "file.csv"
    file.write_text(text, encoding="gb18030")
    return file


def test_command_knows_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", "register"])
    assert _parser().parse_args(["register", "list"]).verb == "list"


def test_persons_are_kept_in_their_grid_with_source_and_day(room: Room, tmp_path: Path) -> None:
    code = room.grids.codes(len(room.grids.levels()) - 1)[0]
    assert keep(room, csv_of(tmp_path, f"编号,姓名,网格,手机\n1,王建国,{code},13800001234\n"), "person") == 0
    district = room.grids.ancestors(code)[0]
    total, rows = room.registry.registers.records("person", Scope(district))
    assert (total, rows[0][0].values["name"], rows[0][1].source) == (1, "王建国", "民政")
    assert count(room, "person", Scope(room.grids.codes(0)[-1])) == 0


def test_preview_changes_nothing(room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv_of(tmp_path, "编号,姓名\n1,甲\n,乙\n")
    assert register_import.import_file(room, asked(str(file), "--kind", "person")) == 0
    assert "第 3 行：缺少编号" in capsys.readouterr().out
    assert count(room, "person") == 0


def test_refused_row_holds_the_file_back_until_the_rest_is_wanted(room: Room, tmp_path: Path) -> None:
    file = csv_of(tmp_path, "编号,姓名\n1,甲\n,乙\n2,丙\n")
    assert (keep(room, file, "person"), count(room, "person")) == (1, 0)
    assert (keep(room, file, "person", "--rest"), count(room, "person")) == (0, 2)


@pytest.mark.parametrize("text", ["", "甲,乙\n1,2\n", "编号,编号\n1,2\n"])
def test_wrong_file_is_refused_in_words_and_changes_nothing(room: Room, tmp_path: Path, text: str) -> None:
    keep(room, csv_of(tmp_path, "编号,姓名\n1,甲\n"), "person")
    with pytest.raises(BadSetting):
        keep(room, csv_of(tmp_path, text), "person")
    assert count(room, "person") == 1


def test_broken_workbook_is_refused_in_words(room: Room, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"PK not a workbook")
    with pytest.raises(BadSetting, match="读不出来"):
        keep(room, tmp_path / "x.xlsx", "place")


def test_mapping_is_remembered_for_the_same_titles(room: Room, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["自编号", "叫法"])
    book.active.append([7, "老年食堂"])
    book.save(tmp_path / "a.xlsx")
    assert keep(room, tmp_path / "a.xlsx", "place", "--map", "key=自编号,name=叫法") == 0
    assert keep(room, tmp_path / "a.xlsx", "place") == 0
    assert room.registry.registers.records("place", EVERYWHERE)[1][0][0].values == {"key": "7", "name": "老年食堂"}


def test_place_without_a_named_system_is_refused(room: Room, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="坐标系"):
        keep(room, csv_of(tmp_path, "编号,经度,纬度\n1,120,30\n"), "place")


def test_completeness_and_age_are_of_the_records(room: Room, tmp_path: Path) -> None:
    keep(room, csv_of(tmp_path, "编号,事项\n1,甲\n"), "matter")
    state = next(each for each in room.registry.registers.states(EVERYWHERE, NOW) if each.kind == "matter")
    assert (state.count, state.completeness) == (1, 0.0)
    assert state.oldest == datetime(2026, 1, 1, tzinfo=UTC)


def test_compounds_load_with_their_defects_reported(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    file = DATA / "beijing_compounds_mapv" / "compounds.geojson"
    if not file.exists():
        pytest.skip("1 of 2 data sets is not here: compounds")
    assert keep(room, file, "place", "--crs", "bd09", "--rest") == 0
    said = capsys.readouterr().out
    assert "3700 行，合格 3692，不合格 8" in said
    assert said.count("图形无效") == 8
    assert count(room, "place") == 3692


def test_division_codes_load_with_their_oddities_reported(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    folder = DATA / "cn_division_codes"
    if not folder.exists():
        pytest.skip("1 of 2 data sets is not here: division codes")
    assert keep(room, folder / "areas.csv.gz", "division") == 0
    assert keep(room, folder / "streets.csv.gz", "division") == 0
    assert "59 个代码在街道段（001–099）而名称不是街道" in capsys.readouterr().out
    assert count(room, "division") == 2978 + 41352
