"""Importing a register: a table of text, how its columns are understood, who may, and what is kept of the import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from cases.calendar import LOCAL
from cases.errors import BadAction, NotAllowed
from cases.model import Account, Role
from cases.registers import Load, Reading, Register, meanings, missing

IMPORTERS = frozenset({Role.ADMIN, Role.ANALYST})
"""Who may import through the page; a file speaks of the whole room, so only whoever sees the whole room."""

Row = Mapping[str, str]


class UnreadableFile(ValueError):
    """The file cannot be read at all; the message is for people."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text.

    Rows of a table carry their `__line__` as people see it. `is_placed`: rows carry `__lon__` and `__lat__` from a
    geometry. Either may carry a `__defect__` in words.
    """

    titles: tuple[str, ...]
    rows: list[Row]
    is_placed: bool = False


class RegisterFiles(Protocol):
    """What reads the files that people hand in. Blocking."""

    def sheet(self, name: str, content: bytes) -> Sheet:
        """The table of a file by its name's ending; UnreadableFile says what is wrong with it."""

    def read(self, kind: Register, sheet: Sheet, mapping: Mapping[str, str], crs: str) -> Reading:
        """Every row understood, places in WGS-84 and found in the grids; BadAction for places of an unnamed system."""


def check_importer(account: Account) -> None:
    """NotAllowed unless the account may import."""
    if account.role not in IMPORTERS or account.disabled:
        raise NotAllowed("登记册由管理员或分析员导入")
    if account.area:
        raise NotAllowed("导入会改动全域的登记册，须由全域账号办理")


def mapping_of(
    kind: Register, titles: Sequence[str], given: Mapping[str, str], kept: Mapping[str, str] | None
) -> dict[str, str]:
    """{field: title}: as given over what the titles say, else as kept for these titles; BadAction where unusable."""
    found = {**meanings(kind, titles), **given} if given or kept is None else dict(kept)
    wrong = missing(kind, found, titles)
    if wrong:
        raise BadAction(f"{'；'.join(wrong)}。文件的列：{'、'.join(titles)}", "map")
    return found


def load_of(reading: Reading, file: str, source: str, as_of: str, by: str, now: datetime) -> Load:
    """The import as it is remembered; `as_of` is a local day as YYYY-MM-DD, kept as midnight UTC. Raises BadAction."""
    if not source.strip() or not as_of.strip():
        raise BadAction("入库须写明来源和数据日期", "source")
    try:
        day = date.fromisoformat(as_of.strip())
    except ValueError:
        raise BadAction("数据日期须写成 2026-11-01", "as_of") from None
    if day > now.astimezone(LOCAL).date():
        raise BadAction("数据日期是将来的日期", "as_of")
    at, counts = datetime.combine(day, time(), UTC), (len(reading.records), len(reading.refusals))
    return Load(reading.kind.code, file, source.strip(), at, now, by, *counts)
