"""Between rows and nouns: nothing is lost on the way, and what cannot be kept is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.model import Action, Event, Loop, Role, Stage, Standing, State
from storage import tables
from storage.instants import instant, micros
from storage.rows import case_id, case_no, case_of, case_row, event_of, event_row
from tests.cases.build import MONDAY_9, case


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_instants_come_back_exactly_and_in_order(one: datetime, other: datetime) -> None:
    assert instant(micros(one)) == one
    assert (micros(one) < micros(other)) == (one < other)


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    assert micros(MONDAY_9.astimezone(timezone(timedelta(hours=8)))) == micros(MONDAY_9)
    assert micros(None) is None
    assert instant(None) is None


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(MONDAY_9.replace(tzinfo=None))


@given(st.dates(datetime(2000, 1, 1, tzinfo=UTC).date()), st.integers(1, 99_999_999))
def test_numbers_and_ids_are_one_to_one(day: object, number: int) -> None:
    no = f"{day:%Y%m%d}-{number:06d}"
    assert case_no(case_id(no)) == no


@pytest.mark.parametrize(
    "no", ["", "C-1", "20261121", "2026112-000001", "20261121-", "20261121-00x", "２０２６１１２１-000001"]
)
def test_what_is_no_case_number_has_no_id(no: str) -> None:
    with pytest.raises(ValueError, match="YYYYMMDD"):
        case_id(no)


def test_a_case_row_has_the_tables_columns_in_order() -> None:
    row = case_row(case(stage=Stage.HANDLED, score=5, merged_into="20261116-000002"))
    kept = dict(zip(tables.cases.columns.keys(), row, strict=True))
    assert (kept["no"], kept["stage"], kept["score"], kept["merged_into"]) == (
        "20261116-000001",
        "handled",
        5,
        "20261116-000002",
    )
    assert kept["reported_at"] == micros(MONDAY_9)
    assert case_of(row) == case(stage=Stage.HANDLED, score=5, merged_into="20261116-000002")


@pytest.mark.parametrize(
    ("state", "stage", "is_open"),
    [(State.ACTIVE, Stage.VERIFIED, 1), (State.SUSPENDED, Stage.REPORTED, 1), (State.VOID, Stage.REPORTED, 0)],
)
def test_whether_a_case_is_open_is_the_rules_word(state: State, stage: Stage, is_open: int) -> None:
    row = case_row(case(state=state, stage=stage))
    assert dict(zip(tables.cases.columns.keys(), row, strict=True))["is_open"] == is_open


def test_changes_come_back_as_the_model_has_them() -> None:
    changes = {
        "stage": Stage.DISPATCHED,
        "state": State.ACTIVE,
        "standing": Standing.AT_RISK,
        "loop": Loop.SMALL,
        "dispatched_at": MONDAY_9,
        "due_at": None,
        "unit": "U-1",
        "score": 4,
        "pending": "3",
    }
    event = Event(7, case().no, 2, MONDAY_9, "甲", Role.DUTY, Action.DISPATCH, "缘由", "desk", changes)
    back = event_of(event_row(event))
    assert back == event
    assert {name: type(value) for name, value in back.changes.items()} == {n: type(v) for n, v in changes.items()}


def test_a_change_that_json_cannot_carry_is_refused_at_once() -> None:
    event = Event(7, case().no, 2, MONDAY_9, "甲", Role.DUTY, Action.NOTE, changes={"odd": object()})
    with pytest.raises(TypeError, match="event"):
        event_row(event)
