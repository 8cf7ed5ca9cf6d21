"""Scheduled reports: what is due is made by a process of its own, so that nothing arriving waits for a report."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import reporting
from room import Room
from settings import BadSetting

log = logging.getLogger("room.reports")
APP = Path(__file__).resolve().parent.parent / "app.py"
LONGEST_S = 1800


def keep_reports(room: Room, at: datetime) -> None:
    """Make and post what is due, or was made and not posted. Blocking; called by the leader only."""
    try:
        waiting = room.settings.mail_url and reporting.outbox_of(room.settings).unposted()
        if not waiting and not reporting.due(room.settings, at):
            return
        command = [sys.executable, str(APP), "report", "due"]
        made = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)  # noqa: S603
    except (BadSetting, OSError, subprocess.TimeoutExpired) as problem:
        log.warning("reports were not made: %s", problem)
        return
    if made.returncode:
        log.warning("reports were not all made or sent: %s", made.stderr.strip()[-500:])
