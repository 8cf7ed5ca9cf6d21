"""The board's drops and the tray's lines: what is done, what is asked for, what is refused, each in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.model import EVERYWHERE, Account, Action, Role
from dashboard.panels import bulk_tray, desk_board, key_sheet
from dashboard.panels.bulk_tray import Mark
from dashboard.rights import scope_of
from dashboard.session import Visit
from tests.dashboard.harness import Stage, set_stage
from tests.dashboard.panels.build import having, text


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An empty room."""
    made = set_stage(tmp_path_factory.mktemp("board"))
    yield made
    made.room.engine.close()


def visit(role: Role = Role.DUTY, area: str = "") -> Visit:
    """Somebody of a role before the board."""
    account = Account("li", role, area, "李某")
    return Visit(account, scope_of(account))


def drop(stage: Stage, number: str, to: str, version: int = 1, seen: Visit | None = None) -> object:
    """What the board answers to a card dropped on a column."""
    order = {"case": number, "version": version, "to": to}
    return desk_board.dropped(order, stage.services, seen or visit())


def test_a_drop_that_needs_nothing_is_done_at_once(stage: Stage) -> None:
    number = stage.report(title="占道")
    assert text(drop(stage, number, "accepted")) == "已受理：占道 · 现在 立案受理"


def test_a_drop_that_needs_more_asks_in_place_with_the_suggestion_filled_in(stage: Stage) -> None:
    number = stage.report(category="city.street_trade")
    stage.advance(number, Action.ACCEPT)
    form = drop(stage, number, "dispatched", 2)
    assert "职责清单" in text(form)
    assert "data-board-do" in str(form)
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    assert case.version == 2, "asking changes nothing"


@pytest.mark.parametrize(
    ("to", "version", "words"),
    [
        ("verified", 1, "不能直接到“核查反馈”"),
        ("nowhere", 1, "没有这一列"),
        ("accepted", 7, "未移动"),
    ],
)
def test_a_drop_that_cannot_be_is_refused_in_words(stage: Stage, to: str, version: int, words: str) -> None:
    assert words in text(drop(stage, stage.report(), to, version))


def test_a_drop_of_what_lies_elsewhere_or_is_not_ones_business_is_refused(stage: Stage) -> None:
    number = stage.report()
    case = stage.services.views.case(number, EVERYWHERE)
    assert case is not None
    other = next(grid.code for grid in stage.services.grids.grids(0) if grid.code not in case.grids)
    elsewhere, absent = (
        drop(stage, number, "accepted", 1, visit(area=other)),
        drop(stage, "20200101-000001", "accepted"),
    )
    assert text(elsewhere).replace(number, "") == text(absent).replace("20200101-000001", "")
    assert "您的岗位不能受理" in text(drop(stage, number, "accepted", 1, visit(Role.ANALYST)))


def test_each_marked_case_says_what_came_of_it(stage: Stage) -> None:
    numbers = [stage.report(title=f"成批 {n}") for n in range(3)]
    stage.advance(numbers[1], Action.ACCEPT)
    marks = [*(Mark(number, 1) for number in numbers), Mark(numbers[0].replace("2026", "2020"), 1)]  # type: ignore[arg-type]
    lines = bulk_tray.act(Action.ACCEPT, marks, bulk_tray.EACH_ITS_OWN, stage.services, visit())
    assert text(lines[0]) == "2 件已受理，2 件未办，原因见各行"
    assert ["已受理" in text(line) for line in lines[1:]] == [True, False, True, False]
    assert having(lines, "data-marked-version") == ["2", "1", "2"]
    sent = bulk_tray.act(Action.DISPATCH, [Mark(numbers[0], 2)], "U-07", stage.services, visit())
    assert text(sent[0]) == "1 件已派遣"


@pytest.mark.parametrize(
    "data",
    [None, {}, {"cases": "x"}, {"cases": [["a"], ["a", "1"], [1, 2], ["a", True], "a"]}],
)
def test_what_is_no_mark_is_left_out(data: object) -> None:
    assert bulk_tray.marks_of(data) == []


def test_marks_are_bounded_and_each_case_stands_once() -> None:
    many = {"cases": [[f"c{n % 300}", 1] for n in range(600)]}
    assert len(bulk_tray.marks_of(many)) == bulk_tray.MOST


def test_the_key_sheet_names_each_key_of_a_group_once() -> None:
    for rows in key_sheet.table().values():
        steps = [words for _, words in rows]
        assert len(steps) == len(set(steps))
