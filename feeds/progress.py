"""Where a replay stands: its progress bar, and the state file by which a broken-off one goes on."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_SAVE_EVERY_S = 1.0
_DRAW_EVERY_S = 0.2
_WIDTH = 28


class Progress:
    """Which rows are settled: all up to `done`, and some after it; `began` is the first run's start.

    Frames are made from `began` and the row alone, so that a row sent twice is the same message twice.
    """

    def __init__(self, file: Path, table: str, began: datetime) -> None:
        self._file, self._table = file, table
        self.began, self.done = began, 0
        self._after: set[int] = set()
        self._saved_at = 0.0

    @classmethod
    def resume(cls, file: Path, table: str, now: datetime) -> Progress:
        """What the state file tells of the same table and run; a fresh start where there is none."""
        fresh = cls(file, table, now)
        try:
            kept = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return fresh
        if not isinstance(kept, dict) or kept.get("table") != table:
            return fresh
        fresh.began = datetime.fromisoformat(kept["began"])
        fresh.done, fresh._after = int(kept["done"]), set(kept["after"])
        return fresh

    def is_settled(self, row: int) -> bool:
        """Whether the row has its final answer."""
        return row <= self.done or row in self._after

    def settle(self, row: int) -> None:
        """The row has its final answer."""
        self._after.add(row)
        while self.done + 1 in self._after:
            self.done += 1
            self._after.remove(self.done)
        if time.monotonic() - self._saved_at > _SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write the state file, whole or not at all."""
        self._saved_at = time.monotonic()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        state = {"table": self._table, "began": self.began.astimezone(UTC).isoformat(), "done": self.done}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({**state, "after": sorted(self._after)}), "utf-8")
        os.replace(fresh, self._file)


class Bar:
    """A progress bar on standard error; on anything but a terminal a line every ten seconds."""

    def __init__(self, name: str, out: TextIO = sys.stderr) -> None:
        self._name, self._out = name, out
        self._terminal = out.isatty()
        self._began = time.monotonic()
        self._drawn = -1e9

    def draw(self, part: float, rows: int, finished: bool = False) -> None:
        """Show that `part` (0 to 1) of the file and so many rows are through."""
        now = time.monotonic()
        if not finished and now - self._drawn < (_DRAW_EVERY_S if self._terminal else 10.0):
            return
        self._drawn = now
        full = round(min(part, 1.0) * _WIDTH)
        speed = rows / max(now - self._began, 1e-3)
        line = f"{self._name} [{'█' * full}{'·' * (_WIDTH - full)}] {part:4.0%} {rows:,} 行 {speed:,.0f}/s"
        end = "\n" if finished or not self._terminal else ""
        self._out.write(f"\r{line}{end}" if self._terminal else f"{line}{end}")
        self._out.flush()
