"""演练: a watermark over every page while a case or an alert of an exercise is shown anywhere in the area."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.alerts import is_waiting
from dashboard.picture import Picture

ID = "exercise-mark"
TIMES = 12


def layout() -> Component:
    """The mark's place over the whole page; nothing while there is no exercise."""
    return html.Div(id=ID, className="exercise-mark")


def render(picture: Picture) -> dict[str, object]:
    """The word many times over, so that no part of the picture can be cut out without it."""
    alerts = [each for each in picture.alerts if each.exercise and is_waiting(each, picture.as_of)]
    cases = [case for case in picture.board if case.exercise]
    if not alerts and not cases:
        return {"children": [], "className": "exercise-mark"}
    words = f"演练进行中 · 演练案件 {len(cases)} 件、预警 {len(alerts)} 件 · 不计入统计"
    marks = [html.Span("演练", **{"aria-hidden": "true"}) for _ in range(TIMES)]
    return {"children": [html.B(words, role="status"), *marks], "className": "exercise-mark on"}
