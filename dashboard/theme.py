"""The tokens of the room: normal is grey, colour is spent on what needs a person. assets/theme.css mirrors them.

`python -m dashboard.theme` prints the block that opens assets/theme.css; a test keeps the two equal. Text has 4.5:1 on
its ground at least, as `contrast` measures.
"""

from __future__ import annotations

from collections.abc import Mapping

DARK: Mapping[str, str] = {
    "ground": "#0b1220",
    "surface": "#121b2d",
    "raised": "#1a2539",
    "line": "#24324a",
    "edge": "#5b6f92",
    "text": "#e8eef8",
    "second": "#a9b8cf",
    "faint": "#8797b0",
    "act": "#5cc8ff",
    "red": "#ff5f57",
    "orange": "#ff9f43",
    "yellow": "#ffd34e",
    "blue": "#57a8ff",
    "late": "#ff5f57",
    "near": "#ffd34e",
    "fine": "#7f8fa8",
    "alarm-ground": "#2d1218",
    "step-0": "#101a2c",
    "step-1": "#17294a",
    "step-2": "#1d3b6b",
    "step-3": "#26528f",
    "step-4": "#356fb8",
}

LIGHT: Mapping[str, str] = {
    "ground": "#f4f6fa",
    "surface": "#ffffff",
    "raised": "#e9eef6",
    "line": "#cdd6e4",
    "edge": "#7485a3",
    "text": "#101a2c",
    "second": "#3f4f69",
    "faint": "#5a6a84",
    "act": "#005f9e",
    "red": "#b3140c",
    "orange": "#8f4700",
    "yellow": "#6b5200",
    "blue": "#0b4fae",
    "late": "#b3140c",
    "near": "#6b5200",
    "fine": "#5a6a84",
    "alarm-ground": "#fbe3e1",
    "step-0": "#eef3fa",
    "step-1": "#d3e2f5",
    "step-2": "#aecbee",
    "step-3": "#7fabdf",
    "step-4": "#4d86c8",
}


def css() -> str:
    """The token block of assets/theme.css: dark for the room, light for the projector."""
    return _block(":root", DARK) + _block(".projector", LIGHT)


def _block(selector: str, tokens: Mapping[str, str]) -> str:
    rows = "".join(f"  --{name}: {value};\n" for name, value in tokens.items())
    return f"{selector} {{\n{rows}}}\n"


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
