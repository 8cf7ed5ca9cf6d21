"""Lists on disk: one a day, private, the old ones gone, other people's files left alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from dashboard.paper import shelf

TODAY = date(2026, 11, 22)


def test_a_days_list_is_renewed_in_place_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    shelf.put(folder, TODAY, "早")
    kept = shelf.put(folder, TODAY, "晚")
    assert [path.name for path in folder.iterdir()] == ["2026-11-22.html"]
    assert kept.read_text("utf-8") == "晚"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_lists_past_their_days_go_and_nothing_else_does(tmp_path: Path) -> None:
    for back in range(5):
        shelf.put(tmp_path, TODAY - timedelta(days=back), "x")
    (tmp_path / "note.html").write_text("x")
    assert shelf.forget(tmp_path, TODAY, 3) == ["2026-11-18.html", "2026-11-19.html"]
    assert len(list(tmp_path.iterdir())) == 4
