"""Cases already made from their rows: one version of a case never changes, so the board need not make it again."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping, Sequence
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

    _kept: dict[_Version, Case] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cases(self, connection: sa.Connection, versions: Sequence[Any]) -> list[Case]:
        """The cases of these rows of VERSION, in their order; what is not remembered is read in the same moment."""
        wanted: list[_Version] = [tuple(row) for row in versions]
        with self._lock:
            found = [self._kept.get(key) for key in wanted]
        missing = {key[0]: key for key, case in zip(wanted, found, strict=True) if case is None}
        fresh = {missing[number]: case for number, case in _read(connection, list(missing))}
        if fresh:
            self._keep(fresh)
        return [fresh[key] if case is None else case for key, case in zip(wanted, found, strict=True)]

    def _keep(self, fresh: Mapping[_Version, Case]) -> None:
        """Remember these; what was made first goes first, and is made again when it is asked for."""
        with self._lock:
            self._kept.update(fresh)
            for key in list(itertools.islice(self._kept, max(0, len(self._kept) - KEPT))):
                del self._kept[key]


def _read(connection: sa.Connection, ids: Sequence[int]) -> Iterable[tuple[int, Case]]:
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = sa.select(cases).where(cases.c.id.in_(ids[start : start + _IDS_A_STATEMENT]))
        for row in connection.execute(some):
            values = tuple(row)
            yield values[0], case_of(values)
