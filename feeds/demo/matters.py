"""What people report and how each channel words it, as read from matters.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cases.categories import category_of

DEMO_MATTERS = Path(__file__).with_name("matters.toml")
_BUSY_HOUR = 4.0  # how much more frequent a matter is in its own hours


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of matter: how often, when, by whom and in which words."""

    category: str
    weight: float
    hours: frozenset[int]
    channels: frozenset[str]  # empty: every channel that talks
    phrases: tuple[tuple[str, str], ...]  # title and body that go together
    severities: tuple[float, ...]  # shares of 1 (gravest) to 4

    def frequency(self, hour: int) -> float:
        """How often, relative to other matters, at a local hour."""
        return self.weight * (_BUSY_HOUR if hour in self.hours else 1.0)


@dataclass(frozen=True, slots=True)
class Voice:
    """One channel: its share of the day, its hours, the matters it is limited to and its words."""

    channel: str
    share: float
    hours: frozenset[int]  # empty: the whole day
    only: frozenset[str]  # empty: all matters
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    says: Mapping[str, tuple[str, str]]  # title and body by category, where this channel words it in its own way


@dataclass(frozen=True, slots=True)
class AlertKind:
    """One kind of alert: who raises it, shares of red, orange, yellow and blue, and its words."""

    origin: str
    kind: str
    levels: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """Everything the story can tell. `options` holds, per (channel, hour), the matters and their frequencies."""

    matters: tuple[Matter, ...]
    voices: tuple[Voice, ...]
    alerts: tuple[AlertKind, ...]
    options: Mapping[tuple[str, int], tuple[tuple[Matter, ...], tuple[float, ...]]]

    def voice(self, channel: str) -> Voice:
        """The voice of a channel."""
        return next(voice for voice in self.voices if voice.channel == channel)

    def speaking(self, hour: int) -> tuple[tuple[Voice, ...], tuple[float, ...]]:
        """The channels open at a local hour and their shares."""
        found = tuple(v for v in self.voices if not v.hours or hour in v.hours)
        return found, tuple(v.share for v in found)


@cache
def read_matters(file: Path = DEMO_MATTERS) -> Matters:
    """The matters of a file; the demo's own by default."""
    rows = tomllib.loads(file.read_text("utf-8"))
    voices = tuple(_voice(name, row) for name, row in rows.pop("voices").items())
    alerts = tuple(AlertKind(r["origin"], r["kind"], tuple(r["levels"]), tuple(r["texts"])) for r in rows.pop("alerts"))
    matters = tuple(_matter(category, row) for category, row in rows.items())
    options = {(v.channel, hour): _options(matters, v, hour) for v in voices for hour in range(24)}
    return Matters(matters, voices, alerts, options)


def _voice(name: str, row: Mapping[str, Any]) -> Voice:
    return Voice(
        name,
        row["share"],
        frozenset(row.get("hours", ())),
        frozenset(row.get("only", ())),
        tuple(row["opens"]),
        tuple(row["closes"]),
        {category: (title, body) for category, (title, body) in row.get("says", {}).items()},
    )


def _matter(category: str, row: Mapping[str, Any]) -> Matter:
    return Matter(
        category,
        row["weight"],
        frozenset(row.get("hours", ())),
        frozenset(row.get("channels", ())),
        tuple(zip(row["titles"], row["bodies"], strict=True)),
        tuple(row.get("severity") or _around(category_of(category).severity)),
    )


def _around(usual: int) -> tuple[float, ...]:
    """Mostly the catalogue's severity, now and then one milder; graver only where nobody is hurt yet (3 → 2)."""
    shares = [0.0] * 4
    shares[usual - 1] = 0.85
    shares[min(usual, 3)] += 0.11 if usual < 4 else 0.0
    shares[2 if usual == 4 else max(usual - 2, 1)] += 0.04
    return tuple(shares)


def _options(matters: tuple[Matter, ...], voice: Voice, hour: int) -> tuple[tuple[Matter, ...], tuple[float, ...]]:
    fitting = tuple(
        m
        for m in matters
        if (not voice.only or m.category in voice.only) and (not m.channels or voice.channel in m.channels)
    )
    return fitting, tuple(m.frequency(hour) for m in fitting)
