"""The page that imports registers: seen before it is kept, refused by row, and nothing of a wrong file."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from plotly.utils import PlotlyJSONEncoder

from cases.model import EVERYWHERE, Account, Role
from cases.registers import REGISTERS
from dashboard.api.parameters import Refused
from dashboard.api.register_files import keep_draft
from dashboard.panels import register_intake
from dashboard.register_drafts import LIFE
from dashboard.rights import scope_of
from dashboard.session import Visit
from tests.dashboard.harness import Stage, set_stage

ANALYST = Account("analyst", Role.ANALYST, "", "某分析员")
FILE = "编号,姓名,手机\n1,王建国,13800001234\n,李明,13900001234\n2,赵四,13700001234\n"
SAID = {"source": "民政办", "as_of": "2026-01-01"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = set_stage(tmp_path_factory.mktemp("intake"))
    yield made
    made.room.engine.close()


@pytest.fixture
def stage(room: Stage) -> Stage:
    """The room with whatever register a test before it filled; no draft is waiting."""
    room.services.drafts.drop(ANALYST.name)
    return room


def hand_in(stage: Stage, text: str, name: str = "人口.csv") -> str:
    assert stage.services.register_files is not None
    content = text.encode("gb18030")
    return str(keep_draft(stage.services, stage.services.register_files, ANALYST.name, name, content)["id"])


def pressed(stage: Stage, order: dict[str, object], account: Account = ANALYST) -> str:
    told = register_intake.carry_out(order, stage.services, Visit(account, scope_of(account)))
    return json.dumps(told, cls=PlotlyJSONEncoder, ensure_ascii=False)


def form(draft: str, kind: str, **columns: str) -> dict[str, object]:
    mapped = {f"map.{field}": title for field, title in columns.items()}
    meant = register_intake.Filled(REGISTERS[kind], columns).meant
    return {"draft": draft, "kind": kind, "crs": "", "meant": meant, **SAID, **mapped}


def count(stage: Stage, kind: str) -> int:
    return stage.services.registry.registers.records(kind, EVERYWHERE)[0]


def test_preview_refuses_by_row_masks_persons_and_keeps_nothing(stage: Stage) -> None:
    draft, before = hand_in(stage, FILE), count(stage, "person")
    said = pressed(stage, {"do": "preview", **form(draft, "person", key="编号", name="姓名", phone="手机")})
    assert "3 行，合格 2，不合格 1" in said
    assert "第 3 行" in said
    assert "缺少编号" in said
    assert "王**" in said
    assert "王建国" not in said
    assert "138****1234" in said
    assert count(stage, "person") == before


def test_rest_is_kept_on_a_persons_word_and_the_columns_are_remembered(stage: Stage) -> None:
    asked = form(hand_in(stage, FILE), "person", key="编号", name="姓名")
    assert "1 行不合格，请改正后重来" in pressed(stage, {"do": "keep", **asked})
    assert "已入库 2 条，1 行不合格未入库" in pressed(stage, {"do": "keep", "rest": True, **asked})
    load = stage.services.registry.registers.loads()[0]
    assert (load.by, load.source, load.file, f"{load.as_of:%F}") == ("analyst", "民政办", "人口.csv", "2026-01-01")
    again = pressed(stage, {"do": "open", "kind": "person", "draft": hand_in(stage, FILE)})
    assert "没有对应的列" not in again
    assert stage.services.registry.registers.mapping("person", ("编号", "姓名", "手机")) == {
        "key": "编号",
        "name": "姓名",
    }


def test_what_was_not_previewed_is_not_kept(stage: Stage) -> None:
    asked = form(hand_in(stage, "编号,名称\n1,甲\n"), "place", key="编号", name="名称")
    assert "在预览后改过" in pressed(stage, {"do": "keep", **asked, "meant": "as it was before"})
    assert count(stage, "place") == 0


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source": " "}, "须写明来源"),
        ({"as_of": "2026/1/1"}, "须写成 2026-11-01"),
        ({"as_of": "2999-01-01"}, "将来"),
        ({"draft": "other"}, "文件已不在"),
        ({"kind": "secrets"}, "没有这种登记册"),
        ({"map.key": ""}, "没有对应的列"),
        ({"map.key": "没有的列"}, "没有列"),
        ({"map.address": "名称"}, "对应了两个字段"),
    ],
)
def test_incomplete_or_foreign_order_keeps_nothing(stage: Stage, said: dict[str, object], why: str) -> None:
    asked = form(hand_in(stage, "编号,名称\n1,甲\n"), "thing", key="编号", name="名称")
    assert why in pressed(stage, {"do": "keep", **asked, **said})
    assert count(stage, "thing") == 0


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", ""), ("a.csv", "甲,甲\n1,2\n"), ("a.xlsx", "PK no"), ("a.exe", "MZ"), ("a.json", "{")]
)
def test_file_that_cannot_be_read_is_refused_in_words(stage: Stage, name: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        hand_in(stage, text, name)
    assert refused.value.code == "BAD_FILE"


def test_place_without_a_named_system_is_refused_and_converted_with_one(stage: Stage) -> None:
    grid = stage.services.grids.grids(0)[0]
    at = grid.geometry.representative_point()
    file = f"编号,事项,经度,纬度\nP1,甲,{at.x},{at.y}\n"
    mapped = form(hand_in(stage, file), "matter", key="编号", name="事项", lon="经度", lat="纬度")
    assert "须说明坐标系" in pressed(stage, {"do": "preview", **mapped})
    assert stage.services.grids.ancestors(grid.code)[0] in pressed(stage, {"do": "preview", **mapped, "crs": "wgs84"})


def test_thrown_away_and_forgotten_files_are_gone(stage: Stage) -> None:
    draft, drafts = hand_in(stage, FILE), stage.services.drafts
    assert "已弃置" in pressed(stage, {"do": "drop"})
    assert "文件已不在" in pressed(stage, {"do": "preview", **form(draft, "person", key="编号", name="姓名")})
    hand_in(stage, FILE)
    assert drafts.newest(ANALYST.name, stage.services.clock() + 2 * LIFE) is None


@pytest.mark.parametrize(("role", "area"), [(Role.DUTY, ""), (Role.LEADER, ""), (Role.ANALYST, "339921101200")])
def test_only_who_may_import_imports(stage: Stage, role: Role, area: str) -> None:
    asked = form(hand_in(stage, FILE), "person", key="编号", name="姓名")
    before = count(stage, "person")
    said = pressed(stage, {"do": "keep", "rest": True, **asked}, Account(ANALYST.name, role, area, "某人"))
    assert "未记录" in said
    assert count(stage, "person") == before
