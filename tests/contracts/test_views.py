"""The read models on both engines, against small rooms whose answers are plain to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.desk import Desk
from cases.model import (
    EVERYWHERE,
    Action,
    AlertLevel,
    AlertState,
    Case,
    CaseNo,
    Place,
    Reporter,
    Scope,
    Stage,
    Standing,
    State,
    WorkerId,
)
from cases.ports import CaseFilter, Figures, GridCount
from storage.engine import Engine
from storage.store import SqlStore
from storage.views import SqlViews
from tests.cases.build import DUTY, MONDAY_9, case, report
from tests.contracts.build import NORTH, SOUTH, alert_report, filed, full_report, seen

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def kept(engine: Engine, *cases: Case) -> list[CaseNo]:
    """Put cases into the record as they are, numbered in order."""
    numbered = [replace(c, no=CaseNo(f"20261116-{n:06d}")) for n, c in enumerate(cases, 1)]
    with SqlStore(engine).transaction() as tx:
        tx.add_cases(numbered)
    return [c.no for c in numbered]


def placed(*grids: str) -> Place:
    return Place(120.1, 30.2, grids)


def test_the_board_shows_open_cases_most_urgent_first(engine: Engine, views: SqlViews) -> None:
    later = MONDAY_9 + 40 * HOUR
    calm, risky, overdue, suspended, *_ = kept(
        engine,
        case(due_at=MONDAY_9 + HOUR),
        case(standing=Standing.AT_RISK, due_at=later),
        case(standing=Standing.OVERDUE, exercise=True),
        case(state=State.SUSPENDED, due_at=None, warn_at=None),
        case(stage=Stage.CLOSED),
        case(state=State.VOID),
        case(state=State.MERGED),
    )
    assert [c.no for c in views.board(EVERYWHERE)] == [overdue, risky, calm, suspended]
    assert [c.no for c in views.board(EVERYWHERE, limit=2)] == [overdue, risky]
    assert views.board(EVERYWHERE)[0].exercise


def test_the_board_shows_the_newest_version_of_a_case(desk: Desk, views: SqlViews) -> None:
    [no] = filed(desk, report("a"))
    assert [c.version for c in views.board(EVERYWHERE)] == [1]
    after = desk.act(no, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert views.board(EVERYWHERE) == [after]


def test_open_cases_near_are_found_by_place_words_or_phone(engine: Engine, views: SqlViews) -> None:
    there, far = Place(120.1, 30.2, NORTH), Place(120.3, 30.2, NORTH)
    near, worded, told, *_ = kept(
        engine,
        case(place=there),
        case(place=replace(far, address="文三路 12 号")),
        case(place=far, reporter=Reporter("", "13900005678")),
        case(place=far),
        case(place=there, stage=Stage.CLOSED),
        case(place=there, reported_at=MONDAY_9 - 2 * DAY),
    )
    then, box = (MONDAY_9 - DAY, MONDAY_9), (120.09, 30.19, 120.11, 30.21)
    assert [c.no for c in views.open_near(EVERYWHERE, then, box, "", "")] == [near]
    assert [c.no for c in views.open_near(EVERYWHERE, then, None, "文三路12号", "")] == [worded]
    assert [c.no for c in views.open_near(EVERYWHERE, then, box, "", "139 5678")] == [near, told]
    assert views.open_near(EVERYWHERE, then, None, "", "") == views.open_near(Scope("T-S"), then, box, "", "") == []


def test_what_is_in_hand_counts_open_dispatched_cases(engine: Engine, views: SqlViews) -> None:
    kept(
        engine,
        *(case(stage=Stage.DISPATCHED, worker=WorkerId("W-1"), place=placed(*NORTH)) for _ in range(2)),
        case(stage=Stage.DISPATCHED, worker=WorkerId("W-2"), place=placed(*SOUTH)),
        case(stage=Stage.DISPATCHED, worker=None),
        case(stage=Stage.HANDLED, worker=WorkerId("W-3")),
        case(stage=Stage.DISPATCHED, worker=WorkerId("W-4"), state=State.VOID),
    )
    assert views.in_hand(EVERYWHERE) == {"W-1": 2, "W-2": 1}
    assert views.in_hand(Scope(SOUTH[1])) == {"W-2": 1}


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (CaseFilter(), [6, 5, 4, 3, 2, 1]),
        (CaseFilter(stage=Stage.CLOSED), [4]),
        (CaseFilter(state="void"), [5]),
        (CaseFilter(standing="overdue"), [3]),
        (CaseFilter(category="city.parking"), [2]),
        (CaseFilter(grid="T-S"), [2]),
        (CaseFilter(since=MONDAY_9), [5, 4, 3, 2, 1]),
        (CaseFilter(until=MONDAY_9), [6]),
        (CaseFilter(open_only=True), [6, 3, 2, 1]),
        (CaseFilter(text="电梯"), [1]),
        (CaseFilter(text="100%"), [3]),
        (CaseFilter(text="000002"), [2]),
        (CaseFilter(open_only=True, standing="on_time", grid="T-N"), [6, 1]),
    ],
)
@pytest.mark.parametrize("scope", [EVERYWHERE, Scope("T"), Scope("T", account="甲")], ids=["all", "area", "account"])
def test_a_filter_narrows_the_list(
    engine: Engine, views: SqlViews, scope: Scope, which: CaseFilter, found: list[int]
) -> None:
    numbers = kept(
        engine,
        case(title="电梯困人", place=placed(*NORTH)),
        case(category="city.parking", place=placed(*SOUTH)),
        case(standing=Standing.OVERDUE, text="已完成 100% 的", place=placed("T")),
        case(stage=Stage.CLOSED, place=placed("T")),
        case(state=State.VOID, place=placed("T")),
        case(reported_at=MONDAY_9 - DAY, place=placed(*NORTH)),
    )
    page = views.cases(scope, which)
    assert [c.no for c in page.items] == [numbers[n - 1] for n in found]
    assert page.total == len(found)


def test_pages_follow_each_other_and_end(engine: Engine, views: SqlViews) -> None:
    numbers = kept(engine, *[case(place=placed("T")) for _ in range(7)])
    for scope in (EVERYWHERE, Scope("T")):
        pages = [views.cases(scope, CaseFilter(), page, 3) for page in (1, 2, 3, 4)]
        assert [c.no for page in pages for c in page.items] == numbers[::-1]
        assert [(len(page.items), page.page, page.total) for page in pages] == [
            (3, 1, 7),
            (3, 2, 7),
            (1, 3, 7),
            (0, 4, 7),
        ]


def test_figures_count_what_is_open_and_what_came_today(engine: Engine, views: SqlViews) -> None:
    now = MONDAY_9 + timedelta(hours=2, minutes=30)
    north, south = placed(*NORTH), placed(*SOUTH)
    kept(
        engine,
        case(place=north, stage=Stage.ACCEPTED),
        case(place=north, standing=Standing.OVERDUE, due_at=MONDAY_9 - DAY, reported_at=MONDAY_9 - 3 * DAY),
        case(place=south, standing=Standing.OVERDUE, due_at=MONDAY_9 - 2 * DAY, reported_at=MONDAY_9 - 3 * DAY),
        case(place=south, standing=Standing.AT_RISK, reported_at=MONDAY_9 + HOUR),
        case(place=Place()),
        case(place=south, stage=Stage.CLOSED, closed_at=now, reported_at=MONDAY_9 - DAY),
        case(place=south, state=State.VOID),
        case(place=north, exercise=True, standing=Standing.OVERDUE),
    )
    figures = views.figures(EVERYWHERE, now)
    assert (figures.open, figures.overdue, figures.at_risk, figures.unplaced) == (5, 2, 1, 1)
    assert (figures.reported_today, figures.closed_today) == (3, 1)
    assert figures.oldest_overdue_at == MONDAY_9 - 2 * DAY
    assert figures.stages[Stage.REPORTED] == 4
    assert figures.stages[Stage.ACCEPTED] == 1
    assert figures.loops["micro"] == 5
    assert (figures.hours[9], figures.hours[10], sum(figures.hours)) == (2, 1, 3)
    assert figures.days == (0, 0, 0, 2, 0, 1, 3)
    assert figures.grids["T"] == GridCount(open=4, overdue=2, today=2)
    assert figures.grids["T-S"] == GridCount(open=2, overdue=1, today=1)


def test_an_areas_figures_are_its_own(engine: Engine, views: SqlViews) -> None:
    kept(engine, case(place=placed(*NORTH)), case(place=placed(*SOUTH)), case(place=Place()))
    figures = views.figures(Scope("T-N"), MONDAY_9)
    assert (figures.open, figures.reported_today, figures.unplaced) == (1, 1, 0)
    assert set(figures.grids) == {"T-N", "T-N-1"}  # not "T": a part's count would pass for the town's


def test_the_usual_is_the_mean_of_the_same_weekdays_so_far(engine: Engine, views: SqlViews) -> None:
    weeks = [
        case(reported_at=MONDAY_9 - 7 * week * DAY + minutes * timedelta(minutes=1))
        for week in (1, 2, 3, 4)
        for minutes in [-70] * week + [20] + [50] * 10
    ]
    kept(engine, *weeks, case(reported_at=MONDAY_9 - 28 * DAY - 2 * HOUR))
    figures = views.figures(EVERYWHERE, MONDAY_9 + timedelta(minutes=30))
    assert figures.reported_usual == (1 + 2 + 3 + 4 + 1) / 4 + 1
    assert figures.hours_usual[7:10] == (2.75, 0.0, 11.0)  # 07:50 falls into hour 7
    assert len(figures.hours_usual) == 24
    assert figures.days_usual == (0.0,) * 6 + (13.75,)


def test_days_have_a_usual_once_the_record_is_long_enough(engine: Engine, views: SqlViews) -> None:
    kept(engine, *[case(reported_at=MONDAY_9 - day * DAY) for day in range(60) for _ in range(2)])
    figures = views.figures(EVERYWHERE, MONDAY_9)
    assert figures.days == (2,) * 7
    assert figures.days_usual == (2.0,) * 7
    assert figures.reported_usual == 0.0  # they come at nine sharp, and it is nine sharp


def test_days_have_no_usual_while_one_of_them_has_none(engine: Engine, views: SqlViews) -> None:
    kept(engine, *[case(reported_at=MONDAY_9 - day * DAY) for day in range(10)])
    figures = views.figures(EVERYWHERE, MONDAY_9 + HOUR)
    assert (figures.reported_usual, figures.days_usual) == (1.0, ())


def test_without_a_past_there_is_no_usual(engine: Engine, views: SqlViews) -> None:
    kept(engine, case())
    figures = views.figures(EVERYWHERE, MONDAY_9)
    assert (figures.reported_usual, figures.hours_usual, figures.days_usual) == (None, (), ())


def test_a_backfill_is_noticed_within_the_hour(desk: Desk, views: SqlViews) -> None:
    def now_reads() -> Figures:
        return views.figures(EVERYWHERE, MONDAY_9 + HOUR)

    filed(desk, report("today"))
    assert now_reads().reported_usual is None
    past = MONDAY_9 - 7 * DAY
    filed(desk, report("past", at=past, received_at=past), now=past)
    assert now_reads().reported_usual == 1.0


def test_figures_follow_the_local_day(engine: Engine, views: SqlViews) -> None:
    midnight = datetime(2026, 11, 15, 16, 0, tzinfo=UTC)  # 00:00 on Monday in Shanghai
    kept(engine, case(reported_at=midnight - timedelta(microseconds=1)), case(reported_at=midnight))
    figures = views.figures(EVERYWHERE, MONDAY_9)
    assert (figures.reported_today, figures.hours[0], figures.days[-2:]) == (1, 1, (1, 1))


def test_alerts_wait_gravest_and_oldest_first(desk: Desk, views: SqlViews) -> None:
    at = {"yesterday": MONDAY_9 - 25 * HOUR, "early": MONDAY_9 - HOUR, "late": MONDAY_9}
    for id, level, when in [
        ("blue", AlertLevel.BLUE, at["yesterday"]),
        ("red late", AlertLevel.RED, at["late"]),
        ("red early", AlertLevel.RED, at["early"]),
        ("seen", AlertLevel.RED, at["early"]),
        ("shelved", AlertLevel.YELLOW, at["late"]),
        ("seen long ago", AlertLevel.RED, at["yesterday"]),
    ]:
        desk.file([alert_report(id.replace(" ", "-"), level=level, text=id, received_at=when)], when)
    views = replace(views, clock=lambda: MONDAY_9 + HOUR)
    by_text = {alert.text: alert for alert in views.alerts(EVERYWHERE)}
    desk.act_on_alert(by_text["seen"].no, "acknowledge", {}, DUTY, EVERYWHERE, MONDAY_9)
    desk.act_on_alert(by_text["seen long ago"].no, "acknowledge", {}, DUTY, EVERYWHERE, MONDAY_9)
    shelve = {"minutes": 120, "reason": "已通知"}
    desk.act_on_alert(by_text["shelved"].no, "shelve", shelve, DUTY, EVERYWHERE, MONDAY_9)
    assert [a.text for a in views.alerts(EVERYWHERE)] == ["red early", "red late", "blue", "shelved", "seen"]
    later = replace(views, clock=lambda: MONDAY_9 + 3 * HOUR)
    back = later.alerts(EVERYWHERE)
    assert [a.text for a in back] == ["red early", "red late", "shelved", "blue", "seen"]
    assert back[2].state is AlertState.SHELVED


def test_recent_events_come_with_their_cases_newest_first(desk: Desk, views: SqlViews) -> None:
    first, second = filed(desk, full_report("a"), full_report("b"))
    desk.act(first, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9 + HOUR)
    heard = views.recent_events(EVERYWHERE, 2)
    assert [(e.action, c.no) for e, c in heard] == [(Action.ACCEPT, first), (Action.REPORT, second)]
    assert heard[0][1] == seen(views, first)
    assert views.recent_events(Scope("T-S")) == []


def test_the_cursor_skips_nothing_and_names_each_case_once(desk: Desk, views: SqlViews) -> None:
    first, second = filed(desk, full_report("a"), report("b", place=Place()))
    desk.act(first, Action.ACCEPT, {}, DUTY, EVERYWHERE, 1, MONDAY_9)
    assert views.changed_since(0) == (3, [(first, NORTH), (second, ())])
    assert views.changed_since(0, limit=2) == (2, [(first, NORTH), (second, ())])
    assert views.changed_since(2) == (3, [(first, NORTH)])
    assert views.changed_since(3) == (3, [])
    assert views.changed_since(99) == (3, [])


def test_ticks_and_points_leave_exercises_out(engine: Engine, views: SqlViews) -> None:
    kept(
        engine,
        case(severity=1, place=Place(120.5, 30.5, NORTH)),
        case(severity=2, reported_at=MONDAY_9 - HOUR, stage=Stage.CLOSED, place=Place(120.6, 30.6, SOUTH)),
        case(place=Place(address="只有地址")),
        case(exercise=True),
    )
    assert views.ticks(EVERYWHERE, MONDAY_9 - HOUR, MONDAY_9) == [(MONDAY_9 - HOUR, 2)]
    assert views.ticks(Scope("T-N"), MONDAY_9 - DAY, MONDAY_9 + DAY) == [(MONDAY_9, 1)]
    assert sorted(views.points(EVERYWHERE, MONDAY_9 - DAY)) == [(120.5, 30.5), (120.6, 30.6)]
    assert views.points(EVERYWHERE, MONDAY_9 - DAY, open_only=True) == [(120.5, 30.5)]
    assert views.points(Scope("T-S"), MONDAY_9 - DAY) == [(120.6, 30.6)]
