"""What the screens ask for twice a second goes by an index on SQLite, without statistics and at any size."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from cases.calendar import WorkCalendar
from cases.desk import Desk
from cases.model import CaseNo, Scope
from cases.ports import CaseFilter
from storage.engine import Engine, open_engine
from storage.rule_facts import SqlRuleFacts
from storage.store import SqlStore
from storage.tables import metadata
from storage.views import SqlViews
from tests.cases.build import MONDAY_9

HOUR = timedelta(hours=1)

ASKED: dict[str, Callable[[SqlViews, Scope], object]] = {
    "case": lambda v, s: v.case(CaseNo("20261116-000001"), s),
    "events": lambda v, s: v.events(CaseNo("20261116-000001"), s),
    "board": lambda v, s: v.board(s),
    "figures": lambda v, s: v.figures(s, MONDAY_9),
    "open cases": lambda v, s: v.cases(s, CaseFilter(open_only=True, standing="overdue")),
    "closed near": lambda v, s: v.closed_near(s, MONDAY_9, (120.0, 30.0, 120.1, 30.1), "文三路 12 号", "13800001234"),
    "open near": lambda v, s: v.open_near(s, (MONDAY_9, MONDAY_9), (120.0, 30.0, 120.1, 30.1), "文三路", "13800001234"),
    "in hand": lambda v, s: v.in_hand(s),
    "recent events": lambda v, s: v.recent_events(s),
    "ticks": lambda v, s: v.ticks(s, MONDAY_9 - HOUR, MONDAY_9),
    "cursor": lambda v, s: v.changed_since(7),
}


@pytest.fixture
def engine(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'room.sqlite')}")
    yield engine
    engine.close()


def plans_of(engine: Engine, ask: Callable[[], object]) -> list[str]:
    """The steps by which SQLite answers everything that is asked meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    for side in (engine.reader, engine.writer):
        event.listen(side, "before_cursor_execute", note)
    ask()
    for side in (engine.reader, engine.writer):
        event.remove(side, "before_cursor_execute", note)
    with engine.read() as connection:
        return [
            step.detail
            for statement, parameters in statements
            if statement.startswith("SELECT")
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def is_whole_walk(step: str) -> bool:
    """Whether a step reads a table from end to end; walking an index in order, up to a limit, is none."""
    verb, name, *how = step.split()
    return verb == "SCAN" and name in metadata.tables and not how


@pytest.mark.parametrize("scope", [Scope(), Scope("T-N"), Scope("T-N", account="甲")], ids=["all", "area", "account"])
@pytest.mark.parametrize("name", ASKED)
def test_no_view_walks_a_whole_table(engine: Engine, name: str, scope: Scope) -> None:
    plans = plans_of(engine, lambda: ASKED[name](SqlViews(engine), scope))
    assert plans
    assert [step for step in plans if is_whole_walk(step)] == []


def test_due_work_reads_only_open_cases(engine: Engine) -> None:
    plans = plans_of(engine, lambda: Desk(SqlStore(engine), WorkCalendar(), print).turn_clocks(MONDAY_9))
    assert "SEARCH cases USING INDEX ix_cases_open (is_open=?)" in plans


def test_an_areas_list_walks_the_areas_rows(engine: Engine) -> None:
    plans = plans_of(engine, lambda: SqlViews(engine).cases(Scope("T-N"), CaseFilter()))
    assert {step for step in plans if "case_grids" in step} == {"SEARCH case_grids USING PRIMARY KEY (code=?)"}
    assert not [step for step in plans if "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f.help_words(MONDAY_9 - HOUR),
        lambda f: f.late_cases(MONDAY_9 - HOUR, [CaseNo("20261116-000001")]),
        lambda f: f.before(MONDAY_9 - HOUR),
        lambda f: f.came_in(7, 100),
        lambda f: f.near(None, ["W-0001"]),
        lambda f: f.tracks(["W-0001"], MONDAY_9 - HOUR, MONDAY_9),
    ],
    ids=["sos", "deadline", "before", "cluster", "near", "dwell"],
)
def test_what_alert_rules_ask_every_other_second_goes_by_an_index(
    engine: Engine, ask: Callable[[SqlRuleFacts], object]
) -> None:
    plans = plans_of(engine, lambda: ask(SqlRuleFacts(engine)))
    assert plans
    assert [step for step in plans if is_whole_walk(step)] == []
