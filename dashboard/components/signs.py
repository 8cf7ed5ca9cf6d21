"""Four meanings, four shapes: hazard triangle, deadline circle, risk square, score bar; each with its word."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from cases.model import AlertLevel, Risk, Standing
from dashboard.components.words import STANDING_NAMES, span_words

RISK_NAMES = {Risk.HIGH: "高", Risk.MEDIUM: "中", Risk.LOW: "低"}
RISK_MARKS = {Risk.HIGH: "■", Risk.MEDIUM: "◧", Risk.LOW: "□"}  # a shape and a word, never a hazard's colour

LEVEL_NAMES = {
    AlertLevel.RED: "红色",
    AlertLevel.ORANGE: "橙色",
    AlertLevel.YELLOW: "黄色",
    AlertLevel.BLUE: "蓝色",
}


def hazard(level: AlertLevel, answered: bool) -> Component:
    """A triangle in the hazard colour: filled while nobody has answered, an outline afterwards."""
    state = "answered" if answered else "open"
    return html.Span(
        className=f"sign hazard {level} {state}", role="img", **{"aria-label": f"{LEVEL_NAMES[level]}预警"}
    )


def light(standing: Standing) -> Component:
    """A circle in the deadline light's colour."""
    return html.Span(className=f"sign light {standing}", role="img", **{"aria-label": STANDING_NAMES[standing]})


def counting(since: datetime, now: datetime) -> Component:
    """A time that counts up on the screen (assets/clock.js); the text here is right to the minute."""
    return html.Span(span_words(now - since), className="counting", **{"data-since": since.isoformat()})
