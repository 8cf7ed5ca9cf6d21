"""What each panel says: pure functions from a picture to a component tree."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import pytest
from dash.development.base_component import Component

from cases.model import Action, AlertState, Event, Role, Stage, Standing, State
from cases.ports import RoleHealth
from dashboard.panels import (
    PANELS,
    activity,
    alert_list,
    case_board,
    duty_posts,
    feed_health,
    hour_trend,
    inbox,
    kpi_bar,
    time_bar,
    worker_roster,
)
from dashboard.picture import Force
from tests.dashboard.panels.build import NOW, alert, case, figures, having, parts, picture, text

BUSY = picture(
    board=[case(1), case(2, standing=Standing.OVERDUE)],
    alerts=[alert()],
    recent=[(Event(1, case().no, 1, NOW, "李某", Role.DUTY, Action.ACCEPT), case())],
    ticks=[(NOW, 1)],
)


@pytest.mark.parametrize("panel", PANELS, ids=[panel.ID for panel in PANELS])
@pytest.mark.parametrize("room", [picture(), BUSY], ids=["calm", "busy"])
def test_panel_is_made_of_plain_html(panel: ModuleType, room: object) -> None:
    """assets/panels.js draws dash.html components and nothing else."""
    drawn = panel.render(room)
    components = [part for part in parts(drawn["children"]) if isinstance(part, Component)]
    assert {part._namespace for part in components} <= {"dash_html_components"}
    assert panel.ID in str(panel.layout())


@pytest.mark.parametrize("panel", PANELS, ids=[panel.ID for panel in PANELS])
def test_unchanged_room_gives_unchanged_bytes_a_second_later(panel: ModuleType) -> None:
    """A panel that says nothing new must not be sent again just because time passed."""
    earlier, later = picture(), picture(as_of=NOW + timedelta(seconds=1))
    assert str(panel.render(earlier)) == str(panel.render(later))


def test_failed_reading_keeps_the_figures_and_says_since_when() -> None:
    words = text(kpi_bar.render(picture(failed="案件库读取失败", failed_since=NOW))["children"])
    assert "案件库读取失败 · 14:32:07 起 · 以下为此前画面" in words
    assert "37" in words


# the board -------------------------------------------------------------------------------------------------


def board(*cases_: object) -> list[Component]:
    """The board's cards, in the order in which one column shows them."""
    drawn = case_board.render(picture(board=list(cases_)))["children"]
    cards = [
        part for part in parts(drawn) if isinstance(part, Component) and "data-case" in part.to_plotly_json()["props"]
    ]
    return sorted(cards, key=lambda card: card.style["order"])


def numbers(cards: list[Component]) -> list[str]:
    """The case numbers of cards."""
    return having(cards, "data-case")


def test_overdue_then_at_risk_then_just_in_then_by_deadline() -> None:
    late, near, calm = case(1, standing=Standing.OVERDUE), case(2, standing=Standing.AT_RISK), case(3)
    fresh = case(4, stage=Stage.REPORTED, received_at=NOW - timedelta(seconds=5))
    assert numbers(board(late, near, calm, fresh)) == [late.no, near.no, fresh.no, calm.no]


def test_newest_case_is_on_the_board_however_many_are_more_urgent() -> None:
    crowd = [case(number, standing=Standing.OVERDUE) for number in range(1, 200)]
    fresh = case(999, received_at=NOW)
    cards = numbers(board(*crowd, fresh))
    assert fresh.no in cards
    assert len(cards) <= case_board.URGENT + case_board.NEWEST


def test_card_carries_its_handles_and_its_words() -> None:
    [card] = board(
        case(7, standing=Standing.OVERDUE, due_at=NOW - timedelta(days=1), unit="u1", stage=Stage.DISPATCHED)
    )
    props = card.to_plotly_json()["props"]
    assert (props["data-case"], props["data-stage"], props["data-standing"]) == (
        "20261121-000007",
        "dispatched",
        "overdue",
    )
    assert text(card) == "超时 1 天邻里纠纷案件 7北山一网格 · 北山司法所 · 处置中"


def test_exercise_and_returned_are_marked() -> None:
    [card] = board(case(1, exercise=True, state=State.RETURNED, severity=1))
    assert [text(part) for part in parts(card) if isinstance(part, Component) and part._type == "Em"] == [
        "演练",
        "特急",
        "退单",
    ]


def test_empty_board_says_which_empty() -> None:
    assert "没有在办案件" in text(case_board.render(picture())["children"])


def test_inbox_names_its_three_empties() -> None:
    words = text(inbox.render(picture())["children"])
    assert all(f"没有{name}案件" in words for name in ("待受理", "超时", "将超时"))


def test_inbox_puts_the_gravest_unaccepted_first() -> None:
    mild, grave = case(1, stage=Stage.REPORTED, severity=4), case(2, stage=Stage.REPORTED, severity=1)
    assert having(inbox.render(picture(board=[mild, grave]))["children"], "data-case") == [grave.no, mild.no]


# alerts ----------------------------------------------------------------------------------------------------


def test_only_the_first_waiting_alert_answers_to_the_key() -> None:
    answered = alert(3, state=AlertState.ACKNOWLEDGED, by="赵某")
    drawn = alert_list.render(picture(alerts=[alert(1), alert(2, kind="水位超警"), answered]))
    assert having(drawn["children"], "data-acknowledge") == ["A20261121-0001", "A20261121-0002"]
    assert text(drawn["children"]).count("按 A 确认") == 1
    assert "赵某" in text(drawn["children"])


def test_who_answered_an_alert_is_said_by_name() -> None:
    answered = alert(state=AlertState.ACKNOWLEDGED, by="duty-03", acted_at=NOW)
    risen = alert(2, risen=1, risen_at=NOW, told=("leader-1",))
    people = {"duty-03": "李某", "leader-1": "吴某"}
    said = text(alert_list.render(picture(alerts=[answered, risen], people=people))["children"])
    assert "李某" in said and "吴某" in said
    assert "duty-03" not in said and "leader-1" not in said


def test_no_position_at_all_is_not_nobody_there() -> None:
    said = text(worker_roster.render(picture(force=Force({"available": 0, "off_duty": 65}, 0, 0, 0)))["children"])
    assert "尚无定位" in said
    assert "0人" not in said


def test_no_alert_is_not_no_reading() -> None:
    assert "近 24 小时没有预警" in text(alert_list.render(picture())["children"])


# figures ---------------------------------------------------------------------------------------------------


def test_kpi_numbers_have_units_and_open_their_rows() -> None:
    drawn = kpi_bar.render(picture(figures=figures(overdue=2, oldest_overdue_at=NOW - timedelta(days=1, hours=3))))
    assert "超时2件最久 1 天" in text(drawn["children"])
    assert "/duty?list=overdue" in having(drawn["children"], "href")


def test_no_past_is_said_not_shown_as_zero() -> None:
    assert "尚无往期" in text(kpi_bar.render(picture(figures=figures(reported_usual=None)))["children"])


def test_lost_workers_take_colour_only_when_there_are_some() -> None:
    assert "meter near" in having(worker_roster.render(picture())["children"], "className")
    well = picture(force=Force({"available": 5}, 5, 5, 0))
    assert "meter near" not in having(worker_roster.render(well)["children"], "className")


def test_hours_run_up_to_now_and_are_said_in_words() -> None:
    drawn = hour_trend.render(picture())["children"]
    assert having(drawn, "data-values") == [",".join(["2"] * 15)]  # 0–14 o'clock
    assert having(drawn, "aria-label")[0].startswith("今日 48 件")


def test_time_bar_counts_by_ten_minutes_and_marks_the_grave() -> None:
    ticks = [(NOW, 3), (NOW - timedelta(minutes=1), 1), (NOW - timedelta(hours=23), 2), (NOW - timedelta(hours=25), 2)]
    drawn = time_bar.render(picture(ticks=ticks))["children"]
    counts = [int(n) for n in having(drawn, "data-values")[0].split(",")]
    assert len(counts) == 144
    assert sum(counts) == 3, "what is older than a day is not drawn"
    assert counts[-1] == 2
    assert sum(int(n) for n in having(drawn, "data-usual")[0].split(",")) == 1


def test_dead_role_is_named_in_words() -> None:
    drawn = feed_health.render(picture(health={"gateway": RoleHealth(9, "down")}))["children"]
    assert "接入网关中断" in text(drawn)


def test_dispatch_in_the_news_names_the_unit() -> None:
    event = Event(1, case().no, 2, NOW, "李某", Role.DUTY, Action.DISPATCH, changes={"unit": "u1"})
    assert text(activity.line(event, case(), picture())) == "14:32:07北山一网格 · 邻里纠纷派 北山司法所"


def test_clock_event_says_what_the_light_turned_to() -> None:
    event = Event(1, case().no, 2, NOW, "system", Role.SYSTEM, Action.CLOCK, changes={"standing": "overdue"})
    assert activity.deed(event, case(), picture()) == "超时"


def test_missing_roster_is_said() -> None:
    assert "未录入值班表" in text(duty_posts.render(picture(duty=()))["children"])
