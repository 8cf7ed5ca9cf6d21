"""The lists kept on disk, one a day: whoever stands before dark screens opens the newest file, on any machine."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path


def put(folder: Path, day: date, text: str) -> Path:
    """Write the day's list in the place of its earlier state, whole or not at all; only its owner may read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept, unfinished = folder / f"{day.isoformat()}.html", folder / f".{day.isoformat()}.html"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.rename(kept)
    return kept


def forget(folder: Path, today: date, days: int) -> list[str]:
    """Remove the lists older than so many days, today's included in the count; the names of those removed."""
    oldest = today - timedelta(days=days - 1)
    old = [path for path in folder.glob("*.html") if (day := _day_of(path)) and day < oldest]
    for path in old:
        path.unlink()
    return sorted(path.name for path in old)


def _day_of(path: Path) -> date | None:
    """The day a file of ours is named after; None for any other file, which is nobody's to remove."""
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None
