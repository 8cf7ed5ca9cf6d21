"""The analyst's cell: what its panels say, and that every number has its rows, within one's area only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from cases.indicators import Narrowing, Period
from cases.model import EVERYWHERE, Account, Place, Role
from dashboard import pages
from dashboard.rights import scope_of
from dashboard.session import CURRENT, Visit
from tests.dashboard.harness import Stage, set_stage
from tests.dashboard.panels.build import having, text

DOORS = 3  # cases at one address of the unit


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room in whose first unit three cases came to one door, and one to a unit elsewhere."""
    made = set_stage(tmp_path_factory.mktemp("grid"))
    for ago in range(DOORS):
        made.report(place=door(made, unit_of(made)), at=datetime.now(UTC) - timedelta(days=ago, minutes=1))
    made.report(place=door(made, made.services.grids.codes(last(made))[-1]))
    yield made
    made.room.engine.close()


def last(stage: Stage) -> int:
    return len(stage.services.grids.levels()) - 1


def unit_of(stage: Stage) -> str:
    return stage.services.grids.codes(last(stage))[0]


def door(stage: Stage, code: str) -> Place:
    inside = stage.services.grids.grid(code).geometry.representative_point()
    return Place(inside.x, inside.y, stage.services.grids.ancestors(code), address="荷花苑 1 幢")


def opened(stage: Stage, address: str, role: Role = Role.ANALYST, area: str = "") -> Component:
    account = Account("someone", role, area, "某人")
    token = CURRENT.set(Visit(account, scope_of(account)))
    try:
        path, _, search = address.partition("?")
        return asyncio.run(pages.page_at(path, search, stage.services))
    finally:
        CURRENT.reset(token)


def rows_behind(stage: Stage, page: Component, area: str = "") -> list[tuple[int, int]]:
    """(the number, how many rows it opens) of every number of a page that opens rows."""
    found = []
    for link in numbers(page):
        shown = opened(stage, link.href, area=area)
        assert having(shown, "data-total"), (link.href, text(shown)[:200])
        found.append((int(link.children), int(having(shown, "data-total")[0])))
    return found


def numbers(component: object) -> list[Component]:
    if isinstance(component, list | tuple):
        return [link for each in component for link in numbers(each)]
    if not isinstance(component, Component):
        return []
    is_number = getattr(component, "className", "") == "number" and str(component.children).isdigit()
    mine = [component] if is_number and hasattr(component, "href") else []
    return mine + numbers(getattr(component, "children", None))


def test_unit_says_what_happened_who_answers_and_how_large_it_is(stage: Stage) -> None:
    said = text(opened(stage, f"/grid/{unit_of(stage)}"))
    for words in ("每周受理", "时段 × 星期", "各阶段用时", "同一地址反复", "热点检验", "覆盖", "km²", "责任人", "底数"):
        assert words in said
    assert f"基数 {DOORS} 件，基数小，只供参考" in said


def test_every_number_opens_as_many_rows(stage: Stage) -> None:
    pairs = rows_behind(stage, opened(stage, f"/grid/{unit_of(stage)}"))
    assert (DOORS, DOORS) in pairs
    assert all(told == found for told, found in pairs)


def figures_on(stage: Stage, page: Component) -> list[tuple[str, str]]:
    """(what stands there, where it leads) of everything on a page that opens a figure of the register."""
    links = [each for each in anchors(page) if str(getattr(each, "href", "")).startswith("/figure/")]
    return [(text(each.children), each.href) for each in links]


def anchors(component: object) -> list[Component]:
    if isinstance(component, list | tuple):
        return [link for each in component for link in anchors(each)]
    if not isinstance(component, Component):
        return []
    mine = [component] if component._type == "A" else []
    return mine + anchors(getattr(component, "children", None))


def test_every_figure_of_the_cell_is_the_registers(stage: Stage) -> None:
    unit, now = unit_of(stage), stage.services.clock()
    shown = figures_on(stage, opened(stage, f"/grid/{unit}"))
    ids, parts = set(), set()
    for words, link in shown:
        split = urlsplit(link)
        asked = dict(parse_qsl(split.query))
        period = Period(date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"]))
        id_ = split.path.rpartition("/")[2]
        part = Narrowing.read(asked)
        figure = stage.services.registry.figures.ask(id_, unit, period, EVERYWHERE, now, part=part)
        is_whole = words in ("明细", "上报（件）")
        assert is_whole or figure.words in words or str(figure.numerator) in words, (words, link, figure.words)
        assert figure.link == link
        assert asked["grid"] == unit
        ids.add(id_)
        parts |= part.asked.keys()
    assert parts == {"category", "address"}
    assert {"now_open", "now_overdue", "now_at_risk", "register_freshness", "received", "accept_median"} <= ids


def test_every_hour_of_the_week_opens_its_part_of_the_figure(stage: Stage) -> None:
    [drawn] = [each for each in charts_of(opened(stage, f"/grid/{unit_of(stage)}")) if each.data[0].type == "heatmap"]
    cells = [
        (count, link)
        for counts, links in zip(drawn.data[0].z, drawn.data[0].customdata, strict=True)
        for count, link in zip(counts, links, strict=True)
        if count
    ]
    assert sum(count for count, _ in cells) == DOORS
    for count, link in cells:
        assert having(opened(stage, link), "data-total") == [str(count)], link


def test_part_that_a_figure_does_not_have_is_said(stage: Stage) -> None:
    for link in ("/figure/settled?category=order.theft", "/figure/received?hour=24", "/figure/received?weekday=x"):
        assert "不能这样细分" in text(opened(stage, link)), link


def charts_of(component: object) -> list[go.Figure]:
    if isinstance(component, list | tuple):
        return [drawn for each in component for drawn in charts_of(each)]
    if not isinstance(component, Component):
        return []
    mine = [component.figure] if component._type == "Graph" else []
    return mine + charts_of(getattr(component, "children", None))


def test_district_counts_what_its_units_do(stage: Stage) -> None:
    district = stage.services.grids.ancestors(unit_of(stage))[0]
    assert (DOORS, DOORS) in rows_behind(stage, opened(stage, f"/grid/{district}"))


def test_two_cells_are_set_side_by_side(stage: Stage) -> None:
    grids = stage.services.grids
    own, other = unit_of(stage), grids.codes(last(stage))[-1]
    said = text(opened(stage, f"/grid/{own}?with={other}&weeks=4"))
    assert f"对比：{grids.grid(own).name} 与 {grids.grid(other).name}" in said


def test_drawn_area_counts_what_lies_in_it(stage: Stage) -> None:
    west, south, east, north = stage.services.grids.grid(unit_of(stage)).geometry.bounds
    shape = f"{west},{south};{east},{south};{east},{north};{west},{north}"
    page = opened(stage, f"/lasso?shape={shape}")
    assert (DOORS, DOORS) in rows_behind(stage, page)
    assert all(f"ring={quote(shape, safe='')}" in link for words, link in figures_on(stage, page) if words != "0")


def test_ring_that_is_none_is_said(stage: Stage) -> None:
    assert "圈定范围须有 3 到 200 个顶点" in text(opened(stage, "/figure/received?ring=1,2"))


@pytest.mark.parametrize("shape", ["", "1,2", "a,b;c,d;e,f", "200,0;201,0;201,1", "1,1;1,1;1,1"])
def test_bad_area_is_said(stage: Stage, shape: str) -> None:
    assert "圈定范围" in text(opened(stage, f"/lasso?shape={shape}"))


def test_area_sees_no_other_cell_nor_its_rows(stage: Stage) -> None:
    area = stage.services.grids.codes(0)[-1]
    elsewhere = unit_of(stage)
    assert "不在您的辖区" in text(opened(stage, f"/grid/{elsewhere}", area=area))
    rows = f"/figure/received?grid={elsewhere}&from=2026-01-01&to=2026-12-31"
    assert "不在您的辖区" in text(opened(stage, rows, area=area))


def test_drawn_area_is_cut_to_ones_own(stage: Stage) -> None:
    area = stage.services.grids.codes(0)[-1]
    west, south, east, north = stage.services.grids.grid(unit_of(stage)).geometry.bounds
    page = opened(stage, f"/lasso?shape={west},{south};{east},{south};{east},{north};{west},{north}", area=area)
    assert "基数 0 件" in text(page)


def test_nobody_here_today_is_an_unfilled_post(stage: Stage) -> None:
    assert "今日无人到岗" in text(opened(stage, f"/grid/{stage.services.grids.codes(0)[0]}"))


def test_registers_stand_empty_until_something_is_imported(stage: Stage) -> None:
    assert "没有“人”的记录" in text(opened(stage, "/registers"))
