"""动态: what happened last, one line each, newest on top."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.lifecycle import ACTION_NAMES
from cases.model import Action, Case, Event
from dashboard.components import frame
from dashboard.components.words import STANDING_NAMES, clock_words, place_words
from dashboard.picture import Picture

ID, TITLE, SOURCE = "activity", "动态", "事件记录"
SHOWN = 12


def layout() -> Component:
    """The list's place at the foot of the right column."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Time, place and kind, and what was done."""
    lines = [line(event, case, picture) for event, case in picture.recent[:SHOWN]]
    body = html.Ol(lines) if lines else frame.nothing("尚无事件")
    return frame.filled(picture, TITLE, "", SOURCE, [body])


def line(event: Event, case: Case, picture: Picture) -> Component:
    """One event in one line."""
    words = f"{place_words(case.grids, picture.grid_names, 1)} · {category_of(case.category).name}"
    return html.Li(
        [html.Time(clock_words(event.at)), html.Span(words), html.B(deed(event, case, picture))],
        **{"data-case": case.no},
    )


def deed(event: Event, case: Case, picture: Picture) -> str:
    """What was done, with to whom for a dispatch and to what for the clock."""
    if event.action is Action.DISPATCH:
        unit = str(event.changes.get("unit") or case.unit or "")
        return f"派 {picture.unit_names.get(unit) or picture.worker_names.get(case.worker or '') or unit}"
    if event.action is Action.CLOCK and "clock" in event.about:
        return event.why
    if event.action is Action.CLOCK:
        return STANDING_NAMES.get(event.changes.get("standing", case.standing), "时限变化")  # type: ignore[call-overload]
    return ACTION_NAMES[event.action]
