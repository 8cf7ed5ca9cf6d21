"""The tokens of the room: normal is grey, colour is spent on what needs a person. assets/theme.css mirrors them.

`python -m dashboard.theme` prints the block that opens assets/theme.css; a test keeps the two equal. `PAIRS` lists
which token is written or drawn on which and the contrast WCAG 2.2 asks of it; a test measures them all in all themes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Tokens = Mapping[str, str]

DARK: Tokens = {
    "ground": "#0b1220",
    "surface": "#121b2d",
    "raised": "#1a2539",
    "line": "#24324a",
    "edge": "#6d81a4",
    "text": "#e8eef8",
    "second": "#a9b8cf",
    "faint": "#8c9cb5",
    "act": "#5cc8ff",
    "on-act": "#0b1220",
    "red": "#ff6b63",
    "orange": "#ff9f43",
    "yellow": "#ffd34e",
    "blue": "#6cb3ff",
    "late": "#ff6b63",
    "near": "#ffd34e",
    "fine": "#8394ae",
    "on-late": "#0b1220",
    "alarm-ground": "#2d1218",
    "step-0": "#111b28",
    "step-1": "#182940",
    "step-2": "#1e3454",
    "step-3": "#233f67",
    "step-4": "#274a7c",
}

LIGHT: Tokens = {
    "ground": "#f4f6fa",
    "surface": "#ffffff",
    "raised": "#e9eef6",
    "line": "#cdd6e4",
    "edge": "#66779a",
    "text": "#101a2c",
    "second": "#3f4f69",
    "faint": "#54647e",
    "act": "#005f9e",
    "on-act": "#ffffff",
    "red": "#b3140c",
    "orange": "#8f4700",
    "yellow": "#6b5200",
    "blue": "#0b4fae",
    "late": "#b3140c",
    "near": "#6b5200",
    "fine": "#5a6a84",
    "on-late": "#ffffff",
    "alarm-ground": "#fbe3e1",
    "step-0": "#eff4fa",
    "step-1": "#d8e5f4",
    "step-2": "#c1d6ef",
    "step-3": "#abc8ea",
    "step-4": "#95b9e6",
}

CONTRAST: Tokens = {
    "ground": "#000000",
    "surface": "#000000",
    "raised": "#16202f",
    "line": "#7f8ca3",
    "edge": "#d5dcea",
    "text": "#ffffff",
    "second": "#e3e9f3",
    "faint": "#cdd6e4",
    "act": "#7fd8ff",
    "on-act": "#000000",
    "red": "#ff958f",
    "orange": "#ffb878",
    "yellow": "#ffe36b",
    "blue": "#a9d2ff",
    "late": "#ff958f",
    "near": "#ffe36b",
    "fine": "#b9c5d8",
    "on-late": "#000000",
    "alarm-ground": "#380408",
    "step-0": "#070e16",
    "step-1": "#112238",
    "step-2": "#183052",
    "step-3": "#1c3c69",
    "step-4": "#204881",
}

THEMES: Mapping[str, Tokens] = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}
"""By the name that `?theme=`, the cookie and `html[data-theme]` use; the first is the room's own."""

PAST: Mapping[str, Tokens] = {
    "dark": {
        "ground": "#1b1526",
        "surface": "#221b30",
        "raised": "#2c233d",
        "line": "#43355a",
        "edge": "#86749f",
        "alarm-ground": "#36142a",
        "past": "#d9b8ff",
        "on-past": "#1b1526",
    },
    "light": {
        "ground": "#f3edfb",
        "surface": "#fbf8ff",
        "raised": "#eae1f6",
        "line": "#d5c8e6",
        "edge": "#7a6496",
        "alarm-ground": "#f9e0e8",
        "past": "#5b2a91",
        "on-past": "#ffffff",
    },
    "contrast": {
        "ground": "#150b20",
        "surface": "#150b20",
        "raised": "#241436",
        "line": "#8a7aa3",
        "edge": "#dcd2ea",
        "alarm-ground": "#3d0618",
        "past": "#e6d0ff",
        "on-past": "#150b20",
    },
}
"""What a theme is on a screen of the past: other grounds, and the colour of its frame and banner."""

NAMES: Mapping[str, str] = {"dark": "深色", "light": "浅色", "contrast": "高对比"}

TEXT, GRAPHIC, STRONG = 4.5, 3.0, 7.0
"""WCAG 2.2: text (1.4.3 AA), symbols and edges of controls (1.4.11 AA); text of the high-contrast theme (1.4.6 AAA)."""

_GROUNDS = ("ground", "surface", "raised")
_WORDS = ("text", "second", "faint", "act", "red", "orange", "yellow", "blue", "late", "near")
_SIGNS = ("red", "orange", "yellow", "blue", "late", "near", "text")
_STEPS = tuple(f"step-{n}" for n in range(5))

PAIRS: Sequence[tuple[str, str, float]] = (
    *((ink, ground, TEXT) for ink in _WORDS for ground in _GROUNDS),
    *((ink, "alarm-ground", TEXT) for ink in ("text", "second", "red", "act")),
    ("on-act", "act", TEXT),
    ("on-late", "late", TEXT),
    *((sign, ground, GRAPHIC) for sign in ("fine", "edge") for ground in _GROUNDS),
    *((sign, step, GRAPHIC) for sign in _SIGNS for step in _STEPS),
)
"""(what is written or drawn, what lies under it, the least contrast)."""

PAST_PAIRS: Sequence[tuple[str, str, float]] = (
    ("on-past", "past", TEXT),
    *(("past", ground, TEXT) for ground in _GROUNDS),
)
"""What a screen of the past has besides."""


def least(pair: tuple[str, str, float], theme: str) -> float:
    """The contrast that a pair needs in a theme: high contrast asks AAA of its text."""
    return STRONG if theme == "contrast" and pair[2] == TEXT else pair[2]


def css() -> str:
    """The token block of assets/theme.css, one rule a theme; the first also where none is named."""
    return "".join(map(_block, THEMES)) + "".join(map(_past_block, THEMES))


def _block(name: str) -> str:
    first = ":root, " if name == next(iter(THEMES)) else ""
    scheme = "light" if name == "light" else "dark"
    return f'{first}[data-theme="{name}"] {{\n  color-scheme: {scheme};\n{_rows(THEMES[name])}}}\n'


def _past_block(name: str) -> str:
    first = ":root[data-past], :root .past, " if name == next(iter(THEMES)) else ""
    return f'{first}[data-theme="{name}"][data-past], [data-theme="{name}"] .past {{\n{_rows(PAST[name])}}}\n'


def _rows(tokens: Tokens) -> str:
    return "".join(f"  --{token}: {value};\n" for token, value in tokens.items())


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two #rrggbb colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


if __name__ == "__main__":
    print(css(), end="")
