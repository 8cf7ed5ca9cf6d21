"""A topic: numbers, deltas and what somebody who was away is given."""

import json
from datetime import UTC, datetime

from dashboard import topics

AT = datetime(2026, 11, 16, 4, tzinfo=UTC)


def board(**rows: object) -> topics.Topic:
    topic = topics.all_topics("e1")["board"]
    topic.update(rows, AT)
    return topic


def test_the_first_rows_are_a_snapshot_not_a_change():
    topic = board(C1={"v": 1})
    assert topic.seq == 0
    assert json.loads(topic.snapshot().payload) == {
        "type": "snapshot",
        "topic": "board",
        "epoch": "e1",
        "seq": 0,
        "as_of": "2026-11-16T04:00:00.000Z",
        "data": {"cards": [{"v": 1}]},
    }


def test_a_change_carries_what_is_new_and_what_is_gone():
    topic = board(C1={"v": 1}, C2={"v": 1})
    delta = topic.update({"C2": {"v": 2}, "C3": {"v": 1}}, AT)
    assert delta is not None
    assert json.loads(delta.payload)["seq"] == 1
    assert json.loads(delta.payload)["data"] == {"put": [{"v": 2}, {"v": 1}], "gone": ["C1"]}


def test_the_same_rows_are_no_change_yet_the_snapshot_is_as_of_now():
    topic = board(C1={"v": 1})
    later = AT.replace(hour=5)
    assert topic.update({"C1": {"v": 1}}, later) is None
    assert json.loads(topic.snapshot().payload)["as_of"] == "2026-11-16T05:00:00.000Z"


def test_who_was_away_gets_exactly_what_was_missed():
    topic = board(C1={"v": 0})
    for version in range(1, 6):
        topic.update({"C1": {"v": version}}, AT)
    missed = topic.since(3)
    assert missed is not None
    assert [json.loads(frame.payload)["seq"] for frame in missed] == [4, 5]
    assert topic.since(5) == []


def test_who_was_away_for_too_long_gets_nothing_but_a_snapshot():
    topic = board(C1={"v": 0})
    for version in range(1, topics.KEPT + 3):
        topic.update({"C1": {"v": version}}, AT)
    assert topic.since(1) is None
    assert topic.since(2) is not None


def test_kpi_changes_name_only_the_grids_that_changed():
    topic = topics.all_topics("e1")["kpi"]
    topic.update({"figures": {"open": 1}, "A": [1, 0, 1], "B": [0, 0, 0]}, AT)
    delta = topic.update({"figures": {"open": 2}, "A": [2, 0, 1], "B": [0, 0, 0]}, AT)
    assert delta is not None
    assert json.loads(delta.payload)["data"]["put"] == {"figures": {"open": 2}, "grids": {"A": [2, 0, 1]}}
