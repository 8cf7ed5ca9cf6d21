"""A room's database without a row, at the present schema: migrated once a process, copied wherever one is wanted."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from storage.engine import Engine, open_engine
from storage.migrate import upgrade


@cache
def _content() -> bytes:
    with tempfile.TemporaryDirectory(prefix="empty-") as folder:
        path = Path(folder) / "room.sqlite"
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.close()  # carries the log over: the file alone is the database
        return path.read_bytes()


def empty_database(path: Path) -> Engine:
    """Put one at `path` and open it."""
    path.write_bytes(_content())
    return open_engine(f"sqlite:///{path}")
