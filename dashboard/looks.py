"""How one screen shows itself: its theme, how large its type must be for who reads it, where its seams are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl

from dashboard.theme import DARK, THEMES, Tokens

KEPT = "theme"
"""The cookie that remembers a choice; a page with a theme of its own (`THEME`) remembers in `theme-<that theme>`."""

_CAP = 0.7  # height of a capital or of the body of a Han character, of its type size
_FAR = 200  # what must be read across the room has at least a 200th of the distance
_LEAD = 2  # such a line has twice the size of the smallest text of the wall

USUAL_M = 5.0
MOST_M = 100.0


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks at a wall from where: metres to the farthest reader, the wall's height in metres (0: unknown)."""

    distance_m: float = USUAL_M
    height_m: float = 0.0
    seams: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """A screen's theme, where the choice is remembered, and from where it is read."""

    theme: str
    kept: str
    sight: Sight

    @property
    def tokens(self) -> Tokens:
        """The theme's colours."""
        return THEMES[self.theme]

    def attributes(self) -> str:
        """The attributes of <html>; the theme stands before anything is drawn, so that nothing flashes."""
        values = {"data-theme": self.theme, "data-kept": self.kept, "style": f"--rem: {rem(self.sight)}"}
        return " ".join(f'{name}="{escape(value)}"' for name, value in values.items())


def looks_of(query: str, cookies: Mapping[str, str], sight: Sight, own: str = "") -> Looks:
    """What a request asks for: its address first, then what was remembered, then the page's `own` theme, then dark.

    `?theme=`, `?distance=` and `?height=` (metres) hold for this screen; what they cannot mean is left aside.
    """
    asked = dict(parse_qsl(query))
    kept = f"{KEPT}-{own}" if own else KEPT
    wishes = (asked.get("theme"), cookies.get(kept), own)
    theme = next((wish for wish in wishes if wish in THEMES), next(iter(THEMES)))
    distance = _metres(asked.get("distance")) or sight.distance_m
    return Looks(theme, kept, Sight(distance, _metres(asked.get("height")) or sight.height_m, sight.seams))


def _metres(text: str | None) -> float | None:
    if not text or not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text):
        return None
    return float(text) if 0 < float(text) <= MOST_M else None


def rem(sight: Sight) -> str:
    """The CSS length of the wall's smallest text.

    A wall of known height: from the rule of a 200th of the distance. Else one of 1080 rows is taken to be 1.2 m high,
    one of 2160 rows 1.8 m: twice the rows are partly a sharper picture, partly a bigger wall with room for more.
    """
    if sight.height_m:
        return f"calc(100vh * {sight.distance_m / sight.height_m / (_FAR * _CAP * _LEAD):.5f})"
    return f"calc(min(100vh / 67.5, 10.6px + .5vh) * {sight.distance_m / USUAL_M:.4g})"


def least_px(sight: Sight, rows: int) -> float:
    """The same in pixels of a wall with so many rows of them."""
    if sight.height_m:
        return rows * sight.distance_m / sight.height_m / (_FAR * _CAP * _LEAD)
    return min(rows / 67.5, 10.6 + rows * 0.005) * sight.distance_m / USUAL_M


def plain_style(tokens: Tokens = DARK) -> str:
    """The custom properties of one theme, for a page outside Dash that carries its own style."""
    return ":root{" + "".join(f"--{name}:{value};" for name, value in tokens.items()) + "}"
