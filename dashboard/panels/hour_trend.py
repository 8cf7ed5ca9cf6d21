"""Today's reports by hour against the usual of the same weekday."""

from __future__ import annotations

from dash.development.base_component import Component

from cases.calendar import LOCAL
from dashboard.components import frame
from dashboard.components.meters import series
from dashboard.picture import Picture

ID, TITLE, SOURCE = "hour-trend", "每小时受理", "案件库"


def layout() -> Component:
    """The chart's place at the foot of the left column."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """24 bars up to now, a line for the mean of the last four same weekdays."""
    figures, local = picture.figures, picture.as_of.astimezone(LOCAL)
    hour = local.hour
    peak = max(range(24), key=lambda h: figures.hours[h]) if figures.hours else 0
    says = f"今日 {sum(figures.hours)} 件，最多在 {peak} 时，{figures.hours[peak] if figures.hours else 0} 件"
    chart = series(figures.hours[: hour + 1], figures.hours_usual, says)
    return frame.filled(picture, TITLE, "虚线：往期", SOURCE, [chart])
