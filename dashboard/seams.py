"""A wall made of several screens: which panels stand on which, so that none crosses a seam."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

MOST_SCREENS = 9


class Seams(NamedTuple):
    """Columns and rows of screens."""

    columns: int
    rows: int

    @property
    def screens(self) -> int:
        """How many screens there are."""
        return self.columns * self.rows


def seams_of(*wishes: str) -> Seams | None:
    """The first wish of the form 3x1 with two to nine screens; None for a wall without seams."""
    for wish in wishes:
        found = re.fullmatch(r"([1-9])[x×*]([1-9])", wish)
        if found:
            seams = Seams(int(found[1]), int(found[2]))
            return seams if 1 < seams.screens <= MOST_SCREENS else None
    return None


GROUPS: Sequence[Sequence[str]] = (
    ("kpi_bar", "stage_bars", "loop_bars"),
    ("alert_list", "activity"),
    ("case_board",),
    ("worker_roster", "hour_trend"),
    ("stage_bars", "loop_bars"),
    ("activity",),
    ("hour_trend",),
    ("feed_health",),
)
"""What a further screen takes over, in the order in which screens are given away beside the map's."""


def shared_out(seams: Seams) -> list[list[str]]:
    """The panels of each screen, row by row; the map with head and time bar has the middle of the first row.

    Each panel stands once: a later group takes its panels from an earlier one. What has no screen of its own goes to
    the figures' screen, cases to the alerts'.
    """
    given = GROUPS[: seams.screens - 1]
    homes = {name: at for at, group in enumerate(given) for name in group}
    homes.setdefault("case_board", homes.get("alert_list", 0))
    for name in PLACES:
        homes.setdefault(name, 0)
    screens: list[list[str]] = [[] for _ in given]
    for name in PLACES:
        screens[homes[name]].append(name)
    screens.insert((seams.columns - 1) // 2, ["map"])
    return screens


PLACES: Sequence[str] = (
    "alert_list",
    "kpi_bar",
    "stage_bars",
    "loop_bars",
    "worker_roster",
    "hour_trend",
    "case_board",
    "activity",
    "feed_health",
)
"""All panels beside the map's, in the order in which they stand on one screen, top first."""
