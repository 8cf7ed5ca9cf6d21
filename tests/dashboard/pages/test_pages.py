"""The pages as their users open them: what they say, and what an area may not see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dash import Dash

from cases.calendar import LOCAL
from cases.indicators import Period
from cases.model import EVERYWHERE, Account, Action, Actor, CaseNo, Role
from dashboard import pages
from dashboard.orders import Form, details
from dashboard.pages import duty
from dashboard.panels import case_detail, incident_map, kpi_bar, stage_bars
from dashboard.rights import scope_of
from dashboard.session import CURRENT, Visit
from tests.dashboard.harness import ROAD, Stage, set_stage
from tests.dashboard.panels.build import having, picture, text


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room with one case in each of the first three stages."""
    made = set_stage(tmp_path_factory.mktemp("pages"))
    for steps in range(3):
        made.advance(made.report(), *ROAD[:steps])
    yield made
    made.room.engine.close()


def opened(stage: Stage, address: str, role: Role = Role.DUTY, area: str = "") -> object:
    """The page that an account of a role and area gets at an address."""
    account = Account("someone", role, area, "某人")
    token = CURRENT.set(Visit(account, scope_of(account)))
    try:
        path, _, search = address.partition("?")
        return asyncio.run(pages.page_at(path, search, stage.services))
    finally:
        CURRENT.reset(token)


def elsewhere(stage: Stage, code: str) -> str:
    """A first-level grid that is not this one."""
    return next(grid.code for grid in stage.services.grids.grids(0) if grid.code != code)


def test_every_callback_speaks_of_ids_that_exist(stage: Stage) -> None:
    app = Dash("pages-under-test")
    app.layout = pages.shell()
    pages.register(app, stage.services)
    known = {each for each in having([app.layout, app.validation_layout], "id") if isinstance(each, str)}
    for callback in app.callback_map.values():
        for end in (*callback["inputs"], *callback["state"]):
            assert end["id"].startswith("{") or end["id"] in known, end


@pytest.mark.parametrize("address", ["/", "/duty", "/meeting"])
def test_page_stands_for_the_whole_room(stage: Stage, address: str) -> None:
    assert having(opened(stage, address), "id")


def test_unknown_address_is_said(stage: Stage) -> None:
    assert "没有这个页面" in text(opened(stage, "/nowhere"))


def test_meeting_is_not_for_every_role(stage: Stage) -> None:
    assert "您的岗位不能打开这个页面" in text(opened(stage, "/meeting", Role.UNIT))


@pytest.mark.parametrize("name", ["open", "today", "reported"])
def test_number_opens_its_rows(stage: Stage, name: str) -> None:
    page = opened(stage, f"/duty?list={name}")
    expected = 1 if name == "reported" else 3
    assert len(having(page, "data-case")) == expected
    assert f"共 {expected} 件" in text(page)


def test_every_number_of_the_wall_has_rows_behind_it(stage: Stage) -> None:
    links = having([kpi_bar.render(picture())["children"], stage_bars.render(picture())["children"]], "href")
    assert {link.removeprefix("/duty?list=") for link in links} <= set(duty.LISTS)


@pytest.mark.parametrize("name", list(duty.INDICATORS))
def test_number_of_the_wall_its_rows_and_the_registers_figure_are_one(stage: Stage, name: str) -> None:
    void = stage.report()
    stage.desk.act(
        void,
        Action.VOID,
        {"reason": "duplicate"},
        Actor("duty", Role.DUTY, "test"),
        EVERYWHERE,
        1,
        stage.services.clock(),
    )
    stage.report(exercise=True)
    now = datetime.now(UTC)
    today = Period(now.astimezone(LOCAL).date(), now.astimezone(LOCAL).date())
    figure = stage.services.registry.figures.ask(duty.INDICATORS[name], None, today, EVERYWHERE, now)
    page = opened(stage, f"/duty?list={name}")
    shown = stage.services.views.figures(EVERYWHERE, now)
    told = {"today": shown.reported_today, "done": shown.closed_today, "open": shown.open}
    told |= {"overdue": shown.overdue, "at_risk": shown.at_risk, "unplaced": shown.unplaced}
    assert told[name] == figure.value
    assert f"共 {figure.numerator} 件" in text(page) or (not figure.value and "没有" in text(page))
    assert figure.link in having(page, "href")


def test_closed_today_counts_by_the_day_of_closing(stage: Stage) -> None:
    number = stage.report(at=datetime.now(UTC) - timedelta(days=9))
    stage.advance(number, *ROAD)
    assert number in having(opened(stage, "/duty?list=done"), "data-case")
    assert number not in having(opened(stage, "/duty?list=today"), "data-case")


def test_empty_list_says_which(stage: Stage) -> None:
    assert "没有“超时未结”的案件" in text(opened(stage, "/duty?list=overdue"))


def test_grid_page_tells_place_people_and_children(stage: Stage) -> None:
    grid = stage.services.grids.grids(0)[0]
    page = text(opened(stage, f"/grid/{grid.code}"))
    assert grid.name in page
    assert "责任人" in page
    assert all(child.name in page for child in stage.services.grids.children(grid.code))


def test_grid_outside_the_area_is_like_no_grid(stage: Stage) -> None:
    mine = stage.services.grids.grids(0)[0].code
    outside = text(opened(stage, f"/grid/{elsewhere(stage, mine)}", area=mine))
    assert outside == text(opened(stage, "/grid/none", area=mine))


def test_case_outside_the_area_is_like_no_case(stage: Stage) -> None:
    number = stage.report(title="只有本村能看的案件")
    case = stage.services.views.board(scope_of(Account("x", Role.DUTY, "", "x")))
    home = next(each.grids[0] for each in case if each.no == number)
    assert "只有本村能看的案件" in text(opened(stage, f"/case/{number}", area=home))
    hidden = text(opened(stage, f"/case/{number}", area=elsewhere(stage, home)))
    assert "只有本村能看的案件" not in hidden
    assert "不在您的辖区" in hidden


def test_meeting_calls_only_the_areas_own_grids(stage: Stage) -> None:
    mine = stage.services.grids.grids(0)[0]
    page = text(opened(stage, "/meeting", area=mine.code))
    assert "1 个" in page
    assert stage.services.grids.grid(elsewhere(stage, mine.code)).name not in page


def test_case_pane_offers_what_the_role_may_do(stage: Stage) -> None:
    number = stage.report()
    assert "受理" in text(opened(stage, f"/case/{number}"))
    assert "您的岗位此刻没有可办的事项" in text(opened(stage, f"/case/{number}", Role.ANALYST))


def pressed(stage: Stage, number: str, action: Action, form: Form) -> str:
    """The words that stand under the pane after a duty officer pressed a button."""
    account = Account("duty", Role.DUTY, "", "李某")
    seen = Visit(account, scope_of(account))
    return text(asyncio.run(case_detail.act(action, CaseNo(number), form, stage.services, seen)))


def test_action_is_carried_to_the_desk_and_a_refusal_comes_back_in_words(stage: Stage) -> None:
    number = stage.report()
    assert "需要填写“理由”" in pressed(stage, number, Action.REFUSE, Form(1))
    assert pressed(stage, number, Action.ACCEPT, Form(1)) == "已受理 · 现在 立案受理"
    assert pressed(stage, number, Action.DISPATCH, Form(2)) == "已派遣 · 现在 分类派遣"


def test_what_was_shown_counts_not_what_is(stage: Stage) -> None:
    number = stage.report()
    stage.advance(number, Action.ACCEPT)
    assert pressed(stage, number, Action.NOTE, Form(1, "看到的还是旧的")).startswith("未办理：")
    assert pressed(stage, number, Action.NOTE, Form(2, "看到的是新的")).startswith("已备注")


@pytest.mark.parametrize(
    ("action", "form", "given"),
    [
        (Action.ACCEPT, Form(1, None, "u1", 3), {}),
        (Action.RETURN, Form(1, "  不归我们  "), {"reason": "不归我们", "text": "不归我们"}),
        (Action.DISPATCH, Form(1, None, "u1"), {"unit": "u1"}),
        (Action.EXTEND, Form(1, "缺材料", "u1", 5), {"reason": "缺材料", "text": "缺材料", "days": 5}),
    ],
)
def test_fields_go_only_where_they_belong(action: Action, form: Form, given: dict[str, object]) -> None:
    assert details(action, form) == given


def test_map_opens_one_level_below_what_is_looked_at(stage: Stage) -> None:
    book = stage.services.grids
    village = book.grids(0)[0].code
    assert incident_map.config(book, "", 1)["levels"] == list(book.levels())
    assert (
        f'"level": {book.grid(village).level + 1}' in having(incident_map.layout(book, village), "data-map-config")[0]
    )
    (south, west), (north, east) = incident_map.bounds(book)
    assert 20 < south < north < 55
    assert 70 < west < east < 140
