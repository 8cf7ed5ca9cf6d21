"""The charts of an area: every number opens as many rows as it says, within one's area only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.dashboard.harness import Stage, set_stage
from tests.dashboard.pages.test_grid_page import door, opened, rows_behind, unit_of
from tests.dashboard.panels.build import text

TOLD = 4


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room in whose first unit four cases came within a fortnight, and one elsewhere."""
    made = set_stage(tmp_path_factory.mktemp("charts"))
    for ago in range(TOLD):
        made.report(place=door(made, unit_of(made)), at=datetime.now(UTC) - timedelta(days=3 * ago, minutes=1))
    made.report(place=door(made, made.services.grids.codes(len(made.services.grids.levels()) - 1)[-1]))
    yield made
    made.room.engine.close()


def test_page_has_every_chart_with_its_period_base_and_time(stage: Stage) -> None:
    said = text(opened(stage, "/charts"))
    for words in ("每周受理与去年同期", "类别构成", "各环节用时", "循环占比", "时段 × 星期"):
        assert words in said
    assert said.count("截至") == 5
    assert "基数 5 件" in said
    assert "去年同期没有记录，不作比较" in said


@pytest.mark.parametrize("area", ["", "unit"])
def test_each_number_of_a_week_a_kind_and_an_hour_opens_as_many_rows(stage: Stage, area: str) -> None:
    mine = unit_of(stage) if area else ""
    found = rows_behind(stage, opened(stage, "/charts", area=mine), mine)
    assert found
    assert all(said == shown for said, shown in found)
    assert sum(said for said, _ in found) == 3 * (TOLD if area else TOLD + 1)


def test_weeks_are_figures_of_the_register(stage: Stage) -> None:
    links = [link for link in figures(opened(stage, "/charts?weeks=4")) if link.startswith("/figure/received?")]
    assert links
    assert all(text(opened(stage, link)).count("受理（排查）件数") for link in links)


def test_another_area_is_refused_in_words(stage: Stage) -> None:
    other = stage.services.grids.codes(len(stage.services.grids.levels()) - 1)[-1]
    assert "不在您的辖区" in text(opened(stage, f"/charts?grid={other}", area=unit_of(stage)))


def test_scene_has_no_ways(stage: Stage) -> None:
    said = text(opened(stage, "/charts?scene=1"))
    assert "类别构成" in said
    assert "退出" not in said


def figures(page: object) -> list[str]:
    """The addresses of all figures a page links to."""
    if isinstance(page, list | tuple):
        return [href for each in page for href in figures(each)]
    href = str(getattr(page, "href", ""))
    return ([href] if href.startswith("/figure/") else []) + (
        figures(page.children) if getattr(page, "children", None) is not None else []
    )
