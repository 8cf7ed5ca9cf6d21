"""How grave a CAP warning is to this room: hazard colours from severity, certainty and urgency, as a table.

Sources: 突发事件应对法 has four levels, 红 橙 黄 蓝, by 紧急程度、发展势态和可能造成的危害程度; CAP 1.2 §3.2.2 has five
severities and says of certainty and urgency how sure and how soon. A colour that the issuer named itself is the legal
one and is never recomputed. That unknown is taken as 黄 is this room's choice: unknown is not harmless.
"""

from __future__ import annotations

from collections.abc import Mapping

from cases.cap.message import CapInfo
from cases.model import AlertLevel

GRAVEST_FIRST = tuple(AlertLevel)
BY_SEVERITY: Mapping[str, AlertLevel] = {
    "Extreme": AlertLevel.RED,
    "Severe": AlertLevel.ORANGE,
    "Moderate": AlertLevel.YELLOW,
    "Minor": AlertLevel.BLUE,
    "Unknown": AlertLevel.YELLOW,
}
ONE_LOWER: Mapping[str, frozenset[str]] = {
    "certainty": frozenset({"Unlikely"}),  # "not expected to occur (p ~ 0)"
    "urgency": frozenset({"Past"}),  # "responsive action is no longer required"
}
"""What makes a warning one level lower, once, and never lower than blue; nothing makes it graver than its severity."""

NAMED = frozenset({"预警级别", "预警等级", "预警颜色", "alertLevel"})
"""The parameters in which an issuer names the colour; the last is our own, so that what leaves comes back the same."""
COLOURS: Mapping[str, AlertLevel] = {
    word: level
    for level, words in {
        AlertLevel.RED: ("红", "红色", "red", "一级", "Ⅰ级", "I级"),
        AlertLevel.ORANGE: ("橙", "橙色", "orange", "二级", "Ⅱ级", "II级"),
        AlertLevel.YELLOW: ("黄", "黄色", "yellow", "三级", "Ⅲ级", "III级"),
        AlertLevel.BLUE: ("蓝", "蓝色", "blue", "四级", "Ⅳ级", "IV级"),
    }.items()
    for word in words
}


def level_of(info: CapInfo) -> AlertLevel:
    """The colour of one info: the one it names, else by the table."""
    for name, value in info.parameters:
        named = COLOURS.get(value.removesuffix("预警")) if name in NAMED else None
        if named is not None:
            return named
    level = BY_SEVERITY[info.severity]
    lower = info.certainty in ONE_LOWER["certainty"] or info.urgency in ONE_LOWER["urgency"]
    return GRAVEST_FIRST[min(GRAVEST_FIRST.index(level) + lower, len(GRAVEST_FIRST) - 1)]


def is_graver(one: AlertLevel, other: AlertLevel) -> bool:
    """Whether one level is graver than another."""
    return GRAVEST_FIRST.index(one) < GRAVEST_FIRST.index(other)
