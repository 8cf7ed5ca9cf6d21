"""A writer process: files reports in batches, says each number only after it was committed, and indexes behind that.

python -m tests.contracts.writer URL SOURCE FIRST COUNT
"""

from __future__ import annotations

import sys

from cases.calendar import WorkCalendar
from cases.desk import Desk
from storage.engine import open_engine
from storage.search_tail import TailKeeper
from storage.store import SqlStore
from tests.cases.build import MONDAY_9, report

BATCH = 5


def main(url: str, source: str, first: int, count: int) -> None:
    engine = open_engine(url)
    desk = Desk(SqlStore(engine), WorkCalendar(), lambda changes: None)
    for start in range(first, first + count, BATCH):
        batch = [report(f"{n}", source=source) for n in range(start, min(start + BATCH, first + count))]
        for answer in desk.file(batch, MONDAY_9):
            assert answer.receipt is not None
            print(answer.id, answer.receipt.number, flush=True)
        TailKeeper(engine).step()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
