"""Cases already made from their rows: one version of a case never changes, so the board need not make it again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cases.model import Case
from storage.rows import case_of
from storage.tables import cases

VERSION = (cases.c.id, cases.c.version, cases.c.updated_at)
KEPT = 8192
_IDS_A_STATEMENT = 500

_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class SeenCases:
    """A bounded memory of cases by (id, version, updated_at)."""

    _kept: OrderedDict[_Version, Case] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cases(self, connection: sa.Connection, versions: Sequence[Any]) -> list[Case]:
        """The cases of these rows of VERSION, in their order; what is not remembered is read in the same moment."""
        wanted: list[_Version] = [tuple(row) for row in versions]
        with self._lock:
            known = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
        unknown = {key[0]: key for key in wanted if key not in known}
        fresh = {unknown[number]: case for number, case in _read(connection, list(unknown))}
        with self._lock:
            self._kept.update(fresh)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        known |= fresh
        return [known[key] for key in wanted]


def _read(connection: sa.Connection, ids: Sequence[int]) -> Iterable[tuple[int, Case]]:
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = sa.select(cases).where(cases.c.id.in_(ids[start : start + _IDS_A_STATEMENT]))
        for row in connection.execute(some):
            values = tuple(row)
            yield values[0], case_of(values)
