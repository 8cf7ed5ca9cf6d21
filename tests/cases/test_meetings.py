"""Meetings: when they come, whom the room proposes to call and why, and what the chair may change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from cases.agenda import Item, Matters, propose
from cases.calendar import LOCAL, WorkCalendar
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.meetings import (
    KINDS,
    Meeting,
    MeetingsError,
    call,
    close,
    next_of,
    note_presence,
    read_kinds,
    reorder,
    show,
)
from cases.model import Account, CaseNo, Difficulty, Role, Standing, State, Whistle
from tests.cases.build import MONDAY_9, case

CALENDAR = WorkCalendar(frozenset({date(2026, 10, n) for n in range(1, 9)}), frozenset({date(2026, 10, 10)}))


def test_every_kind_of_the_domain_is_there() -> None:
    named = {"日碰头会", "半月例会", "周调度会", "月通报会", "联席会议", "每案碰头会", "三级调度会"}
    assert named <= {kind.name for kind in KINDS.values()}
    sources = " ".join(kind.source for kind in KINDS.values()).split()
    assert {f"M{n}" for n in range(1, 16)} == set(sources)


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [
        ("daily", "2026-11-20T17:00", "2026-11-23T16:30"),  # Friday after it: Monday
        ("daily", "2026-10-09T17:00", "2026-10-10T16:30"),  # a Saturday that is worked
        ("weekly", "2026-11-16T09:00", "2026-11-23T09:00"),
        ("half_month", "2026-11-16T00:00", "2026-11-30T09:30"),
        ("half_month", "2026-11-10T00:00", "2026-11-13T09:30"),  # the 15th is a Sunday: the Friday before
        ("monthly", "2026-09-30T00:00", "2026-09-30T09:30"),  # 5 October is in the holiday: the last working day before
        ("quarterly", "2026-11-16T00:00", "2027-01-08T09:30"),
        ("half_year", "2026-11-16T00:00", "2027-01-08T09:30"),
    ],
)
def test_meetings_come_again_on_working_days(kind: str, after: str, expected: str) -> None:
    found = next_of(KINDS[kind], datetime.fromisoformat(after).replace(tzinfo=LOCAL), CALENDAR)
    assert found is not None
    assert f"{found:%Y-%m-%dT%H:%M}" == expected


def test_what_is_held_when_called_has_no_next() -> None:
    assert next_of(KINDS["three_level"], MONDAY_9, CALENDAR) is None


def late(no: str, days: int) -> object:
    due = MONDAY_9 - timedelta(days=days)
    return case(no=CaseNo(no), standing=Standing.OVERDUE, due_at=due)


def test_agenda_names_each_reason_with_its_count() -> None:
    silent = Whistle(CaseNo("c1"), 2, "U-1", "duty", MONDAY_9, MONDAY_9 - timedelta(hours=1), MONDAY_9)
    answered = Whistle(
        CaseNo("c1"), 3, "U-2", "duty", MONDAY_9, MONDAY_9 - timedelta(hours=1), MONDAY_9, answered_at=MONDAY_9
    )
    matters = {
        "G1": Matters(week=3, usual=3.0),
        "G2": Matters([late("c1", 5), late("c2", 1)], week=9, usual=5.0),  # type: ignore[list-item]
        "G3": Matters(
            [case(no=CaseNo("c3"), difficulty=Difficulty.HARD), case(no=CaseNo("c4"))],
            [silent, answered],
            repeats=frozenset({"c4"}),
        ),
    }
    agenda = propose(KINDS["three_level"].agenda, matters, MONDAY_9)
    assert [(item.grid, item.reason) for item in agenda] == [
        ("G3", "未应哨 1 次（1 个单位）；疑难 1 件；重复 1 件"),
        ("G2", "超时 2 件，最久 5 天；近七日受理 9 件，前四周周均 5.0 件"),
        ("G1", "没有需要调度的事项"),
    ]
    assert agenda[1].parts[0].cases == ("c1", "c2")


@pytest.mark.parametrize(("week", "usual"), [(4, 0.0), (7, 5.0), (9, None)])
def test_few_or_usual_or_unknown_is_not_rising(week: int, usual: float | None) -> None:
    assert propose(KINDS["weekly"].agenda, {"G1": Matters(week=week, usual=usual)}, MONDAY_9)[0].parts == ()


def test_suspended_case_is_not_called_late() -> None:
    rests = case(standing=Standing.OVERDUE, state=State.SUSPENDED)
    assert propose(KINDS["weekly"].agenda, {"G1": Matters([rests])}, MONDAY_9)[0].parts == ()


MEETING = Meeting("M1", 1, "three_level", "", "leader", MONDAY_9, tuple(Item(f"G{n}", ()) for n in (1, 2, 3)))
LEADER = Account("leader", Role.LEADER, "", "指挥长")


@pytest.mark.parametrize(
    ("grid", "by", "order"),
    [("G3", -1, "G1 G3 G2"), ("G1", 2, "G2 G3 G1"), ("G1", -5, "G1 G2 G3"), ("G2", 9, "G1 G3 G2")],
)
def test_chair_reorders(grid: str, by: int, order: str) -> None:
    assert " ".join(item.grid for item in reorder(MEETING, grid, by).agenda) == order


def test_chair_calls_shows_and_notes_who_came() -> None:
    held = note_presence(note_presence(MEETING, "G2", "absent"), "G2", "late")
    held = show(call(held, "G2"), "c1")
    assert (held.called, held.shown, held.roll, held.version) == ("G2", "c1", (("G2", "late"),), 5)
    assert call(held, "G3").shown == ""
    with pytest.raises(BadAction):
        call(held, "G9")
    with pytest.raises(BadAction):
        note_presence(held, "G2", "asleep")


def test_closed_meeting_stays_as_it_was() -> None:
    over = close(MEETING, LEADER, MONDAY_9)
    for change in (lambda: call(over, "G1"), lambda: reorder(over, "G1", 1), lambda: note_presence(over, "G1", "late")):
        with pytest.raises(IllegalAction):
            change()
    with pytest.raises(NotAllowed):
        close(MEETING, Account("unit", Role.UNIT, "", ""), MONDAY_9)


@pytest.mark.parametrize(
    "row",
    ['agenda = ["nonsense"]\nevery = ""', 'agenda = []\nevery = "blue_moon"', 'agenda = []\nevery = ""\nwhat = 1'],
)
def test_wrong_table_is_refused_by_name(tmp_path: Path, row: str) -> None:
    file = tmp_path / "meetings.toml"
    file.write_text(f'[[kind]]\nid = "x"\nname = "x"\n{row}\n')
    with pytest.raises(MeetingsError, match=r"meetings\.toml"):
        read_kinds(file)
