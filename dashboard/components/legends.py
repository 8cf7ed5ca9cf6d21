"""Five fields, five legends (domain.md §0.3, b10): stage, standing, severity, risk and hazard colour never look alike.

A field has a shape of its own; a colour may come back in another field only under another shape, and a word always
stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from cases.lifecycle import STAGE_NAMES
from cases.model import AlertLevel, Risk, Stage, Standing
from dashboard.components.signs import LEVEL_NAMES, RISK_MARKS, RISK_NAMES, hazard, light
from dashboard.components.words import SEVERITY_NAMES, STANDING_NAMES


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a field: how it is drawn, the token of its colour, its word."""

    sign: Component
    colour: str
    words: str


@dataclass(frozen=True, slots=True)
class Legend:
    """A field: what it says, the shape that is its own, its values from the gravest (of stages: from the first)."""

    field: str
    says: str
    shape: str
    entries: Sequence[Entry]


_LIGHTS: Mapping[Standing, str] = {Standing.OVERDUE: "late", Standing.AT_RISK: "near", Standing.ON_TIME: "fine"}

LEGENDS: Sequence[Legend] = (
    Legend(
        "预警颜色",
        "一次预警有多紧急，仅用于预警",
        "三角",
        [Entry(hazard(level, answered=False), level.value, f"{LEVEL_NAMES[level]}预警") for level in AlertLevel],
    ),
    Legend(
        "时限灯",
        "时限还剩多少",
        "圆点",
        [Entry(light(standing), colour, STANDING_NAMES[standing]) for standing, colour in _LIGHTS.items()],
    ),
    Legend(
        "风险",
        "研判事态可能有多危险",
        "方块",
        [Entry(html.Span(RISK_MARKS[risk]), "text", f"{RISK_NAMES[risk]}风险") for risk in Risk],
    ),
    Legend(
        "严重程度",
        "事情本身有多严重",
        "框字",
        [Entry(html.Em(words), "text", f"{level} 级") for level, words in SEVERITY_NAMES.items()],
    ),
    Legend(
        "阶段",
        "办到哪一步",
        "序号",
        [Entry(html.Small(f"{at}/{len(Stage)}"), "second", STAGE_NAMES[stage]) for at, stage in enumerate(Stage, 1)],
    ),
)


def sheet() -> list[Component]:
    """The five legends, one section each."""
    return [_section(legend) for legend in LEGENDS]


def _section(legend: Legend) -> Component:
    rows = [part for each in legend.entries for part in (html.Dt(each.sign), html.Dd(each.words))]
    head = html.H3([f"图例 · {legend.field}", html.Small(f"{legend.shape}：{legend.says}")])
    return html.Section([head, html.Dl(rows)], className="legend-field", **{"data-field": legend.field})
