"""Pictures and cases for panel tests: a calm room, changed by keyword."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dash.development.base_component import Component

from cases.model import (
    Alert,
    AlertLevel,
    AlertNo,
    AlertState,
    Case,
    CaseNo,
    Difficulty,
    Loop,
    Place,
    Stage,
    Standing,
    State,
)
from cases.ports import Figures, RoleHealth
from dashboard.picture import Audience, Force, Picture
from dashboard.services import DutyPost

NOW = datetime(2026, 11, 21, 6, 32, 7, tzinfo=UTC)  # 14:32:07 in Shanghai
GRIDS = {"a": "北山村", "a1": "北山一网格", "b": "清河社区"}


def case(number: int = 1, **given: object) -> Case:
    """An ordinary case, an hour old, due tomorrow."""
    plain = Case(
        no=CaseNo(f"20261121-{number:06d}"),
        version=1,
        stage=Stage.ACCEPTED,
        state=State.ACTIVE,
        standing=Standing.ON_TIME,
        severity=3,
        difficulty=Difficulty.SIMPLE,
        loop=Loop.MICRO,
        title=f"案件 {number}",
        text="",
        category="dispute.neighbour",
        channel="grid_worker",
        place=Place(120.1, 30.2, ("a", "a1")),
        source="test",
        reported_at=NOW - timedelta(hours=1),
        received_at=NOW - timedelta(hours=1),
        updated_at=NOW - timedelta(hours=1),
        due_at=NOW + timedelta(days=1),
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def alert(number: int = 1, **given: object) -> Alert:
    """A red alert, two minutes old, unanswered."""
    plain = Alert(
        AlertNo(f"A20261121-{number:04d}"),
        1,
        AlertLevel.RED,
        AlertState.NEW,
        "video",
        "持刀滋事",
        "",
        Place(120.1, 30.2, ("a", "a1")),
        NOW - timedelta(minutes=2),
        NOW - timedelta(minutes=2),
        "test",
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def figures(**given: object) -> Figures:
    """A calm day: 37 open, nothing late."""
    plain = Figures(
        as_of=NOW,
        reported_today=63,
        closed_today=47,
        open=37,
        overdue=0,
        at_risk=0,
        unplaced=0,
        stages={Stage.ACCEPTED: 7, Stage.DISPATCHED: 30},
        loops={Loop.MICRO: 30, Loop.SMALL: 7},
        oldest_overdue_at=None,
        reported_usual=58.4,
        hours=tuple([2] * 24),
        hours_usual=tuple([2.5] * 24),
        days=tuple([60] * 7),
        days_usual=tuple([58.0] * 7),
        grids={},
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def picture(**given: object) -> Picture:
    """A calm room."""
    plain = Picture(
        audience=Audience(""),
        title="示例镇综治中心",
        area_name="示例镇",
        as_of=NOW,
        board=(),
        figures=figures(),
        alerts=(),
        recent=(),
        ticks=(),
        force=Force({"available": 46, "en_route": 3, "on_scene": 9}, 61, 55, 3),
        health={name: RoleHealth(0.4, "ok") for name in ("redis", "gateway", "intake", "web")},
        duty=(DutyPost("指挥长", "陈某"),),
        unit_names={"u1": "北山司法所"},
        worker_names={"W-0001": "王**"},
        grid_names=GRIDS,
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def parts(tree: object) -> Iterator[Component | str]:
    """Every component and text of a tree, top to bottom."""
    if isinstance(tree, list | tuple):
        for each in tree:
            yield from parts(each)
    elif isinstance(tree, Component):
        yield tree
        yield from parts(getattr(tree, "children", None))
    elif tree is not None:
        yield str(tree)


def text(tree: object) -> str:
    """The words of a tree, without the spaces between its parts."""
    return "".join(part for part in parts(tree) if isinstance(part, str))


def having(tree: object, attribute: str) -> list[str]:
    """The values of an attribute over a tree, top to bottom."""
    found = [part.to_plotly_json()["props"].get(attribute) for part in parts(tree) if isinstance(part, Component)]
    return [value for value in found if value is not None]
