"""What calls out: a red card with who is near, tiles for the others, and in a flood a place for every alert."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from cases.model import Alert, AlertLevel, AlertState, Place
from dashboard.panels import PANELS, alarm_call, alert_list
from dashboard.panels.alarm_call import metres_words
from dashboard.picture import Nearby
from tests.dashboard.panels.build import NOW, alert, having, picture, text

KINDS = ("人员聚集", "烟感报警", "水位超限", "持刀滋事", "独居老人无活动")


def rendered(alerts: list[Alert], **more: object) -> dict[str, Any]:
    return alarm_call.render(picture(alerts=alerts, **more))


def marked(props: dict[str, Any]) -> list[str]:
    """The numbers of the alerts on it, tile by tile."""
    return [number for mark in having(props["children"], "data-alarm") for number in mark.split()]


def words(props: dict[str, Any]) -> str:
    return text(props["children"])


def flood(count: int, seed: int = 1) -> list[Alert]:
    """Alerts of every level, unanswered, of many kinds and places, within ten minutes."""
    rng = random.Random(seed)
    levels = rng.choices(list(AlertLevel), [1, 2, 4, 3], k=count)
    found = []
    for number, level in enumerate(levels):
        at = NOW - timedelta(seconds=rng.uniform(0, 600))
        place = Place(120.1, 30.1, (f"t{rng.randrange(16)}", f"g{rng.randrange(65)}"))
        found.append(alert(number, level=level, kind=rng.choice(KINDS), place=place, at=at, received_at=at))
    return found


def test_calm_room_shows_nothing():
    props = rendered([alert(1, state=AlertState.ACKNOWLEDGED), alert(2, level=AlertLevel.YELLOW)])
    assert props["className"] == "alarm-call quiet"
    assert props["children"] == []


def test_red_card_says_what_where_since_when_and_who_is_near():
    near = {alert(1).no: [Nearby("W-1", 432.0, "available", NOW - timedelta(seconds=40))]}
    said = words(rendered([alert(1)], nearest=near, worker_names={"W-1": "王某某"}))
    for part in ("持刀滋事", "北山村", "2 分", "王某某", "430 米", "40 秒", "确认", "静默"):
        assert part in said


def test_red_card_without_anybody_near_says_so():
    assert "附近没有可派的力量" in words(rendered([alert(1)]))
    assert "没有坐标" in words(rendered([alert(1, place=Place(None, None, ()))]))


def test_the_longest_waiting_has_the_card_and_every_other_red_a_tile():
    alerts = [alert(n, kind=f"事{n}", received_at=NOW - timedelta(minutes=n)) for n in range(1, 6)]
    props = rendered(alerts)
    assert props["className"] == "alarm-call calls"
    assert sorted(marked(props)) == [each.no for each in alerts]
    assert marked(props)[0] == alerts[-1].no


def test_orange_is_a_side_card_and_those_without_room_are_counted():
    alerts = [alert(n, level=AlertLevel.ORANGE, kind=f"事{n}") for n in range(5)]
    props = rendered(alerts)
    assert len(marked(props)) == 2
    assert "另有 3 件橙色未确认" in words(props)


def test_yellow_and_blue_do_not_come_over_the_map():
    assert rendered([alert(1, level=AlertLevel.YELLOW), alert(2, level=AlertLevel.BLUE)])["children"] == []


@pytest.mark.parametrize("seed", range(5))
def test_in_a_flood_every_unanswered_alert_has_a_place(seed: int):
    alerts = flood(500, seed)
    props = rendered(alerts)
    assert props["className"] == "alarm-call flood"
    assert sorted(marked(props)) == sorted(each.no for each in alerts)


def test_what_sounds_is_told_with_the_panel_and_at_most_ten_in_ten_minutes():
    told = json.loads(rendered(flood(500))["data-calls"])
    assert 0 < len(told) <= 10
    assert {each["why"] for each in told} <= {"came", "flood", "rose"}


def test_exercise_is_named_and_marked():
    props = rendered([alert(1, exercise=True)])
    assert "演练" in words(props)
    assert "exercise" in props["children"][0].className


def test_blue_ones_are_one_row_of_the_list_that_counts_them():
    alerts = [alert(n, level=AlertLevel.BLUE, kind=f"事{n}") for n in range(12)]
    assert "蓝色 12 件" in words(alert_list.render(picture(alerts=alerts)))


def test_list_says_by_level_what_it_has_no_room_for():
    alerts = [alert(n, kind=f"事{n}") for n in range(8)] + [alert(9, level=AlertLevel.YELLOW)]
    assert "另有 红色 2 件未确认、黄色 1 件未确认" in words(alert_list.render(picture(alerts=alerts)))


@pytest.mark.parametrize(("metres", "said"), [(4, "0 米"), (432, "430 米"), (994, "990 米"), (996, "1.0 公里")])
def test_distances_as_one_says_them(metres: float, said: str):
    assert metres_words(metres) == said


def test_it_is_drawn_with_the_other_panels():
    assert alarm_call in PANELS
