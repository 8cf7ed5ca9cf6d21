"""What a meeting says of a grid is what the register answers for it, and its rows are those of the figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cases.agenda import FIGURES, TELLS, Item, Part, propose
from cases.calendar import LOCAL
from cases.indicators import Figure, Period
from cases.model import EVERYWHERE, Action, Actor, AlertLevel, Role
from dashboard.components.reasons import reasons
from tests.dashboard.harness import Stage, play_day, set_stage
from tests.dashboard.pages.test_grid_page import opened
from tests.dashboard.panels.build import having, text

DUTY = Actor("duty", Role.DUTY, "test")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A room with a day behind it, an exercise, a void case, two repeats, two silent units, a red alert."""
    made = set_stage(tmp_path_factory.mktemp("meeting"))
    play_day(made, cases=40)
    first, second, void = made.report(), made.report(), made.report()
    made.report(exercise=True)
    made.advance(first, Action.ACCEPT)
    made.desk.act(first, Action.LINK, {"to": second, "kind": "repeat"}, DUTY, EVERYWHERE, 2, made.services.clock())
    silent, called = (
        made.report(at=made.services.clock() - timedelta(hours=3)),
        {"units": "U-02,U-04", "reason": "到场"},
    )
    made.desk.act(silent, Action.WHISTLE, called, DUTY, EVERYWHERE, 1, made.services.clock() - timedelta(hours=2))
    made.alert(AlertLevel.RED, "fire", at=made.services.clock() - timedelta(minutes=9))
    made.desk.act(void, Action.VOID, {"reason": "duplicate"}, DUTY, EVERYWHERE, 1, made.services.clock())
    yield made
    made.room.engine.close()


def agenda(stage: Stage) -> list[Item]:
    """Every part that a meeting can have, of every township."""
    codes = [grid.code for grid in stage.services.grids.grids(0)]
    now = stage.services.clock()
    return list(propose(list(TELLS), stage.services.registry.meetings.matters(codes, EVERYWHERE, now), now))


def figure_of(stage: Stage, part: Part, grid: str) -> Figure:
    id_, days = part.figure
    today = datetime.now(UTC).astimezone(LOCAL).date()
    period = Period(today - timedelta(days=days - 1), today)
    return stage.services.registry.figures.ask(id_, grid, period, EVERYWHERE, stage.services.clock())


def test_every_number_of_the_agenda_is_the_registers(stage: Stage) -> None:
    seen = set()
    for item in agenda(stage):
        for part in (each for each in item.parts if each.figure[0]):
            told = re.search(r"\d+", part.reason)
            assert told is not None
            figure = figure_of(stage, part, item.grid)
            assert int(told[0]) == figure.value, (item.grid, part)
            assert figure.link in having(reasons(item, stage.services.clock()), "href")
            seen.add(part.key)
    assert {"red", "late", "whistles", "repeats", "open_today"} <= seen <= set(FIGURES)
    assert set(FIGURES) == set(TELLS)


def test_rows_of_a_part_are_the_rows_of_its_figure(stage: Stage) -> None:
    for item in agenda(stage):
        for part in (each for each in item.parts if each.key in ("late", "whistles", "hard", "repeats", "returned")):
            now, today = stage.services.clock(), Period.to_date(stage.services.clock())
            found = stage.services.registry.figures.rows(part.figure[0], item.grid, today, EVERYWHERE, now, 1, 500)
            assert {case.no for case in found.items} == set(part.cases)


def test_red_alerts_are_listed_behind_their_number(stage: Stage) -> None:
    [(part, grid)] = [(part, item.grid) for item in agenda(stage) for part in item.parts if part.key == "red"]
    page = opened(stage, figure_of(stage, part, grid).link)
    assert len(having(page, "data-alert")) == part.count == 1
    assert "计入的预警" in text(page)
    assert "红色预警未确认（此刻）" in text(page)
