"""What a screen before visitors is told: where and how much, never who, and no words that somebody wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cases.categories import category_of
from cases.model import Alert, Case, Event, Place

if TYPE_CHECKING:
    from dashboard.readings import Reading

SOMEBODY = "经办人"


def hidden(reading: Reading) -> Reading:
    """A reading without names, free texts and addresses; counts, places on the map and clocks stay."""
    return replace(
        reading,
        board=[case_without_words(each) for each in reading.board],
        alerts=[_alert(each) for each in reading.alerts],
        recent=[(_event(event), case_without_words(case)) for event, case in reading.recent],
        whistles=(),
        handoffs=(),
    )


def case_without_words(case: Case) -> Case:
    """A case by its category alone."""
    nobody = {"worker": None, "handler": None, "first_contact": None, "reporter": None, "attachments": ()}
    return replace(case, title=category_of(case.category).name, text="", place=_place(case.place), **nobody)  # type: ignore[arg-type]


def _place(place: Place) -> Place:
    return replace(place, address="", raw=None)


def _alert(alert: Alert) -> Alert:
    by = SOMEBODY if alert.by else alert.by
    told = (SOMEBODY,) if alert.told else ()
    return replace(alert, text="", why="", by=by, told=told, place=_place(alert.place))


def _event(event: Event) -> Event:
    return replace(event, by=SOMEBODY, why="", changes={k: v for k, v in event.changes.items() if k == "standing"})
