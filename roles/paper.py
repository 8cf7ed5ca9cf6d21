"""The paper fallback: today's list of open cases in DATA_DIR/paper, kept current, and at midnight left for good."""

from __future__ import annotations

import logging
from datetime import datetime

from cases.calendar import LOCAL
from cases.model import EVERYWHERE
from dashboard.paper import open_list, shelf
from dashboard.paper.open_list import OpenCases
from room import Room

log = logging.getLogger("room.paper")


def keep_paper(room: Room, at: datetime) -> None:
    """Write the whole room's list and remove those past PAPER_DAYS; none at all with 0. Blocking.

    Workers stand with their full names, for people must reach them; who reported is on no list. A disk that takes no
    file is logged and tried again: the room goes on.
    """
    days = room.settings.paper_days
    if days <= 0:
        return
    folder, today = room.settings.data_dir / "paper", at.astimezone(LOCAL).date()
    units, workers = open_list.names(room.directory.units(), room.directory.workers(EVERYWHERE), str)
    cases = room.views.board(EVERYWHERE, open_list.WHOLE)
    try:
        shelf.put(folder, today, open_list.document(OpenCases(cases, room.grids, "", units, workers, room.title, at)))
        shelf.forget(folder, today, days)
    except OSError as problem:
        log.warning("the paper list was not written: %s", problem)
